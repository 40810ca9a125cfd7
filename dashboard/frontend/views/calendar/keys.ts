/**
 * The calendar by keys. On the grid a cursor walks from slot to slot, or from day to day; on an event
 * the arrows walk from one to the next, and Space takes it along. Which key does what:
 * `views/shortcuts.ts`.
 */

import type { KeyboardEvent } from "react";
import type { CalendarViewName } from "../../store/page_types";
import type { Words } from "../language";
import { isComposing } from "../name_field";
import { isPressed, type Pressed, type ShortcutName, shortcutIn } from "../shortcuts";
import {
  deleteEntry,
  draftEvent,
  entryOf,
  mayChange,
  moveEntry,
  placeText,
  selectEntry,
  titleOf,
} from "./changes";
import { addDays, dayOfWall } from "./dates";
import { type Entry, touches } from "./entries";
import { type Arrow, rangeOf, steppedCursor, steppedSpan } from "./moves";
import type { CalendarContext } from "./session";

const VIEWS: Readonly<Partial<Record<ShortcutName, CalendarViewName>>> = {
  showMonth: "month",
  showWeek: "week",
  showDay: "day",
  showList: "list",
};

export interface KeyActions {
  readonly today: string;
  readonly date: string;
  readonly words: Words;
  readonly open: (key: string, element: HTMLElement) => void;
  readonly create: () => void;
}

function isArrow(key: string): key is Arrow {
  return key === "ArrowUp" || key === "ArrowDown" || key === "ArrowLeft" || key === "ArrowRight";
}

