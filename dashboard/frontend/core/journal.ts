/**
 * The only writer of the browser's database: first in, first out, whatever was asked meanwhile in one
 * transaction. What failed is kept, retried, and said.
 */

import type { Clock } from "./clock";
import type { Database, Transaction } from "./database";

interface Operation {
  readonly run: (transaction: Transaction) => Promise<void>;
  readonly written: () => void;
}

const RETRY_MS = 5_000;

export class Journal {
  #waiting: Operation[] = [];
  #running: Promise<void> | null = null;
  #cancelRetry: () => void = () => {};
  #error: string | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly database: Database | null,
    private readonly clock: Clock,
  ) {}

  /** Why the last write failed; null when everything asked for is on this device, or on its way. */
  get error(): string | null {
    return this.#error;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** `written` is called when it is on disk. */
  write(run: Operation["run"], written: () => void = () => {}): void {
    if (this.database === null) return;
    this.#waiting.push({ run, written });
    this.#running ??= this.#drain(this.database);
  }

  /** Something that this device keeps could not be read or written. */
  fail(error: unknown): void {
    this.#report(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
  }

  /** Resolves when nothing waits, or when a write has failed. */
  async settled(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  close(): void {
    this.#cancelRetry();
  }

  async #drain(database: Database): Promise<void> {
    this.#cancelRetry();
    try {
      while (this.#waiting.length > 0) {
        const batch = [...this.#waiting];
        await database.write(async (transaction) => {
          for (const { run } of batch) await run(transaction);
        });
        this.#waiting = this.#waiting.slice(batch.length);
        for (const { written } of batch) written();
        this.#report(null);
      }
    } catch (error) {
      this.fail(error);
      this.#cancelRetry = this.clock.after(RETRY_MS, () => {
        this.#running ??= this.#drain(database);
      });
    } finally {
      this.#running = null;
    }
  }

  #report(error: string | null): void {
    if (error === this.#error) return;
    this.#error = error;
    for (const listener of this.#listeners) listener();
  }
}
