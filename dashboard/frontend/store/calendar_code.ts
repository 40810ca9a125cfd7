/**
 * How a calendar becomes a store is code that comes with the first calendar that is shown: it knows
 * rules and zones, and those are larger than all the rest. `store/page_calendars.ts` brings it here when
 * it is loaded. The place is on `globalThis`, because a page may load the bundle under two addresses.
 */

import type * as Y from "yjs";
import type { StoreApi } from "zustand/vanilla";
import type { SharedDocument } from "../core/document";
import type { CalendarState } from "./calendar_types";
import type { Author } from "./project_actions";
import type { ServedOccurrences, ServedOptions } from "./served_occurrences";
import type { Held } from "./types";

export interface CalendarCode {
  readonly store: (document: SharedDocument, author: Author) => StoreApi<CalendarState>;
  readonly served: (options: ServedOptions) => Held<ServedOccurrences>;
}

const PLACE = Symbol.for("moim.calendar.code");

type Place = { [PLACE]?: CalendarCode };

export function bringCalendarCode(code: CalendarCode): void {
  (globalThis as Place)[PLACE] ??= code;
}

export function calendarCode(): CalendarCode {
  const code = (globalThis as Place)[PLACE];
  if (code === undefined)
    throw new Error(
      "client.calendar: the code of calendars is not loaded; import store/page_calendars.ts first",
    );
  return code;
}

/** What a new calendar begins with: the zone of its maker. */
export function beginCalendar(doc: Y.Doc): void {
  doc.getMap("info").set("zone", Intl.DateTimeFormat().resolvedOptions().timeZone);
}
