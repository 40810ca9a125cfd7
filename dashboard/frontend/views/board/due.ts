/** A due date in little room: today, tomorrow, "Fri 27", "Dec 3"; amber when near, red when late. */

import type { Words } from "../language";

export interface Due {
  readonly text: string;
  readonly tone: "late" | "soon" | null;
}

const DAY_MS = 86_400_000;

/** Dates are compared as days of the calendar, so both are read as UTC midnight. */
function midnight(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}

/** The calendar day of an instant where this person is, `YYYY-MM-DD`. */
export function dayOf(now: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

export function daysBetween(from: string, to: string): number {
  return Math.round((midnight(to) - midnight(from)) / DAY_MS);
}

function near(date: string, { t, language }: Words): string {
  const at = new Date(midnight(date));
  const weekday = new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" });
  return t("due.near", { weekday: weekday.format(at), day: String(at.getUTCDate()) });
}

function far(date: string, today: string, language: string): string {
  const format: Intl.DateTimeFormatOptions = { month: "short", day: "numeric", timeZone: "UTC" };
  if (date.slice(0, 4) !== today.slice(0, 4)) format.year = "numeric";
  return new Intl.DateTimeFormat(language, format).format(new Date(midnight(date)));
}

function dueText(date: string, today: string, words: Words): string {
  const days = daysBetween(today, date);
  if (days === 0) return words.t("due.today");
  if (days === 1) return words.t("due.tomorrow");
  if (days > 1 && days < 7) return near(date, words);
  return far(date, today, words.language);
}

/** A finished card is never late. */
export function dueOf(date: string, today: string, done: boolean, words: Words): Due {
  const days = daysBetween(today, date);
  const text = dueText(date, today, words);
  if (done || days > 1) return { text, tone: null };
  return { text, tone: days < 0 ? "late" : "soon" };
}
