/**
 * Recurrence rules as text and as what our editor makes of them; the same rules as `rule.py`. What
 * the editor cannot make is shown but not edited, and expanded by the server.
 */

import { DAY_MS, momentOf, wallOf } from "./wall_time";
import { isMoment } from "./when";

export const WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof WEEKDAYS)[number];
export type Frequency = "daily" | "weekly" | "monthly" | "yearly";
/** Which of the weekdays of a month; -1 is the last. */
export type Nth = 1 | 2 | 3 | 4 | 5 | -1;

export interface RuleParts {
  readonly freq: Frequency;
  /** From 1 to LONGEST_INTERVAL. */
  readonly interval: number;
  /** Of a weekly rule, in the order of the week; none: the weekday of the start. */
  readonly days: readonly Weekday[];
  /** Of a monthly rule; null: the day of the start. Day -1 is the last of the month. */
  readonly monthly:
    | null
    | { readonly on: "day"; readonly day: number }
    | { readonly on: "nth"; readonly nth: Nth; readonly day: Weekday };
  /** `until` is the last date on which it may start; null: it never ends. */
  readonly end: null | { readonly until: string } | { readonly count: number };
}

export const LONGEST_INTERVAL = 1_000;
export const LARGEST_COUNT = 5_000;

const FREQUENCIES: Readonly<Record<string, Frequency>> = {
  DAILY: "daily",
  WEEKLY: "weekly",
  MONTHLY: "monthly",
  YEARLY: "yearly",
};
const KNOWN = new Set(["FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "COUNT", "UNTIL", "WKST"]);
const UNTIL = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z?)?$/;

/** The parts of a rule's text by name; null when it is not `NAME=value;...` with each name once. */
export function ruleFields(rule: string): ReadonlyMap<string, string> | null {
  const fields = new Map<string, string>();
  for (const part of rule.trim().toUpperCase().replace(/;$/, "").split(";")) {
    const [name = "", value = "", ...rest] = part.split("=");
    if (name === "" || value === "" || rest.length > 0 || fields.has(name)) return null;
    fields.set(name, value);
  }
  return fields;
}

export function ruleText(fields: ReadonlyMap<string, string>): string {
  return [...fields].map(([name, value]) => `${name}=${value}`).join(";");
}

/** Gives null for a rule that our editor does not make. With the start, `until` is exact. */
export function parseRule(rule: string, start: string | null = null): RuleParts | null {
  const fields = ruleFields(rule);
  if (fields === null || [...fields.keys()].some((name) => !KNOWN.has(name))) return null;
  const freq = FREQUENCIES[fields.get("FREQ") ?? ""];
  const interval = wholeNumber(fields.get("INTERVAL") ?? "1", LONGEST_INTERVAL);
  const on = freq && dayParts(freq, fields.get("BYDAY"), fields.get("BYMONTHDAY"));
  const end = endParts(fields.get("COUNT"), fields.get("UNTIL"), start);
  if (freq === undefined || interval === null || !on || end === undefined) return null;
  if (!weekStartIsIdle(fields.get("WKST") ?? "MO", freq, interval, on.days)) return null;
  return { freq, interval, ...on, end };
}

/** The canonical text: what is as by default is left out. */
export function ruleOf(parts: RuleParts): string {
  const fields = new Map([["FREQ", parts.freq.toUpperCase()]]);
  if (parts.interval !== 1) fields.set("INTERVAL", String(parts.interval));
  if (parts.freq === "weekly" && parts.days.length > 0)
    fields.set("BYDAY", inOrder(parts.days).join(","));
  if (parts.freq === "monthly" && parts.monthly?.on === "day")
    fields.set("BYMONTHDAY", String(parts.monthly.day));
  if (parts.freq === "monthly" && parts.monthly?.on === "nth")
    fields.set("BYDAY", `${parts.monthly.nth}${parts.monthly.day}`);
  if (parts.end && "count" in parts.end) fields.set("COUNT", String(parts.end.count));
  if (parts.end && "until" in parts.end) fields.set("UNTIL", parts.end.until.replaceAll("-", ""));
  return ruleText(fields);
}

/** The last wall time at which a rule may start something; null: UNTIL cannot be read. */
export function untilWall(until: string): number | null {
  const [, year, month, day, hour = "23", minute = "59", second = "59"] = UNTIL.exec(until) ?? [];
  const moment = `${year}-${month}-${day}T${hour}:${minute}`;
  return isMoment(moment) && Number(second) < 60 ? wallOf(moment) + Number(second) * 1_000 : null;
}

/** The day of the week of a wall time or date. */
export function weekdayOf(moment: string): Weekday {
  return WEEKDAYS[(new Date(wallOf(moment)).getUTCDay() + 6) % 7] as Weekday;
}

export function inOrder(days: readonly Weekday[]): readonly Weekday[] {
  return WEEKDAYS.filter((day) => days.includes(day));
}

function wholeNumber(text: string, most: number): number | null {
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return number >= 1 && number <= most ? number : null;
}

type DayParts = Pick<RuleParts, "days" | "monthly">;

function dayParts(
  freq: Frequency,
  byDay: string | undefined,
  byMonthDay: string | undefined,
): DayParts | null {
  if (byDay === undefined && byMonthDay === undefined) return { days: [], monthly: null };
  if (freq === "weekly" && byDay !== undefined && byMonthDay === undefined) {
    const days = byDay.split(",");
    return days.every(isWeekday) ? { days: inOrder(days), monthly: null } : null;
  }
  if (freq !== "monthly" || (byDay !== undefined && byMonthDay !== undefined)) return null;
  if (byMonthDay !== undefined) {
    const day = byMonthDay === "-1" ? -1 : wholeNumber(byMonthDay, 31);
    return day === null ? null : { days: [], monthly: { on: "day", day } };
  }
  const [, nth, day = ""] = /^\+?([1-5]|-1)([A-Z]{2})$/.exec(byDay ?? "") ?? [];
  if (nth === undefined || !isWeekday(day)) return null;
  return { days: [], monthly: { on: "nth", nth: Number(nth) as Nth, day } };
}

function isWeekday(text: string): text is Weekday {
  return (WEEKDAYS as readonly string[]).includes(text);
}

/** Gives undefined for an end that our editor does not make. */
function endParts(
  count: string | undefined,
  until: string | undefined,
  start: string | null,
): RuleParts["end"] | undefined {
  if (count !== undefined && until !== undefined) return undefined;
  if (count !== undefined) {
    const number = wholeNumber(count, LARGEST_COUNT);
    return number === null ? undefined : { count: number };
  }
  if (until === undefined) return null;
  const last = untilWall(until);
  if (last === null) return undefined;
  const startsLater = start !== null && timeOf(wallOf(start)) > timeOf(last);
  return { until: momentOf(startsLater ? last - DAY_MS : last, true) };
}

function timeOf(wallMs: number): number {
  return ((wallMs % DAY_MS) + DAY_MS) % DAY_MS;
}

/** The first day of the week only matters where weeks are left out. */
function weekStartIsIdle(
  weekStart: string,
  freq: Frequency,
  interval: number,
  days: readonly Weekday[],
): boolean {
  if (!isWeekday(weekStart)) return false;
  return weekStart === "MO" || freq !== "weekly" || interval === 1 || days.length === 0;
}
