/** `[start, end, zone]` as a person edits it: a day and a time at each end, the last day included. */

import { isDay, whenProblem } from "../../core/when";
import type { When } from "../../store/calendar_types";

/** What stands in the fields; `lastDay` is a day that still belongs to the event. */
export interface Times {
  readonly allDay: boolean;
  readonly firstDay: string;
  readonly from: string;
  readonly lastDay: string;
  readonly to: string;
  readonly zone: string;
}

export type TimeProblem = "event.noSuchTime" | "event.endsBeforeStart";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** The hour of an event that stops being all day. */
const MORNING = "09:00";
const LATER = "10:00";

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Wall time read as if it were UTC: for lengths and steps, never for an instant. */
function wallMs(moment: string): number {
  return Date.parse(isDay(moment) ? `${moment}T00:00Z` : `${moment}Z`);
}

/** A wall time in the shortest form that documents hold: seconds only where they are not zero. */
function wallTime(atMs: number): string {
  const text = new Date(atMs).toISOString().slice(0, 19);
  return text.endsWith(":00") ? text.slice(0, 16) : text;
}

export function lengthMs([start, end]: When): number {
  return wallMs(end) - wallMs(start);
}

/** The moment moved by a length, in the form that it has. */
export function moved(moment: string, byMs: number): string {
  const at = wallMs(moment) + byMs;
  return isDay(moment) ? new Date(at).toISOString().slice(0, 10) : wallTime(at);
}

/** How far the start of one time lies behind that of another, as wall time. */
export function distanceMs(from: When, to: When): number {
  return wallMs(to[0]) - wallMs(from[0]);
}

export function timesOf([start, end, zone]: When): Times {
  if (isDay(start))
    return {
      allDay: true,
      firstDay: start,
      from: MORNING,
      lastDay: addDays(end, -1),
      to: LATER,
      zone,
    };
  const [firstDay = "", from = ""] = start.split("T");
  const [lastDay = "", to = ""] = end.split("T");
  return { allDay: false, firstDay, from, lastDay, to, zone };
}

/** The register, or why the fields cannot be one. */
export function whenOf(times: Times): When | TimeProblem {
  const { allDay, firstDay, from, lastDay, to, zone } = times;
  if (firstDay === "" || lastDay === "") return "event.noSuchTime";
  if (lastDay < firstDay) return "event.endsBeforeStart";
  const when: When = allDay
    ? [firstDay, addDays(lastDay, 1), ""]
    : [`${firstDay}T${from}`, `${lastDay}T${to}`, zone];
  if (!allDay && when[1] < when[0]) return "event.endsBeforeStart";
  return whenProblem(when) === null ? when : "event.noSuchTime";
}

/** Another start takes the end along: the length stays. */
export function withStart(times: Times, patch: Partial<Pick<Times, "firstDay" | "from">>): Times {
  const next = { ...times, ...patch };
  const before = whenOf(times);
  const start = next.allDay ? next.firstDay : `${next.firstDay}T${next.from}`;
  if (typeof before === "string" || Number.isNaN(wallMs(start))) return next;
  const end = moved(start, lengthMs(before));
  const { lastDay, to } = timesOf([start, end, next.zone]);
  return { ...next, lastDay, to: next.allDay ? next.to : to };
}

/** Whole days and back: the days stay; a time gets an hour in the morning, in the given zone. */
export function withAllDay(times: Times, allDay: boolean, zone: string): Times {
  if (!allDay) return { ...times, allDay, from: MORNING, to: LATER, zone };
  const endsAtMidnight = times.to.startsWith("00:00") && times.lastDay > times.firstDay;
  const lastDay = endsAtMidnight ? addDays(times.lastDay, -1) : times.lastDay;
  return { ...times, allDay, lastDay, zone: "" };
}

/** True where "to" needs no day of its own: most events end on the day they begin. */
export function isOneDay({ firstDay, lastDay }: Times): boolean {
  return firstDay === lastDay;
}

/** The hour that begins next, for an hour: where a new event stands when nobody said more. */
export function nextHour(now: Date, zone: string): When {
  const hourMs = 60 * MINUTE_MS;
  const local = now.getTime() - now.getTimezoneOffset() * MINUTE_MS;
  const start = Math.ceil(local / hourMs) * hourMs;
  return [wallTime(start), wallTime(start + hourMs), zone];
}
