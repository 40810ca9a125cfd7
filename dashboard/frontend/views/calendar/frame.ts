/** What a calendar is asked to show; the shell, a page's cell and a Panel model hold the same store. */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { CalendarViewName } from "../../store/page_types";

export interface CalendarParams {
  /** Ids, overlaid; the first that is not hidden takes new events. */
  readonly calendars: readonly string[];
  /** Projects whose dated cards are shown. */
  readonly projects: readonly string[];
  /** `calendar/<id>` and `project/<id>` that the person has switched off. */
  readonly hidden: readonly string[];
  /** A day that the view holds, `YYYY-MM-DD`; empty: today. */
  readonly date: string;
  readonly view: CalendarViewName;
  /** `calendar/<id>/<event>` or `project/<id>/<card>`. */
  readonly selection: string | null;
  readonly readonly: boolean;
}

export type CalendarFrame = StoreApi<CalendarParams>;

export function calendarFrame(params: Partial<CalendarParams> = {}): CalendarFrame {
  return createStore<CalendarParams>(() => ({
    calendars: [],
    projects: [],
    hidden: [],
    date: "",
    view: "week",
    selection: null,
    readonly: false,
    ...params,
  }));
}