export function onCalendarKey(
  event: KeyboardEvent<HTMLElement>,
  calendar: CalendarContext,
  actions: KeyActions,
): void {
  if (isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target as HTMLElement;
  if (target.matches("input, textarea, select, [contenteditable]")) return;
  const entry = target.closest<HTMLElement>("[data-key]");
  const isTray = target.closest('[data-drop="tray"]') !== null;
  const done =
    (entry !== null && !isTray && onEntry(event, entry, calendar, actions)) ||
    (target.matches(".cal-canvas") && onSlot(event, calendar, actions)) ||
    onLetter(event, calendar, actions);
  if (!done) return;
  event.preventDefault();
  event.stopPropagation();
}

/** Letters also work where nothing has the focus. */
export function onPageKey(
  event: globalThis.KeyboardEvent,
  calendar: CalendarContext,
  actions: KeyActions,
): void {
  if (event.target !== document.body) return;
  const isLifted = calendar.session.getState().lift?.by === "keyboard";
  const done = isLifted
    ? onLifted(event, calendar, actions.words)
    : onLetter(event, calendar, actions);
  if (done) event.preventDefault();
}

function onLetter(
  event: Pressed,
  calendar: CalendarContext,
  { today, create }: KeyActions,
): boolean {
  const name = shortcutIn("calendar", event);
  const view = name && VIEWS[name];
  if (view) calendar.frame.setState({ view });
  else if (name === "today") calendar.frame.setState({ date: today });
  else if (name === "newEvent" && !calendar.frame.getState().readonly) create();
  else return false;
  return true;
}

/** On the grid itself. */
function onSlot(event: KeyboardEvent, calendar: CalendarContext, actions: KeyActions): boolean {
  const { frame, session } = calendar;
  const cursor = session.getState().cursor ?? firstCursor(calendar, actions);
  if (isArrow(event.key)) {
    const at = session.getState().cursor
      ? steppedCursor(cursor.at, event.key, frame.getState().view)
      : cursor.at;
    putCursor(calendar, event.shiftKey ? cursor.anchor : at, at, actions.words);
    return true;
  }
  if (event.key === "Enter") {
    if (frame.getState().readonly) return false;
    draftEvent(calendar, rangeOf(cursor.anchor, cursor.at));
    return true;
  }
  if (event.key !== "Escape") return false;
  session.setState({ cursor: null });
  return true;
}

function firstCursor({ frame }: CalendarContext, { date }: KeyActions) {
  const { view } = frame.getState();
  const at = view === "week" || view === "day" ? `${date}T09:00` : date;
  return { anchor: at, at };
}

function putCursor(calendar: CalendarContext, anchor: string, at: string, words: Words): void {
  calendar.session.setState({ cursor: { anchor, at } });
  calendar.frame.setState({ date: dayOfWall(at) });
  const span = rangeOf(anchor, at);
  const n = calendar.visible.entries.filter((entry) => touches(entry, dayRange(at))).length;
  const place = placeText(span, words);
  calendar.announce(words.t("calendar.slot", { place, n }));
}

function dayRange(at: string) {
  const day = dayOfWall(at);
  return { start: day, end: addDays(day, 1) };
}

/** On an event or a card. */
function onEntry(
  event: KeyboardEvent,
  element: HTMLElement,
  calendar: CalendarContext,
  actions: KeyActions,
): boolean {
  const key = element.dataset.key ?? "";
  const { lift } = calendar.session.getState();
  if (lift?.by === "keyboard") return onLifted(event, calendar, actions.words);
  if (isArrow(event.key)) {
    walk(key, event.key, element, calendar);
    return true;
  }
  if (isPressed("liftEvent", event)) {
    liftEntry(calendar, key, actions.words);
    return true;
  }
  if (isPressed("openEvent", event)) {
    actions.open(key, element);
    return true;
  }
  if (isPressed("deleteEvent", event)) {
    const entry = entryOf(calendar, key);
    if (entry?.kind === "event") void deleteEntry(calendar, entry, actions.words);
    return true;
  }
  if (!isPressed("leaveEvent", event)) return false;
  selectEntry(calendar, null);
  element
    .closest<HTMLElement>(".moim-calendar")
    ?.querySelector<HTMLElement>(".cal-canvas")
    ?.focus();
  return true;
}

function liftEntry(calendar: CalendarContext, key: string, words: Words): void {
  const entry = entryOf(calendar, key);
  if (!entry || !mayChange(calendar, entry)) return;
  const { start, end } = entry;
  calendar.session.setState({ lift: { key, to: { start, end }, by: "keyboard" } });
  selectEntry(calendar, entry);
  const said = { name: titleOf(entry, words), place: placeText(entry, words) };
  calendar.announce(words.t("calendar.lifted", said));
}

function onLifted(event: Pick<Pressed, "key">, calendar: CalendarContext, words: Words): boolean {
  const { lift } = calendar.session.getState();
  if (!lift) return false;
  if (isArrow(event.key)) {
    const to = steppedSpan(lift.to, event.key, calendar.frame.getState().view);
    calendar.session.setState({ lift: { ...lift, to } });
    calendar.frame.setState({ date: dayOfWall(to.start) });
    calendar.announce(placeText(to, words));
    return true;
  }
  const entry = entryOf(calendar, lift.key);
  if (event.key === "Enter" || event.key === " ") {
    calendar.session.setState({ lift: null });
    moveEntry(calendar, lift.key, lift.to, words);
    if (entry) sayDropped(calendar, entry, placeText(lift.to, words), words);
    return true;
  }
  if (event.key !== "Escape" && event.key !== "Tab") return false;
  putBack(calendar, words);
  return event.key === "Escape";
}

function sayDropped(calendar: CalendarContext, entry: Entry, place: string, words: Words): void {
  calendar.announce(words.t("calendar.moved", { name: titleOf(entry, words), place }));
}

export function putBack(calendar: CalendarContext, words: Words): void {
  const { lift } = calendar.session.getState();
  if (!lift) return;
  const entry = entryOf(calendar, lift.key);
  calendar.session.setState({ lift: null });
  if (!entry) return;
  calendar.frame.setState({ date: dayOfWall(entry.start) });
  calendar.announce(words.t("calendar.putBack", { name: titleOf(entry, words) }));
}

/** The next entry in an arrow's direction: up and down in time, left and right by days. */
export function neighbour(entries: readonly Entry[], key: string, arrow: Arrow): Entry | undefined {
  const sorted = [...entries].sort((a, b) => (a.start + a.key < b.start + b.key ? -1 : 1));
  const at = sorted.findIndex((entry) => entry.key === key);
  const here = sorted[at];
  if (!here) return undefined;
  if (arrow === "ArrowDown") return sorted[at + 1];
  if (arrow === "ArrowUp") return sorted[at - 1];
  const day = dayOfWall(here.start);
  if (arrow === "ArrowRight") return sorted.find((entry) => dayOfWall(entry.start) > day);
  return sorted.findLast((entry) => dayOfWall(entry.start) < day);
}

function walk(key: string, arrow: Arrow, element: HTMLElement, calendar: CalendarContext): void {
  const next = neighbour(calendar.visible.entries, key, arrow);
  if (!next) return;
  calendar.frame.setState({ date: dayOfWall(next.start) });
  selectEntry(calendar, next);
  const root = element.closest<HTMLElement>(".cal-canvas");
  requestAnimationFrame(() => focusEntry(root, next.key));
}

export function focusEntry(root: HTMLElement | null, key: string): HTMLElement | null {
  const found = root?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  found?.focus();
  found?.scrollIntoView({ block: "nearest" });
  return found ?? null;
}
