/** What the event editor edits, whether the event is there already or only about to be. */

import { isServed, startsOf } from "../../core/series_starts";
import { lengthOf, startingAt, wallOf } from "../../core/wall_time";
import type {
  CalendarEvent,
  EventPatch,
  EventStatus,
  Exceptions,
  When,
} from "../../store/calendar_types";
import type { WordKey } from "../language";

export interface EventFields {
  readonly calendar: string;
  readonly title: string;
  readonly when: When;
  readonly rule: string | null;
  /** True: rules of an import that only the server expands. */
  readonly isExotic: boolean;
  readonly location: string | null;
  readonly url: string | null;
  readonly status: EventStatus | null;
  readonly members: readonly string[];
}

export type FieldsPatch = Partial<Omit<EventFields, "members" | "isExotic">>;

export const STATUSES: readonly EventStatus[] = ["confirmed", "tentative", "cancelled"];

/** Fields that one event of a series may have of its own. */
const OWN_FIELDS = ["title", "when", "location", "status"] as const;

/** What takes place on one day of a series, or the event itself. */
export function fieldsOf(
  calendar: string,
  event: CalendarEvent,
  recurrenceId: string | null,
  exceptions: Exceptions | undefined,
): EventFields {
  const own = recurrenceId === null ? undefined : exceptions?.[recurrenceId];
  return {
    calendar,
    title: own?.title ?? event.title,
    when: own?.when ?? (recurrenceId === null ? event.when : ruledWhen(event, recurrenceId)),
    rule: event.rule,
    isExotic: event.extra !== null,
    location: own?.location ?? event.location,
    url: event.url,
    status: own?.status ?? event.status,
    members: event.members,
  };
}

/** When the rule has one event of a series: its recurrence id is its start, the length is the series'. */
export function ruledWhen({ when }: CalendarEvent, recurrenceId: string): When {
  return startingAt(recurrenceId, lengthOf(when), when[2]);
}

/** False for one of a series that somebody took out, or moved with the whole series. */
export function takesPlace(
  event: CalendarEvent,
  recurrenceId: string | null,
  exceptions: Exceptions | undefined,
): boolean {
  if (recurrenceId === null) return true;
  if (!isSeries(event) || exceptions?.[recurrenceId]?.excluded) return false;
  return isServed(event) || startsOf(event).includes(wallOf(recurrenceId));
}

export function isSeries({ rule, extra }: Pick<CalendarEvent, "rule" | "extra">): boolean {
  return rule !== null || extra !== null;
}

/** True when a change has to be asked about: for one event of a series, some, or all. */
export function concernsSeries(patch: EventPatch): boolean {
  return "rule" in patch || OWN_FIELDS.some((name) => name in patch);
}

/** A link as it is kept, null for nothing; undefined for what is no address of a page. */
export function urlOf(typed: string): string | null | undefined {
  const text = typed.trim();
  if (text === "") return null;
  const full = /^[\w-]+(\.[\w-]+)+([/:?#]|$)/.test(text) ? `https://${text}` : text;
  if (!/^(https?:\/\/|mailto:)/i.test(full) || /\s/.test(full)) return undefined;
  return URL.canParse(full) ? full : undefined;
}

/** Text as it is kept, null for nothing. */
export function textOf(typed: string): string | null {
  return typed.trim() === "" ? null : typed.trim();
}

export const STATUS_WORDS: Readonly<Record<EventStatus, WordKey>> = {
  confirmed: "event.confirmed",
  tentative: "event.tentative",
  cancelled: "event.cancelled",
};
