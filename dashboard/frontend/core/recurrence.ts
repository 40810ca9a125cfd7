/**
 * What takes place between two days, and what becomes of a series that is cut in two. Series that
 * the editor can make are expanded here, the same as by `recurrence.py`; others by the server
 * (`store/served_occurrences.ts`).
 */

import type { Exception, Exceptions, Occurrence, SeriesEvent, When } from "./recurrence_types";
import { isServed, LIMITS, type Limits, repeats, startsOf } from "./series_starts";
import { DAY_MS, instantOf, offsetMs, startingAt, wallOf } from "./wall_time";
import { isDay, isZone } from "./when";

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
  if (!repeats(event) && !span.mayTouch(event.when)) return { occurrences: [], cut: false };
  const starts = startsOf(event);
  const own = repeats(event) ? exceptions : {};
  const [first, last] = span.walls(event.when);
  const { walls, cut } = starts.between(first - starts.lengthMs, last, limits);
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

/** The days that are looked at, as instants and as wall times of an event's own clock. */
class Span {
  readonly #fromMs: number;
  readonly #toMs: number;
  readonly #fromWall: number;
  readonly #toWall: number;

  constructor(
    from: string,
    to: string,
    private readonly zone: string,
  ) {
    this.#fromMs = instantOf(from, zone);
    this.#toMs = instantOf(to, zone);
    this.#fromWall = wallOf(from);
    this.#toWall = wallOf(to);
  }

  /**
   * The first and the last wall time of what may start inside. Where clocks change, a start that they
   * skip lies as much before the time that it is read as.
   */
  walls(when: When): [first: number, last: number] {
    const zone = this.#clock(when);
    const around = [-1, 1].map((days) => offsetMs(this.#fromMs + days * DAY_MS, zone));
    const room = Math.abs((around[1] ?? 0) - (around[0] ?? 0));
    const [first, last] = [this.#fromMs, this.#toMs].map((at) => at + offsetMs(at, zone));
    return [(first ?? 0) - room, last ?? 0];
  }

  /** Cheap, before any zone is asked, with room for any offset. */
  mayTouch([start, end]: When): boolean {
    return wallOf(start) <= this.#toWall + 2 * DAY_MS && wallOf(end) >= this.#fromWall - 2 * DAY_MS;
  }

  /** `lengthMs` is null where the end says it. */
  place(occurrence: Occurrence, lengthMs: number | null): Placed {
    const [start, end, own] = occurrence.when;
    const zone = this.#clock(occurrence.when);
    const startMs = instantOf(start, zone);
    const isByEnd = lengthMs === null || zone !== own;
    return { occurrence, startMs, endMs: isByEnd ? instantOf(end, zone) : startMs + lengthMs };
  }

  #clock([start, , zone]: When): string {
    return !isDay(start) && isZone(zone) ? zone : this.zone;
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
