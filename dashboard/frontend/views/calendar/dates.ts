/**
 * Days (`YYYY-MM-DD`) and wall times (`YYYY-MM-DDThh:mm`) of the person's own clock, reckoned as text:
 * no day is shorter than another, so nothing here knows zones.
 */

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export interface Span {
  readonly start: string;
  /** The day after the last, or the time at which it ends. */
  readonly end: string;
}

function instantOf(at: string): number {
  return Date.parse(at.length > 10 ? `${at}Z` : `${at}T00:00:00Z`);
}

/** The wall time or day that a date's UTC fields say. */
export function wallOf(date: Date): string {
  const text = date.toISOString();
  return text.slice(17, 19) === "00" ? text.slice(0, 16) : text.slice(0, 19);
}

export function isDay(at: string): boolean {
  return at.length === 10;
}

export function dayOfWall(at: string): string {
  return at.slice(0, 10);
}

export function addDays(at: string, days: number): string {
  const moved = new Date(instantOf(at) + days * DAY_MS);
  return isDay(at) ? moved.toISOString().slice(0, 10) : wallOf(moved);
}

export function addMinutes(wall: string, minutes: number): string {
  return wallOf(new Date(instantOf(wall) + minutes * MINUTE_MS));
}

export function addMonths(day: string, months: number): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + months, 0));
  const kept = Math.min(date, last.getUTCDate());
  return `${last.toISOString().slice(0, 8)}${String(kept).padStart(2, "0")}`;
}

export function minutesBetween(from: string, to: string): number {
  return Math.round((instantOf(to) - instantOf(from)) / MINUTE_MS);
}

/** 0 is Monday. */
export function weekdayOf(day: string): number {
  return (new Date(instantOf(dayOfWall(day))).getUTCDay() + 6) % 7;
}

export function weekOf(day: string): string {
  return addDays(dayOfWall(day), -weekdayOf(day));
}

export function monthOf(day: string): string {
  return `${day.slice(0, 7)}-01`;
}

/** The number of the week as ISO 8601 counts: week 1 holds the first Thursday. */
export function weekNumber(day: string): number {
  const thursday = addDays(weekOf(day), 3);
  return 1 + Math.floor(minutesBetween(`${thursday.slice(0, 4)}-01-01`, thursday) / (7 * 24 * 60));
}

/** Six weeks that hold a month: the days of a small calendar. */
export function monthDays(day: string): readonly string[] {
  const first = weekOf(monthOf(day));
  return Array.from({ length: 42 }, (_, at) => addDays(first, at));
}

export type DateFormat = Intl.DateTimeFormatOptions;

const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** Making a format costs more than a hundred uses of it. */
function formatOf(language: string, format: DateFormat): Intl.DateTimeFormat {
  const key = `${language} ${JSON.stringify(format)}`;
  const known =
    FORMATS.get(key) ?? new Intl.DateTimeFormat(language, { ...format, timeZone: "UTC" });
  FORMATS.set(key, known);
  return known;
}

export function said(at: string, language: string, format: DateFormat): string {
  return formatOf(language, format).format(new Date(instantOf(at)));
}

const TIME: DateFormat = { hour: "numeric", minute: "2-digit", hourCycle: "h23" };
const DAY: DateFormat = { weekday: "short", month: "short", day: "numeric" };

/** `9:30`; on a 24-hour clock in both languages. */
export function timeText(wall: string, language: string): string {
  return said(wall, language, TIME).replace(/^0(\d:)/, "$1");
}

export function dayText(day: string, language: string): string {
  return said(day, language, DAY);
}

/** What stands above a view: a month, or a day. */
export function titleOf(view: string, day: string, language: string): string {
  if (view === "day")
    return said(day, language, { year: "numeric", month: "long", day: "numeric", weekday: "long" });
  return said(day, language, { year: "numeric", month: "long" });
}
