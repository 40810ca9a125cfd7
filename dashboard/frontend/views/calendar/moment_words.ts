/** Dates and times in the words of a language. Wall times are told as they stand: read as UTC. */

import { isDay } from "../../core/when";
import type { When } from "../../store/calendar_types";
import type { Language } from "../language";
import { addDays } from "./event_times";

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function formatOf(language: Language, withTime: boolean, withYear: boolean): Intl.DateTimeFormat {
  const key = `${language} ${withTime} ${withYear}`;
  const options: Intl.DateTimeFormatOptions = {
    timeZone: "UTC",
    weekday: "short",
    month: "short",
    day: "numeric",
  };
  if (withYear) options.year = "numeric";
  if (withTime) Object.assign(options, { hour: "numeric", minute: "2-digit" });
  const format = FORMATS.get(key) ?? new Intl.DateTimeFormat(language, options);
  FORMATS.set(key, format);
  return format;
}

function dateOf(moment: string): Date {
  return new Date(isDay(moment) ? `${moment}T00:00Z` : `${moment}Z`);
}

/** "Wed, Nov 25, 5:00 PM"; the year only where it is not that of `today`. */
export function momentWords(moment: string, today: string, language: Language): string {
  const withYear = moment.slice(0, 4) !== today.slice(0, 4);
  return formatOf(language, !isDay(moment), withYear).format(dateOf(moment));
}

/** "Wed, Nov 25, 5:00 – 6:00 PM"; whole days from the first to the last. */
export function whenWords([start, end]: When, today: string, language: Language): string {
  const withYear = start.slice(0, 4) !== today.slice(0, 4);
  const last = isDay(end) ? addDays(end, -1) : end;
  const format = formatOf(language, !isDay(start), withYear);
  return format.formatRange(dateOf(start), dateOf(last));
}

/** Monday to Sunday. */
export function weekdayNames(language: Language, style: "narrow" | "short" | "long"): string[] {
  const format = new Intl.DateTimeFormat(language, { weekday: style, timeZone: "UTC" });
  const monday = Date.parse("2026-11-23T00:00Z");
  return [0, 1, 2, 3, 4, 5, 6].map((day) => format.format(new Date(monday + day * 86_400_000)));
}

/** "Nov 25, 2026". */
export function dateWords(day: string, language: Language): string {
  const format = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
  return format.format(dateOf(day));
}
