/** A recurrence rule in words: "Every 2 weeks on Mon and Wed, 10 times". */

import { type Frequency, parseRule, type RuleParts, WEEKDAYS } from "../../core/rule";
import type { When } from "../../store/calendar_types";
import type { WordKey, Words } from "../language";
import { dateWords, weekdayNames } from "./moment_words";

export const FREQUENCY_NAMES: Readonly<Record<Frequency, WordKey>> = {
  daily: "repeat.daily",
  weekly: "repeat.weekly",
  monthly: "repeat.monthly",
  yearly: "repeat.yearly",
};

/** `{field}` is where the number stands. */
export const INTERVALS: Readonly<Record<Frequency, WordKey>> = {
  daily: "repeat.days",
  weekly: "repeat.weeks",
  monthly: "repeat.months",
  yearly: "repeat.years",
};

const NTH: Readonly<Record<1 | 2 | 3 | 4 | 5 | -1, WordKey>> = {
  1: "repeat.onFirst",
  2: "repeat.onSecond",
  3: "repeat.onThird",
  4: "repeat.onFourth",
  5: "repeat.onFifth",
  [-1]: "repeat.onLast",
};

/** A rule that our editor does not make is told as it is written. */
export function describeRule(rule: string, when: When, words: Words): string {
  const parts = parseRule(rule, when[0]);
  if (parts === null) return words.t("repeat.asWritten", { rule });
  return withEnd(withDays(everyWords(parts, words), parts, when, words), parts, words);
}

/** Which day of the month, as a choice: "On the last Friday". */
export function monthlyWords(
  monthly: RuleParts["monthly"],
  { t, language }: Words,
  start: string,
): string {
  const day = monthly === null ? Number(start.slice(8, 10)) : monthly.day;
  if (typeof day === "number")
    return day === -1 ? t("repeat.onLastDay") : t("repeat.onDay", { day: String(day) });
  const weekday = weekdayNames(language, "long")[WEEKDAYS.indexOf(day)] ?? "";
  return monthly?.on === "nth" ? t(NTH[monthly.nth], { weekday }) : weekday;
}

function everyWords({ freq, interval }: RuleParts, { t }: Words): string {
  if (interval === 1) return t(FREQUENCY_NAMES[freq]);
  return t(INTERVALS[freq], { n: interval, field: interval });
}

function withDays(every: string, parts: RuleParts, [start]: When, words: Words): string {
  const { t, language } = words;
  if (parts.freq === "monthly") {
    const on = monthlyWords(parts.monthly, words, start);
    return t("repeat.everyOn", { every, on: on.charAt(0).toLowerCase() + on.slice(1) });
  }
  if (parts.freq !== "weekly" || parts.days.length === 0) return every;
  const names = weekdayNames(language, "short");
  const days = parts.days.map((day) => names[WEEKDAYS.indexOf(day)] ?? "");
  const list = new Intl.ListFormat(language, { style: "short", type: "unit" }).format(days);
  return t("repeat.everyWeekday", { every, days: list });
}

function withEnd(rule: string, { end }: RuleParts, { t, language }: Words): string {
  if (end === null) return rule;
  if ("count" in end) return t("repeat.ruleTimes", { rule, n: end.count });
  return t("repeat.ruleUntil", { rule, day: dateWords(end.until, language) });
}
