/** What a person does to what stands on a calendar: begin, move, plan, delete; each with a way back. */

import { inZone } from "../../core/recurrence";
import type { When } from "../../store/calendar_types";
import type { Words } from "../language";
import { mayEdit } from "../role";
import { dayText, isDay, type Span, timeText } from "./dates";
import type { CardEntry, Entry, EventEntry } from "./entries";
import { deleteEvent } from "./event_undo";
import { type CardDates, movedCard, movedWhen } from "./moves";
import { applyToSeries, type SeriesPatch } from "./scope";
import type { CalendarContext } from "./session";

export function titleOf(entry: Entry, { t }: Words): string {
  if (entry.kind === "card") return entry.card.title || t("card.untitled");
  return entry.occurrence.title || t("calendar.untitled");
}

/** `Wed, Nov 25, 9:30`, as it is read out and stands in a toast. */
export function placeText(span: Span, { language }: Words): string {
  const day = dayText(span.start.slice(0, 10), language);
  return isDay(span.start) ? day : `${day}, ${timeText(span.start, language)}`;
}

export function entryOf(calendar: CalendarContext, key: string): Entry | undefined {
  return calendar.visible.entries.find((entry) => entry.key === key);
}

/** Of a series the whole is chosen: that is what an address can name. */
export function selectEntry(calendar: CalendarContext, entry: Entry | null): void {
  const selection = entry && (entry.kind === "card" ? entry.key : seriesKey(entry));
  calendar.visible.chosen = selection;
  calendar.frame.setState({ selection });
}

function seriesKey({ calendar, event }: EventEntry): string {
  return `calendar/${calendar}/${event}`;
}

function tell(
  calendar: CalendarContext,
  text: string,
  words: Words,
  undo: (() => void) | null,
): void {
  const action = undo && { name: words.t("app.undo"), run: undo };
  calendar.toasts.setState({ toast: { text, action } });
}

/** The calendar that takes new events: the first that is not hidden. */
export function targetCalendar(calendar: CalendarContext): string | undefined {
  const { calendars, hidden } = calendar.frame.getState();
  return calendars.find((id) => !hidden.includes(`calendar/${id}`)) ?? calendars[0];
}

/** False too when the person may only look at the calendar that would take it. */
function mayDraft(calendar: CalendarContext): boolean {
  const target = targetCalendar(calendar);
  if (calendar.frame.getState().readonly || target === undefined) return false;
  const store = calendar.visible.documents.calendars.get(target);
  return store === undefined || mayEdit(store.getState());
}

/** False: the view only shows, or the person may only look at what this comes from. */
export function mayChange({ frame, visible }: CalendarContext, entry: Entry): boolean {
  const { calendars, projects } = visible.documents;
  const store = entry.kind === "card" ? projects.get(entry.project) : calendars.get(entry.calendar);
  return !frame.getState().readonly && store !== undefined && mayEdit(store.getState());
}

export function newWhen(calendar: CalendarContext, { start, end }: Span): When {
  if (isDay(start)) return [start, end, ""];
  const id = targetCalendar(calendar);
  const store = id === undefined ? undefined : calendar.visible.documents.calendars.get(id);
  const zone = store?.getState().zone ?? calendar.zone;
  return inZone([start, end, calendar.zone], zone);
}

/** Opens the editor of an event that is not written before it is done. */
export function draftEvent(calendar: CalendarContext, span: Span): void {
  if (!mayDraft(calendar)) return;
  calendar.session.setState({ draft: span, opened: null });
}

export function moveEntry(calendar: CalendarContext, key: string, to: Span, words: Words): void {
  const entry = entryOf(calendar, key);
  if (!entry || !mayChange(calendar, entry)) return;
  if (entry.start === to.start && entry.end === to.end) return;
  if (entry.kind === "card") moveCard(calendar, entry, movedCard(entry.card, to), words);
  else void moveEvent(calendar, entry, to, words);
}

async function moveEvent(
  calendar: CalendarContext,
  entry: EventEntry,
  to: Span,
  words: Words,
): Promise<void> {
  const when = movedWhen(entry.occurrence.when, to, calendar.zone, inZone);
  calendar.session.setState({ lift: { key: entry.key, to, by: "question" } });
  const change = await changed(calendar, entry, { when });
  calendar.session.setState({ lift: null });
  if (!change) return;
  const place = placeText(to, words);
  tell(
    calendar,
    words.t("calendar.moved", { name: titleOf(entry, words), place }),
    words,
    change.undo,
  );
}

export async function deleteEntry(
  calendar: CalendarContext,
  entry: EventEntry,
  words: Words,
): Promise<void> {
  const change = await changed(calendar, entry, "deleted");
  if (!change) return;
  selectEntry(calendar, null);
  const name = titleOf(entry, words);
  tell(calendar, words.t("calendar.deleted", { name }), words, change.undo);
}

/** Writes a change, of a series after the question which of them; null: the person would rather not. */
async function changed(
  calendar: CalendarContext,
  entry: EventEntry,
  patch: SeriesPatch,
): Promise<{ readonly undo: () => void } | null> {
  const { event, recurrenceId } = entry;
  const store = calendar.visible.documents.calendars.get(entry.calendar);
  const known = store?.getState().events[event];
  if (!store || !known || !mayChange(calendar, entry)) return null;
  if (recurrenceId !== null) {
    const scope = await calendar.ask({ calendar: store, event: known, recurrenceId, patch });
    return scope && applyToSeries(store.getState(), { event, recurrenceId }, patch, scope);
  }
  if (patch === "deleted") return deleteEvent(store, event);
  const state = store.getState();
  return state.together(() => state.setEvent(event, patch));
}

function moveCard(
  calendar: CalendarContext,
  entry: CardEntry,
  dates: CardDates,
  words: Words,
): void {
  const name = titleOf(entry, words);
  const day = dates.due ?? dates.start ?? "";
  const place = day && dayText(day, words.language);
  const said = words.t("calendar.moved", { name, place });
  dateCard(calendar, entry.project, entry.card.id, dates, said, words);
}

/** Writes the dates of a card, which its board shows too. */
export function dateCard(
  calendar: CalendarContext,
  project: string,
  card: string,
  dates: CardDates,
  said: string,
  words: Words,
): void {
  const store = calendar.visible.documents.projects.get(project);
  const state = store?.getState();
  if (state?.cards[card] === undefined || !mayEdit(state)) return;
  const { undo } = state.together(() => state.setCard(card, dates));
  tell(calendar, said, words, undo);
}

/** A card of the tray gets a day; `project/<id>/<card>`. */
export function planCard(calendar: CalendarContext, key: string, day: string, words: Words): void {
  const [, project = "", card = ""] = key.split("/");
  const name = calendar.visible.documents.projects.get(project)?.getState().cards[card]?.title;
  const place = dayText(day, words.language);
  const said = words.t("calendar.planned", { name: name || words.t("card.untitled"), place });
  dateCard(calendar, project, card, { start: null, due: day }, said, words);
}

/** A card that is put back on the tray has no dates any more. */
export function unplanCard(calendar: CalendarContext, entry: CardEntry, words: Words): void {
  const said = words.t("calendar.unplanned", { name: titleOf(entry, words) });
  dateCard(calendar, entry.project, entry.card.id, { start: null, due: null }, said, words);
}
