/** What a move or a new length of an entry writes: an event's `when`, a card's dates. */

import type { When } from "../../store/calendar_types";
import type { Card } from "../../store/types";
import { addDays, addMinutes, dayOfWall, isDay, minutesBetween, type Span } from "./dates";

/** A time said in one zone, said in another. */
export type InZone = (when: When, zone: string) => When;

/** How long an all-day event is once it has a time. */
const TIMED_MINUTES = 60;

/**
 * The register of an event that was put to other days or times on the screen of a person in `zone`.
 * The event keeps its own zone; one that had none and gets a time takes the person's.
 */
export function movedWhen(was: When, to: Span, zone: string, inZone: InZone): When {
  if (isDay(to.start)) return [to.start, to.end, ""];
  const [wasStart, , wasZone] = was;
  if (isDay(wasStart)) return [to.start, to.end, zone];
  if (wasZone === "") return [to.start, to.end, ""];
  return inZone([to.start, to.end, zone], wasZone);
}

/** Where a span stands that begins elsewhere and stays as long; a day that gets a time is an hour. */
export function spanAt(span: Span, start: string): Span {
  if (isDay(start)) {
    const days = isDay(span.start) ? minutesBetween(span.start, span.end) / (24 * 60) : 1;
    return { start, end: addDays(start, days) };
  }
  const minutes = isDay(span.start) ? TIMED_MINUTES : minutesBetween(span.start, span.end);
  return { start, end: addMinutes(start, minutes) };
}

export interface CardDates {
  readonly start: string | null;
  readonly due: string | null;
}

/**
 * The dates of a card that takes other days now. A card with one date keeps having one, unless it is
 * made longer; a card with none gets a due date.
 */
export function movedCard(was: Pick<Card, "start" | "due">, to: Span): CardDates {
  const first = dayOfWall(to.start);
  const last = isDay(to.end) ? addDays(to.end, -1) : dayOfWall(to.end);
  if (last > first) return { start: first, due: last };
  if (was.start !== null && was.due !== null) return { start: first, due: last };
  if (was.start !== null) return { start: first, due: null };
  return { start: null, due: last };
}

export type Arrow = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

const LIFTED_STEP_MINUTES = 15;
const CURSOR_STEP_MINUTES = 30;

/** Days that an arrow goes in a view; null: it goes minutes. */
function daysOf(arrow: Arrow, view: string, timed: boolean): number | null {
  if (arrow === "ArrowLeft") return -1;
  if (arrow === "ArrowRight") return 1;
  const down = arrow === "ArrowDown" ? 1 : -1;
  if (view === "month") return 7 * down;
  if (view === "list") return down;
  return timed ? null : 0;
}

function stepped(at: string, arrow: Arrow, view: string, minutes: number): string {
  const days = daysOf(arrow, view, !isDay(at));
  if (days !== null) return addDays(at, days);
  return addMinutes(at, arrow === "ArrowDown" ? minutes : -minutes);
}

/** A lifted entry one step on: a day, or a quarter of an hour. */
export function steppedSpan(span: Span, arrow: Arrow, view: string): Span {
  return spanAt(span, stepped(span.start, arrow, view, LIFTED_STEP_MINUTES));
}

/** The cursor one step on: a day, or half an hour; it never leaves its day upwards or downwards. */
export function steppedCursor(at: string, arrow: Arrow, view: string): string {
  const next = stepped(at, arrow, view, CURSOR_STEP_MINUTES);
  const isUpright = arrow === "ArrowUp" || arrow === "ArrowDown";
  const leaves = !isDay(at) && isUpright && dayOfWall(next) !== dayOfWall(at);
  return leaves && view !== "month" && view !== "list" ? at : next;
}

/** From the anchor of a selection to its cursor, both included. */
export function rangeOf(anchor: string, at: string): Span {
  const [first, last] = anchor <= at ? [anchor, at] : [at, anchor];
  if (isDay(first)) return { start: first, end: addDays(dayOfWall(last), 1) };
  return { start: first, end: addMinutes(last, CURSOR_STEP_MINUTES) };
}
