/** The next dates of a series, as they are shown before a change. */

import { LIMITS } from "../../core/recurrence";
import type { SeriesEvent, When } from "../../core/recurrence_types";
import { isServed, startsOf } from "../../core/series_starts";
import { startingAt, wallOf } from "../../core/wall_time";

const LAST_WALL = Date.parse("9999-12-30T00:00Z");

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
