/**
 * What stands on a calendar, in the person's own time: events and their occurrences, and dated cards.
 * An entry keeps its identity as long as what it comes from does, so that an edit makes one new.
 */

import type { CalendarEvent, Exceptions, Occurrence, When } from "../../store/calendar_types";
import type { Card, Column, Hue, ProjectState } from "../../store/types";
import { addDays, type Span } from "./dates";

export interface EventEntry extends Span {
  readonly kind: "event";
  /** `calendar/<id>/<event>`, and `/<recurrence id>` for one of a series. */
  readonly key: string;
  readonly calendar: string;
  readonly event: string;
  readonly recurrenceId: string | null;
  readonly colour: Hue;
  readonly occurrence: Occurrence;
}

export interface CardEntry extends Span {
  readonly kind: "card";
  /** `project/<id>/<card>`. */
  readonly key: string;
  readonly project: string;
  readonly card: Card;
  readonly column: Column | null;
  /** `LN-142`; empty for a card without a number. */
  readonly label: string;
}

export type Entry = EventEntry | CardEntry;

export interface Source {
  readonly calendar: string;
  readonly colour: Hue;
}

/** Gives an event's occurrences that touch the days from `from` to before `to`. */
export type Expand = (
  event: CalendarEvent,
  exceptions: Exceptions | undefined,
  range: Span,
) => readonly Occurrence[];

/** A time where it is said, as the clock of another zone shows it. */
export type Shown = (when: When) => When;

interface Known {
  readonly exceptions: Exceptions | undefined;
  readonly range: string;
  readonly entries: readonly EventEntry[];
}

/** Expands each event once per range; an edit makes another event object, which is expanded anew. */
export class EventEntries {
  readonly #known = new WeakMap<CalendarEvent, Known>();
  readonly #served = new WeakMap<Occurrence, EventEntry>();

  constructor(
    private readonly expand: Expand,
    private readonly shown: Shown,
  ) {}

  of(
    events: Readonly<Record<string, CalendarEvent>>,
    exceptions: Readonly<Record<string, Exceptions>>,
    source: Source,
    range: Span,
  ): readonly EventEntry[] {
    const found: EventEntry[] = [];
    const near = { start: addDays(range.start, -NEAR_DAYS), end: addDays(range.end, NEAR_DAYS) };
    for (const event of Object.values(events))
      if (event.deleted === null && mayBeIn(event, near))
        for (const entry of this.#entriesOf(event, exceptions[event.id], source, range))
          found.push(entry);
    return found;
  }

  /** What the server expanded; the same entry as long as the answer is the same. */
  ofServed(occurrences: readonly Occurrence[], source: Source): readonly EventEntry[] {
    return occurrences.map((occurrence) => {
      const known = this.#served.get(occurrence);
      if (known?.colour === source.colour) return known;
      const entry = eventEntry(occurrence, source, this.shown(occurrence.when));
      this.#served.set(occurrence, entry);
      return entry;
    });
  }

  #entriesOf(
    event: CalendarEvent,
    exceptions: Exceptions | undefined,
    source: Source,
    range: Span,
  ): readonly EventEntry[] {
    const wanted = `${range.start} ${range.end} ${source.colour}`;
    const known = this.#known.get(event);
    if (known?.range === wanted && known.exceptions === exceptions) return known.entries;
    const entries = this.expand(event, exceptions, range).map((occurrence) =>
      eventEntry(occurrence, source, this.shown(occurrence.when)),
    );
    this.#known.set(event, { exceptions, range: wanted, entries });
    return entries;
  }
}

/** More than any two clocks are apart, so that most events are left out by a glance at their dates. */
const NEAR_DAYS = 2;

function mayBeIn({ when, rule, extra }: CalendarEvent, near: Span): boolean {
  return rule !== null || extra !== null || touches({ start: when[0], end: when[1] }, near);
}

function eventEntry(occurrence: Occurrence, source: Source, [start, end]: When): EventEntry {
  const { event, recurrenceId } = occurrence;
  const series = recurrenceId === null ? "" : `/${recurrenceId}`;
  return {
    kind: "event",
    key: `calendar/${source.calendar}/${event}${series}`,
    calendar: source.calendar,
    event,
    recurrenceId,
    colour: source.colour,
    occurrence,
    start,
    end,
  };
}

/** Does a span share a moment with another? Days and times compare as text. */
export function touches(span: Span, range: Span): boolean {
  const end = span.end > span.start ? span.end : `${span.end}~`;
  return span.start < range.end && end > range.start;
}

/** The days that a card takes: from its start, or else on its due day; null without any date. */
export function cardSpan({ start, due }: Pick<Card, "start" | "due">): Span | null {
  const first = start ?? due;
  const last = due ?? start;
  if (first === null || last === null) return null;
  const isBackwards = first > last;
  return { start: isBackwards ? last : first, end: addDays(isBackwards ? first : last, 1) };
}

export function numberLabel(prefix: string, number: number | null): string {
  if (number === null) return "";
  return prefix ? `${prefix}-${number}` : `#${number}`;
}

export class CardEntries {
  readonly #known = new WeakMap<Card, CardEntry>();

  of(project: string, state: ProjectState, range: Span): readonly CardEntry[] {
    const columns = new Map(state.columns.map((column) => [column.id, column]));
    return Object.values(state.cards).flatMap((card) => {
      const span = card.deleted === null ? cardSpan(card) : null;
      if (span === null || !touches(span, range)) return [];
      return [this.#entryOf(project, state.prefix, card, columns.get(card.column) ?? null, span)];
    });
  }

  #entryOf(
    project: string,
    prefix: string,
    card: Card,
    column: Column | null,
    span: Span,
  ): CardEntry {
    const label = numberLabel(prefix, card.number);
    const known = this.#known.get(card);
    if (known?.column === column && known.label === label) return known;
    const key = `project/${project}/${card.id}`;
    const entry: CardEntry = { kind: "card", key, project, card, column, label, ...span };
    this.#known.set(card, entry);
    return entry;
  }
}

/** Cards that nobody gave a date, in the order of the board; finished ones need none. */
export function unscheduled(state: ProjectState): readonly Card[] {
  return state.columns
    .filter((column) => column.status !== "done")
    .flatMap((column) => state.order[column.id] ?? [])
    .flatMap((id) => state.cards[id] ?? [])
    .filter((card) => card.start === null && card.due === null);
}
