/** What a view may read of a calendar and do in it; the store is made by `store/calendar.ts`. */

import type { EventCopy } from "./event_copy";
import type { Undoable } from "./undoable";

/**
 * `[start, end, zone]`: dates (all day, the end is the day after the last) or local wall times
 * `YYYY-MM-DDThh:mm[:ss]`; the zone is an IANA name, or empty. See docs/documents.md.
 */
export type When = readonly [start: string, end: string, zone: string];

export type EventStatus = "confirmed" | "tentative" | "cancelled";

/** An event or a series, as it stands in the document. Unset registers are null. */
export interface CalendarEvent {
  readonly id: string;
  readonly title: string;
  readonly when: When;
  /** The value of one RRULE. */
  readonly rule: string | null;
  /** Further recurrence lines of an import: such a series is expanded by the server only. */
  readonly extra: string | null;
  readonly location: string | null;
  readonly url: string | null;
  readonly status: EventStatus | null;
  readonly members: readonly string[];
  readonly uid: string | null;
  readonly deleted: readonly [who: string, atMs: number] | null;
}

export type EventPatch = Partial<
  Pick<CalendarEvent, "title" | "when" | "rule" | "extra" | "location" | "url" | "status">
>;

/** What is different in one event of a series; null: as in the series. */
export interface Exception {
  readonly excluded: boolean;
  readonly title: string | null;
  readonly when: When | null;
  readonly location: string | null;
  readonly notes: string | null;
  readonly status: EventStatus | null;
}

export type ExceptionPatch = Partial<Exception>;

/** By recurrence id: the start that the rule gives, in the form of `When`. */
export type Exceptions = Readonly<Record<string, Exception>>;

export type { EventCopy, Undoable };

export interface CalendarState {
  /** False until content came from this device or from the server. */
  readonly ready: boolean;
  /** `unknown`: the server has no such calendar; `refused`: it may not be opened. */
  readonly missing: null | "unknown" | "refused";
  readonly description: string;
  /** The zone of new events; null: where the person is. */
  readonly zone: string | null;
  readonly events: Readonly<Record<string, CalendarEvent>>;
  /** By event id. */
  readonly exceptions: Readonly<Record<string, Exceptions>>;
  /** Events with edits that are not yet on the server's disk. */
  readonly unsent: ReadonlySet<string>;

  /** All actions throw InvalidValue and write nothing when the schema or a rule forbids a value. */
  addEvent(fields: EventPatch & Pick<CalendarEvent, "title" | "when">): string;
  setEvent(id: string, patch: EventPatch): void;
  toggleMember(id: string, person: string): void;
  deleteEvent(id: string): void;
  restoreEvent(id: string): void;
  /** Changes one event of a series; `null` values go back to what the series says. */
  setException(id: string, recurrenceId: string, patch: ExceptionPatch): void;
  /** One event of a series as the series has it again. */
  clearException(id: string, recurrenceId: string): void;
  setInfo(patch: Partial<{ description: string; zone: string | null }>): void;
  /** An event with its notes and exceptions; undefined when there is no such event. */
  copyOf(id: string): EventCopy | undefined;
  addCopy(copy: EventCopy): string;
  /**
   * Runs several actions as one transaction that can be taken back. They do not see each other's
   * results: what the store says changes when all are done. Not to be nested.
   */
  together<T>(run: () => T): Undoable<T>;
}

/** One thing that takes place: an event, or one event of a series, with its exception applied. */
export interface Occurrence {
  readonly event: string;
  /** null: the event does not repeat. */
  readonly recurrenceId: string | null;
  readonly when: When;
  readonly title: string;
  readonly location: string | null;
  readonly status: EventStatus | null;
  /** True: it differs from its series. */
  readonly isException: boolean;
}
