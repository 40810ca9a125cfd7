/** Events, series and what takes place, as far as recurrence needs them; see docs/documents.md. */

/**
 * `[start, end, zone]`: dates (all day, the end is the day after the last) or local wall times
 * `YYYY-MM-DDThh:mm[:ss]`; the zone is an IANA name, or empty. See docs/documents.md.
 */
export type When = readonly [start: string, end: string, zone: string];

export type EventStatus = "confirmed" | "tentative" | "cancelled";

/** What of an event decides when it takes place, and what its occurrences show. */
export interface SeriesEvent {
  readonly id: string;
  readonly title: string;
  readonly when: When;
  /** The value of one RRULE. */
  readonly rule: string | null;
  /** Further recurrence lines of an import: such a series is expanded by the server only. */
  readonly extra: string | null;
  readonly location: string | null;
  readonly status: EventStatus | null;
  readonly deleted: readonly [who: string, atMs: number] | null;
}

/** What is different in one event of a series; null: as in the series. */
export interface Exception {
  readonly excluded: boolean;
  readonly title: string | null;
  readonly when: When | null;
  readonly location: string | null;
  readonly notes: string | null;
  readonly status: EventStatus | null;
}

/** By recurrence id: the start that the rule gives, in the form of `When`. */
export type Exceptions = Readonly<Record<string, Exception>>;

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
