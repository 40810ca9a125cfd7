/**
 * What takes place of the series that only the server expands (`isServed`), for views of a calendar:
 *
 *     const held = client.calendarOccurrences("team", "2026-11-01", "2026-12-06", "Asia/Seoul");
 *     held.store.getState().occurrences; // and `subscribe`, as of any store
 *     held.release();
 *
 * `from` and `to` are days as in `occurrencesBetween`, at most 400 of them, `to` is the day after the
 * last. A calendar without such series asks nothing. The answer is asked for again when these series
 * change and when the server is back; until then the last one stays, also over a reload, with what
 * this device knows of titles, deletions and exceptions applied.
 */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { Clock } from "../core/clock";
import { isServed } from "../core/recurrence";
import { instantOf } from "../core/wall_time";
import { isDay } from "../core/when";
import type { Question } from "./asking";
import type { CalendarEvent, CalendarState, Exceptions, Occurrence } from "./calendar_types";
import type { Answer, KeptAnswers } from "./kept_answers";
import { sameList } from "./shared";
import type { ConnectionState, Held } from "./types";

export interface ServedOccurrences {
  /** By start. */
  readonly occurrences: readonly Occurrence[];
  /**
   * `none`: there is nothing to ask for; `waiting`: no answer came yet; `kept`: what was changed, or
   * came while the server was away, may be missing.
   */
  readonly state: "none" | "waiting" | "kept" | "fresh";
  /** Series of which more takes place than the server gives. */
  readonly cut: readonly string[];
}

export interface ServedOptions {
  readonly question: Question;
  readonly calendar: Held<CalendarState>;
  readonly connection: StoreApi<ConnectionState>;
  /** Throws when there is no answer. */
  readonly ask: (question: Question) => Promise<unknown>;
  readonly answers: KeptAnswers;
  readonly clock: Clock;
}

/** Edits come in bursts. */
const SETTLE_MS = 150;
const AGAIN_MS = 10_000;
const NOTHING: Answer = { occurrences: [], cut: [] };

export function servedOccurrences(options: ServedOptions): Held<ServedOccurrences> {
  const served = new Served(options);
  return { store: served.store, release: () => served.close() };
}

class Served {
  readonly store: StoreApi<ServedOccurrences>;
  readonly #unlisten: (() => void)[];
  #asked: readonly unknown[] = [];
  #isFresh = false;
  #number = 0;
  #cancel: () => void = () => {};

  constructor(private readonly options: ServedOptions) {
    const { calendar, connection, answers } = options;
    this.store = createStore<ServedOccurrences>()(() => this.#state());
    this.#unlisten = [
      calendar.store.subscribe(() => this.#changed()),
      connection.subscribe(({ connected }, before) => {
        if (connected && !before.connected) this.#askSoon(0);
      }),
    ];
    void answers.read().then(() => this.#show());
    if (this.#series().length > 0) this.#askSoon(0);
  }

  close(): void {
    this.#number += 1;
    this.#cancel();
    for (const unlisten of this.#unlisten) unlisten();
    this.options.calendar.release();
  }

  #changed(): void {
    if (!sameList(this.#asked, this.#parts()) || !this.#isFresh) {
      this.#isFresh = false;
      this.#askSoon(SETTLE_MS);
    }
    this.#show();
  }

  #askSoon(delayMs: number): void {
    this.#cancel();
    this.#cancel = this.options.clock.after(delayMs, () => void this.#ask());
  }

  /** An edit that is not on the server yet is asked about when it is. */
  async #ask(): Promise<void> {
    const series = this.#series();
    const { unsent } = this.options.calendar.store.getState();
    if (series.length === 0 || series.some(({ id }) => unsent.has(id))) return;
    const parts = this.#parts();
    this.#number += 1;
    const number = this.#number;
    try {
      const answer = readAnswer(await this.options.ask(this.options.question));
      if (number !== this.#number) return;
      this.#asked = parts;
      this.#isFresh = true;
      this.options.answers.set(this.options.question, answer);
      this.#changed();
    } catch {
      // away, or busy: what is shown stays, and is said to be kept
      if (number === this.#number) this.#askSoon(AGAIN_MS);
    }
  }

  #show(): void {
    const [before, next] = [this.store.getState(), this.#state()];
    const isSame =
      before.state === next.state &&
      sameList(before.cut, next.cut) &&
      JSON.stringify(before.occurrences) === JSON.stringify(next.occurrences);
    if (!isSame) this.store.setState(next);
  }

  #state(): ServedOccurrences {
    const answer = this.options.answers.get(this.options.question);
    if (this.#series().length === 0) return { ...NOTHING, state: "none" };
    if (answer === undefined) return { ...NOTHING, state: "waiting" };
    const state = this.#isFresh ? "fresh" : "kept";
    const occurrences = overlaid(answer.occurrences, this.options.calendar.store.getState());
    const { zone } = this.options.question;
    return { occurrences: byStart(occurrences, zone), state, cut: answer.cut };
  }

  #series(): readonly CalendarEvent[] {
    return Object.values(this.options.calendar.store.getState().events).filter(isServed);
  }

  /** What the answer depends on; these objects are the same as long as nothing in them changes. */
  #parts(): readonly unknown[] {
    const { exceptions } = this.options.calendar.store.getState();
    return this.#series().flatMap((event) => [event, exceptions[event.id]]);
  }
}

/** What this device knows better than the last answer. */
function overlaid(
  occurrences: readonly Occurrence[],
  { events, exceptions }: CalendarState,
): Occurrence[] {
  return occurrences.flatMap((occurrence) => {
    const event = events[occurrence.event];
    if (event === undefined || !isServed(event)) return [];
    return overlaidOne(occurrence, event, exceptions[event.id] ?? {});
  });
}

function overlaidOne(
  occurrence: Occurrence,
  event: CalendarEvent,
  exceptions: Exceptions,
): Occurrence[] {
  const exception = exceptions[occurrence.recurrenceId ?? ""];
  if (exception?.excluded) return [];
  return [
    {
      ...occurrence,
      when: exception?.when ?? occurrence.when,
      title: exception?.title ?? event.title,
      location: exception?.location ?? event.location,
      status: exception?.status ?? event.status,
      isException: exception !== undefined,
    },
  ];
}

function byStart(occurrences: readonly Occurrence[], zone: string): readonly Occurrence[] {
  const placed = occurrences.map((occurrence) => {
    const [start, , own] = occurrence.when;
    return { occurrence, atMs: instantOf(start, isDay(start) || own === "" ? zone : own) };
  });
  return placed.sort((a, b) => a.atMs - b.atMs).map(({ occurrence }) => occurrence);
}

/** The server is ours, yet a proxy may answer in its place. */
function readAnswer(answer: unknown): Answer {
  const { occurrences, cut } = (answer ?? {}) as Partial<Answer>;
  if (!Array.isArray(occurrences) || !Array.isArray(cut))
    throw new Error("expected occurrences and cut");
  return { occurrences, cut };
}
