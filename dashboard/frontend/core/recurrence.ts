/**
 * What takes place between two days, and what becomes of a series that is cut in two. Series that
 * the editor can make are expanded here, the same as by `recurrence.py`; others by the server
 * (`store/served_occurrences.ts`).
 */

import type { Exception, Exceptions, Occurrence, SeriesEvent, When } from "./recurrence_types";
import { isServed, LIMITS, type Limits, repeats, startsOf } from "./series_starts";
import { clockOf, DAY_MS, instantOf, startingAt, wallOf } from "./wall_time";
import { isDay } from "./when";

export { type Nth, parseRule, type RuleParts, ruleOf, WEEKDAYS, type Weekday } from "./rule";
export {
  movedRule,
  movedStarts,
  ruleEndedBefore,
  ruleFrom,
  type SeriesSize,
  seriesSize,
  seriesWhen,
  splitId,
} from "./series";
export { isServed, LIMITS, type Limits, repeats } from "./series_starts";
export { instantOf, inZone, momentAt } from "./wall_time";

export interface Expansion {
  readonly occurrences: Occurrence[];
  /** True: there are more, and a limit was met. */
  readonly cut: boolean;
}

/**
 * Everything of an event that touches the local days [from, to) of the viewer's zone, sorted by
 * start. Nothing of a series that `isServed` names.
 */
export function occurrencesBetween(
  event: SeriesEvent,
  exceptions: Exceptions,
  from: string,
  to: string,
  zone: string,
): Occurrence[] {
  return expansionBetween(event, exceptions, from, to, zone).occurrences;
}

/** As `occurrencesBetween`, with the word whether that is all. */
export function expansionBetween(
  event: SeriesEvent,
  exceptions: Exceptions,
  from: string,
  to: string,
  zone: string,
  limits: Limits = LIMITS,
): Expansion {
  if (event.deleted !== null || isServed(event)) return { occurrences: [], cut: false };
  const span = new Span(from, to, zone);
  const starts = startsOf(event);
  const own = repeats(event) ? exceptions : {};
  const earliest = span.fromWall - starts.lengthMs;
  const { walls, cut } = starts.between(earliest, span.toWall, limits);
  const placed: Placed[] = [];
  for (const wall of walls) {
    const id = starts.written(wall);
    const exception = own[id];
    if (exception?.excluded || exception?.when) continue;
    const isFirst = wall === starts.firstWall;
    const when = isFirst ? event.when : startingAt(id, starts.lengthMs, event.when[2]);
    placed.push(span.place(occurrence(event, id, when, exception), starts.lengthMs));
  }
  for (const [id, exception] of Object.entries(own)) {
    if (exception.excluded || !exception.when || !span.mayTouch(exception.when)) continue;
    if (isDay(id) !== starts.asDay || !starts.includes(wallOf(id))) continue;
    placed.push(span.place(occurrence(event, id, exception.when, exception), null));
  }
  return { occurrences: sorted(placed.filter((one) => span.isTouchedBy(one))), cut };
}

interface Placed {
  readonly occurrence: Occurrence;
  readonly startMs: number;
  readonly endMs: number;
}

/** The days that are looked at, as instants and, with room for any offset, in wall time. */
class Span {
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly fromWall: number;
  readonly toWall: number;

  constructor(
    from: string,
    to: string,
    private readonly zone: string,
  ) {
    this.#fromMs = instantOf(from, zone);
    this.#toMs = instantOf(to, zone);
    this.fromWall = wallOf(from) - 2 * DAY_MS;
    this.toWall = wallOf(to) + 2 * DAY_MS;
  }

  /** Cheap, before any zone is asked. */
  mayTouch([start, end]: When): boolean {
    return wallOf(start) <= this.toWall && wallOf(end) >= this.fromWall;
  }

  /** `lengthMs` is null where the end says it. */
  place(occurrence: Occurrence, lengthMs: number | null): Placed {
    const [start, end] = occurrence.when;
    const zone = clockOf(occurrence.when, this.zone);
    const startMs = instantOf(start, zone);
    const goesByClock = isDay(start) || zone !== occurrence.when[2];
    const endMs = lengthMs === null || goesByClock ? instantOf(end, zone) : startMs + lengthMs;
    return { occurrence, startMs, endMs };
  }

  isTouchedBy({ startMs, endMs }: Placed): boolean {
    return startMs < this.#toMs && (endMs > this.#fromMs || startMs >= this.#fromMs);
  }
}

function occurrence(
  event: SeriesEvent,
  id: string,
  when: When,
  exception: Exception | undefined,
): Occurrence {
  return {
    event: event.id,
    recurrenceId: repeats(event) ? id : null,
    when,
    title: exception?.title ?? event.title,
    location: exception?.location ?? event.location,
    status: exception?.status ?? event.status,
    isException: exception !== undefined,
  };
}

function sorted(placed: Placed[]): Occurrence[] {
  const name = ({ occurrence: { recurrenceId } }: Placed) => recurrenceId ?? "";
  placed.sort((a, b) => a.startMs - b.startMs || (name(a) < name(b) ? -1 : 1));
  return placed.map(({ occurrence }) => occurrence);
}
