/** What a view may read of a calendar and do in it; the store is made by `store/calendar.ts`. */

import type {
  EventStatus,
  Exception,
  Exceptions,
  Occurrence,
  SeriesEvent,
  When,
} from "../core/recurrence_types";
import type { Role } from "../core/role";
import type { EventCopy } from "./event_copy";
import type { Undoable } from "./undoable";

export type { EventStatus, Exception, Exceptions, Occurrence, When };

/** An event or a series, as it stands in the document. Unset registers are null. */
export interface CalendarEvent extends SeriesEvent {
  readonly url: string | null;
  readonly members: readonly string[];
  readonly uid: string | null;
}

export type EventPatch = Partial<
  Pick<CalendarEvent, "title" | "when" | "rule" | "extra" | "location" | "url" | "status">
>;

export type ExceptionPatch = Partial<Exception>;

export type { EventCopy, Undoable };

export interface CalendarState {
  /** False until content came from this device or from the server. */
  readonly ready: boolean;
  /** `unknown`: the server has no such calendar; `refused`: it may not be opened. */
  readonly missing: null | "unknown" | "refused";
  /** A viewer's actions write nothing. */
  readonly role: Role;
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
  /** Changes all of a series; exceptions stay with the events that they are of when times move. */
  setSeries(id: string, patch: EventPatch): void;
  /**
   * Changes one event of a series and all that follow: the series ends before it and another one
   * begins there, whose id is given. `patch.when` is the time of that event. The same split made by
   * two people gives one series.
   */
  splitSeries(id: string, recurrenceId: string, patch: EventPatch): string;
  /** Takes one event of a series and all that follow out. */
  endSeries(id: string, recurrenceId: string): void;
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
