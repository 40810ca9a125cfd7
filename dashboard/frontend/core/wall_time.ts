/**
 * Local wall times and instants; the same rules as `wall_time.py`. A time that a change of clocks
 * skips is read by the offset before it, one that occurs twice is its first. A moment without a zone,
 * or in one that nobody knows, is read in the viewer's.
 */

import { Temporal } from "temporal-polyfill";
import type { When } from "./recurrence_types";
import { isDay, isZone } from "./when";

export const DAY_MS = 86_400_000;

/** Years are written with four digits, in any zone. */
const FIRST_MS = Date.parse("0001-01-02T00:00Z");
const LAST_MS = Date.parse("9999-12-30T23:59:59Z");

/** A wall time or date as if clocks never changed: what rules count in. ms since 1970-01-01T00:00. */
export function wallOf(moment: string): number {
  return Date.parse(isDay(moment) ? `${moment}T00:00Z` : `${moment}Z`);
}

/** Seconds are written only where they are not zero. */
export function momentOf(wallMs: number, asDay: boolean): string {
  const text = new Date(Math.min(Math.max(wallMs, FIRST_MS), LAST_MS)).toISOString();
  if (asDay) return text.slice(0, 10);
  return text.slice(17, 19) === "00" ? text.slice(0, 16) : text.slice(0, 19);
}

/** The instant, in ms, of a wall time or of the first moment of a date in a zone. */
export function instantOf(moment: string, zone: string): number {
  const wall = wallOf(moment);
  if (!isZone(zone)) return wall;
  const day = Math.floor(wall / DAY_MS);
  const steady = steadyOffset(day, zone);
  const isSteady = [day - 1, day + 1].every((other) => steadyOffset(other, zone) === steady);
  if (steady !== null && isSteady) return wall - steady;
  const exact = Temporal.PlainDateTime.from(moment);
  return exact.toZonedDateTime(zone, { disambiguation: "compatible" }).epochMilliseconds;
}

/** The wall time of an instant in a zone. */
export function momentAt(ms: number, zone: string): string {
  return momentOf(ms + offsetMs(ms, zone), false);
}

/** What a zone's clock shows more than UTC at an instant. */
export function offsetMs(ms: number, zone: string): number {
  if (!isZone(zone)) return 0;
  return steadyOffset(Math.floor(ms / DAY_MS), zone) ?? exactOffset(ms, zone);
}

/**
 * The offset of a whole day of UTC; null where clocks change in it. A calendar asks thousands of times
 * about the same few days, and the library takes a while.
 */
function steadyOffset(day: number, zone: string): number | null {
  const days = OFFSETS.get(zone) ?? new Map<number, number | null>();
  if (days.size === 0) OFFSETS.set(zone, days);
  const known = days.get(day);
  if (known !== undefined) return known;
  const [first, last] = [day, day + 1].map((at) => exactOffset(at * DAY_MS, zone));
  const steady = first !== undefined && first === last ? first : null;
  days.set(day, steady);
  return steady;
}

const OFFSETS = new Map<string, Map<number, number | null>>();

function exactOffset(ms: number, zone: string): number {
  const bounded = Math.min(Math.max(Math.floor(ms), FIRST_MS), LAST_MS);
  const at = Temporal.Instant.fromEpochMilliseconds(bounded).toZonedDateTimeISO(zone);
  return at.offsetNanoseconds / 1_000_000;
}

/** The same time on the clock of another zone. Days, and times that every clock shows, stay. */
export function inZone(when: When, zone: string): When {
  const [start, end, own] = when;
  if (isDay(start) || !isZone(own)) return when;
  const [first, last] = [instantOf(start, own), instantOf(end, own)];
  return ordered(momentAt(first, zone), momentAt(last, zone), zone);
}

/**
 * What begins and ends in the hour that occurs twice may end, on the clock, before it began; then
 * it ends when it begins.
 */
export function ordered(start: string, end: string, zone: string): When {
  return [start, end < start ? start : end, zone];
}

/** How long it takes, in ms: exact where it goes by a zone's clock, else as calendars show it. */
export function lengthOf([start, end, zone]: When): number {
  const at = (moment: string) => (isZone(zone) ? instantOf(moment, zone) : wallOf(moment));
  return Math.max(0, at(end) - at(start));
}

/** The same length from another start of the same form. */
export function startingAt(start: string, lengthMs: number, zone: string): When {
  if (isDay(start) || !isZone(zone))
    return [start, momentOf(wallOf(start) + lengthMs, isDay(start)), zone];
  return ordered(start, momentAt(instantOf(start, zone) + lengthMs, zone), zone);
}
