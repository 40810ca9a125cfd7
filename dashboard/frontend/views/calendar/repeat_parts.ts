/** What a rule becomes when one of its controls is turned; the editor makes no other rules. */

import type { Frequency, Nth, RuleParts, Weekday } from "../../core/rule";
import { inOrder, weekdayOf } from "../../core/rule";
import type { When } from "../../store/calendar_types";
import type { WordKey } from "../language";
import { addDays } from "./event_times";
import { imagined, nextWhens } from "./series_dates";

export type Monthly = RuleParts["monthly"];
export type RepeatEnd = "never" | "until" | "count";

/** A rule as it is when only its frequency was chosen. */
export function partsFor(freq: Frequency, before: RuleParts | null): RuleParts {
  const interval = before?.freq === freq ? before.interval : 1;
  return { freq, interval, days: [], monthly: null, end: before?.end ?? null };
}

/** Days of a weekly rule as they are shown: none chosen is the day of the start. */
export function shownDays({ days }: RuleParts, start: string): readonly Weekday[] {
  return days.length > 0 ? days : [weekdayOf(start)];
}

/** The last day stays: a weekly rule has one. */
export function withDay(parts: RuleParts, day: Weekday, start: string): RuleParts {
  const shown = shownDays(parts, start);
  const next = shown.includes(day) ? shown.filter((one) => one !== day) : [...shown, day];
  if (next.length === 0) return parts;
  const isOnlyStart = next.length === 1 && next[0] === weekdayOf(start);
  return { ...parts, days: isOnlyStart ? [] : inOrder(next) };
}

/** The ways in which a start may come again each month. */
export function monthlyChoices(start: string, chosen: Monthly): readonly Monthly[] {
  const dayOfMonth = Number(start.slice(8, 10));
  const day = weekdayOf(start);
  const nth = Math.ceil(dayOfMonth / 7) as Nth;
  const date = start.slice(0, 10);
  const isLastDay = addDays(date, 1).slice(5, 7) !== date.slice(5, 7);
  const isLastWeek = addDays(date, 7).slice(5, 7) !== date.slice(5, 7);
  const choices: Monthly[] = [null];
  if (isLastDay) choices.push({ on: "day", day: -1 });
  if (nth < 5) choices.push({ on: "nth", nth, day });
  if (isLastWeek) choices.push({ on: "nth", nth: -1, day });
  if (!choices.some((choice) => monthlyKey(choice) === monthlyKey(chosen))) choices.push(chosen);
  return choices;
}

export function monthlyKey(monthly: Monthly): string {
  return JSON.stringify(monthly);
}

export function endKind({ end }: RuleParts): RepeatEnd {
  if (end === null) return "never";
  return "until" in end ? "until" : "count";
}

const COUNT = 10;
const UNTIL_DAYS = 90;

/** What an end begins with when it is chosen. */
export function withEndKind(parts: RuleParts, kind: RepeatEnd, start: string): RuleParts {
  if (kind === endKind(parts)) return parts;
  if (kind === "never") return { ...parts, end: null };
  if (kind === "count") return { ...parts, end: { count: COUNT } };
  return { ...parts, end: { until: addDays(start.slice(0, 10), UNTIL_DAYS) } };
}

/** Why a rule cannot be kept; null: it can. */
export function repeatProblem(parts: RuleParts | null, when: When, rule: string): WordKey | null {
  if (parts === null) return null;
  const start = when[0].slice(0, 10);
  if (parts.end && "until" in parts.end && parts.end.until < start) return "repeat.endsBeforeStart";
  return nextWhens(imagined(when, rule), when[0], 1).length === 0 ? "repeat.never" : null;
}
