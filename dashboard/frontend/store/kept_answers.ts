/** The last answers of the server about series that only it expands, for whoever asks the same again. */

import type { Clock } from "../core/clock";
import type { AnswerRow, Database } from "../core/database";
import type { Journal } from "../core/journal";
import type { Question } from "./asking";
import type { Occurrence } from "./calendar_types";

export interface Answer {
  readonly occurrences: readonly Occurrence[];
  readonly cut: readonly string[];
}

const MOST = 50;

/** Answers outlive the page: without a server a reload shows what it showed before. */
export class KeptAnswers {
  readonly #answers = new Map<string, Answer>();
  #read: Promise<void> | null = null;

  constructor(
    private readonly database: Database | null,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {}

  /** Resolves when what this device keeps is here; the first call reads it. */
  read(): Promise<void> {
    this.#read ??= this.#readDevice();
    return this.#read;
  }

  get(question: Question): Answer | undefined {
    return this.#answers.get(keyOf(question));
  }

  set(question: Question, answer: Answer): void {
    const row = { question: keyOf(question), answer, atMs: this.clock.now() };
    this.#answers.delete(row.question);
    this.#answers.set(row.question, answer);
    this.journal.write(async (transaction) => transaction.put("answers", row));
    this.#dropOldest();
  }

  async #readDevice(): Promise<void> {
    if (this.database === null) return;
    const read = () => this.database?.read((transaction) => transaction.list("answers"));
    // what cannot be read is asked for again, or missing until it can be
    const rows = ((await read()?.catch(() => [])) ?? []).map(({ row }) => row);
    const newer = [...this.#answers];
    this.#answers.clear();
    for (const row of rows.sort(byAge)) this.#answers.set(row.question, row.answer as Answer);
    for (const [key, answer] of newer) {
      this.#answers.delete(key);
      this.#answers.set(key, answer);
    }
    this.#dropOldest();
  }

  #dropOldest(): void {
    const many = [...this.#answers.keys()];
    for (const key of many.slice(0, Math.max(0, many.length - MOST))) {
      this.#answers.delete(key);
      this.journal.write(async (transaction) => transaction.delete("answers", key));
    }
  }
}

function byAge(one: AnswerRow, other: AnswerRow): number {
  return one.atMs - other.atMs;
}

function keyOf({ calendar, from, to, zone }: Question): string {
  return JSON.stringify([calendar, from, to, zone]);
}
