/** How large a series is, and what its rule becomes when it ends, is cut in two, or moves. */

import type { Exceptions, SeriesEvent, When } from "./recurrence_types";
import {
  inOrder,
  type Nth,
  parseRule,
  type RuleParts,
  ruleFields,
  ruleOf,
  ruleText,
  WEEKDAYS,
  type Weekday,
  weekdayOf,
} from "./rule";
import { isServed, LIMITS, type Limits, startsOf } from "./series_starts";
import { DAY_MS, lengthOf, momentOf, startingAt, wallOf } from "./wall_time";
import { isDay } from "./when";

export interface SeriesSize {
  /** From one of a series on, that one included; null: endless, or more than anybody counts. */
  readonly following: number | null;
  readonly all: number | null;
  /** Of all, those that differ from the series. */
  readonly exceptions: number;
}

/** What takes place of a series: what is excluded does not count. */
export function seriesSize(
  event: SeriesEvent,
  exceptions: Exceptions,
  recurrenceId: string,
  limits: Limits = LIMITS,
): SeriesSize {
  const changed = Object.entries(exceptions).filter(([, { excluded }]) => !excluded);
  const kept = (id: string) => !exceptions[id]?.excluded;
  if (!ends(event)) return { following: null, all: null, exceptions: changed.length };
  const starts = startsOf(event);
  const { walls, cut } = starts.all(limits);
  if (cut) return { following: null, all: null, exceptions: changed.length };
  const ids = walls.map((wall) => starts.written(wall)).filter(kept);
  return {
    following: ids.filter((id) => id >= recurrenceId).length,
    all: ids.length,
    exceptions: ids.filter((id) => exceptions[id] !== undefined).length,
  };
}

function ends(event: SeriesEvent): boolean {
  if (isServed(event)) return false;
  return !event.rule || (parseRule(event.rule)?.end ?? null) !== null;
}

/** The rule of the part of a series before one of it: it ends the day before. */
export function ruleEndedBefore(event: SeriesEvent, recurrenceId: string): string {
  const until = momentOf(wallOf(recurrenceId.slice(0, 10)) - DAY_MS, true);
  return withEnd(event.rule ?? "", { until });
}

/** The rule of the part of a series from one of it on: the rest of a count, else the same. */
export function ruleFrom(event: SeriesEvent, recurrenceId: string): string {
  const rule = event.rule ?? "";
  const end = parseRule(rule)?.end ?? null;
  if (end === null || !("count" in end)) return rule;
  const starts = startsOf(event);
  const before = starts.all(LIMITS).walls.filter((wall) => wall < wallOf(recurrenceId));
  return withEnd(rule, { count: Math.max(1, end.count - before.length) });
}

function withEnd(rule: string, end: NonNullable<RuleParts["end"]>): string {
  const parts = parseRule(rule);
  if (parts !== null) return ruleOf({ ...parts, end });
  const fields = new Map(ruleFields(rule));
  fields.delete("COUNT");
  fields.delete("UNTIL");
  if ("count" in end) fields.set("COUNT", String(end.count));
  else fields.set("UNTIL", end.until.replaceAll("-", ""));
  return ruleText(fields);
}

const ID_LONGEST = 64;
const HASH_LONGEST = 13;

/** The id of the series that begins where another one is cut: the same for everybody who cuts there. */
export function splitId(eventId: string, recurrenceId: string): string {
  const tail = recurrenceId.replaceAll(/[-:]/g, "");
  const id = `${eventId}-${tail}`;
  if (id.length <= ID_LONGEST) return id;
  const head = eventId.slice(0, ID_LONGEST - HASH_LONGEST - tail.length - 2);
  return `${head}-${hashed(eventId)}-${tail}`;
}

/** FNV-1a, 64 bits, in base 36; ids are ASCII. */
function hashed(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const character of text) {
    hash ^= BigInt(character.charCodeAt(0));
    hash = (hash * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return hash.toString(36).padStart(HASH_LONGEST, "0");
}

/** The `when` of a series of which one event is to take place at another time, the others alike. */
export function seriesWhen(event: SeriesEvent, recurrenceId: string, when: When): When {
  const [start, , zone] = when;
  const first = wallOf(event.when[0]) + wallOf(start) - wallOf(recurrenceId);
  return startingAt(momentOf(first, isDay(start)), lengthOf(when), zone);
}

/** A rule whose first event moves to another start: the days it names move along. */
export function movedRule(rule: string, fromStart: string, toStart: string): string {
  const parts = parseRule(rule, fromStart);
  const days = dayNumber(toStart) - dayNumber(fromStart);
  if (parts === null || days === 0) return rule;
  return ruleOf({
    ...parts,
    days: inOrder(parts.days.map((day) => weekdayAfter(day, days))),
    monthly: parts.monthly && movedMonthly(parts.monthly, toStart),
    end:
      parts.end && "until" in parts.end ? { until: daysAfter(parts.end.until, days) } : parts.end,
  });
}

function movedMonthly(
  monthly: NonNullable<RuleParts["monthly"]>,
  start: string,
): NonNullable<RuleParts["monthly"]> {
  const day = Number(start.slice(8, 10));
  const isInLastWeek = daysAfter(start.slice(0, 10), 7).slice(0, 7) !== start.slice(0, 7);
  if (monthly.on === "day") {
    const isLast = daysAfter(start.slice(0, 10), 1).slice(0, 7) !== start.slice(0, 7);
    return { on: "day", day: monthly.day === -1 && isLast ? -1 : day };
  }
  const nth = monthly.nth === -1 && isInLastWeek ? -1 : (Math.ceil(day / 7) as Nth);
  return { on: "nth", nth, day: weekdayOf(start) };
}

/**
 * The recurrence ids of a series after it was moved, by those before: the n-th stays the n-th. Gives
 * the starts up to the last one that is asked for.
 */
export function movedStarts(
  before: SeriesEvent,
  after: SeriesEvent,
  ids: readonly string[],
  limits: Limits = LIMITS,
): ReadonlyMap<string, string> {
  const [from, to] = [startsOf(before), startsOf(after)];
  const last = Math.max(...ids.map(wallOf));
  const old = from.between(from.firstWall, last, limits).walls;
  const room = Math.abs(to.firstWall - from.firstWall) + 62 * DAY_MS;
  const moved = to.between(to.firstWall, last + room, limits).walls;
  const pairs = old.flatMap((wall, at): [string, string][] => {
    const next = moved[at];
    return next === undefined ? [] : [[from.written(wall), to.written(next)]];
  });
  return new Map(pairs);
}

function dayNumber(moment: string): number {
  return wallOf(moment.slice(0, 10)) / DAY_MS;
}

function daysAfter(day: string, days: number): string {
  return momentOf(wallOf(day) + days * DAY_MS, true);
}

function weekdayAfter(day: Weekday, days: number): Weekday {
  const at = WEEKDAYS.indexOf(day) + days;
  return WEEKDAYS[((at % 7) + 7) % 7] as Weekday;
}
