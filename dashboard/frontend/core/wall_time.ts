/**
 * Local wall times and instants; the same rules as `wall_time.py`. A time that a change of clocks
 * skips is read by the offset before it, one that occurs twice is its first. A moment without a zone,
 * or in one that nobody knows, is read in the viewer's.
 */

import { Temporal } from "temporal-polyfill";
import type { When } from "./recurrence_types";
import { isDay } from "./when";

export const DAY_MS = 86_400_000;

/** Years are written with four digits, in any zone. */
const FIRST_MS = Date.parse("0001-01-02T00:00Z");
const LAST_MS = Date.parse("9999-12-30T23:59:59Z");

/** An offset is no zone: it has no changes of clocks, and Python does not read it as one. */
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+/-]*$/;
const KNOWN = new Map<string, boolean>();

export function isZone(zone: string): boolean {
  const known = KNOWN.get(zone) ?? (ZONE_NAME.test(zone) && canBeRead(zone));
  KNOWN.set(zone, known);
  return known;
}

function canBeRead(zone: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}

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
  if (!isZone(zone)) return wallOf(moment);
  const wall = Temporal.PlainDateTime.from(moment);
  return wall.toZonedDateTime(zone, { disambiguation: "compatible" }).epochMilliseconds;
}

/** The wall time of an instant in a zone. */
export function momentAt(ms: number, zone: string): string {
  if (!isZone(zone)) return momentOf(ms, false);
  const bounded = Math.min(Math.max(Math.floor(ms), FIRST_MS), LAST_MS);
  const at = Temporal.Instant.fromEpochMilliseconds(bounded).toZonedDateTimeISO(zone);
  return momentOf(bounded + Math.floor(at.offsetNanoseconds / 1_000_000), false);
}

/** The zone whose clock an event goes by, seen from the viewer's. */
export function clockOf([, , zone]: When, viewerZone: string): string {
  return isZone(zone) ? zone : viewerZone;
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
