/** The dates of a series, as far as they are counted and shown before a change. */

import { LIMITS } from "../../core/recurrence";
import type { Exceptions, SeriesEvent, When } from "../../core/recurrence_types";
import { isServed, startsOf } from "../../core/series_starts";
import { startingAt, wallOf } from "../../core/wall_time";

const LAST_WALL = Date.parse("9999-12-30T00:00Z");

export interface SeriesCounts {
  /** null: it does not end, or nobody can count it here. */
  readonly all: number | null;
  /** After the one in question. */
  readonly later: number | null;
}

/** Events that take place: what was excluded does not count. */
export function countsOf(
  event: SeriesEvent,
  exceptions: Exceptions,
  recurrenceId: string,
): SeriesCounts {
  const ends = /COUNT=|UNTIL=/i.test(event.rule ?? "");
  if (isServed(event) || !ends) return { all: null, later: null };
  const starts = startsOf(event);
  const { walls, cut } = starts.all(LIMITS);
  if (cut) return { all: null, later: null };
  const there = walls.filter((wall) => !exceptions[starts.written(wall)]?.excluded);
  const at = wallOf(recurrenceId);
  return { all: there.length, later: there.filter((wall) => wall > at).length };
}

/** The next times that the rule gives, from a moment on; exceptions are not looked at. */
export function nextWhens(event: SeriesEvent, from: string, most: number): readonly When[] {
  if (isServed(event)) return [];
  const starts = startsOf(event);
  const { walls } = starts.between(wallOf(from), LAST_WALL, { ...LIMITS, most });
  return walls.map((wall) => startingAt(starts.written(wall), starts.lengthMs, event.when[2]));
}

/** A series that is not there, to see what its rule gives. */
export function imagined(when: When, rule: string | null): SeriesEvent {
  const nothing = { extra: null, location: null, status: null, deleted: null };
  return { id: "imagined", title: "", when, rule, ...nothing };
}
