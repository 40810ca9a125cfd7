/** A clock that stands still until a test moves it. */

import type { Clock } from "../core/clock";

declare function setImmediate(run: () => void): void;

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

export class TestClock implements Clock {
  #nowMs = Date.UTC(2026, 10, 23);
  #timers: Timer[] = [];

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Lets time pass, and everything happen that waits for it or for a database. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle(QUIET_ROUNDS);
    for (let timer = this.#due(untilMs); timer; timer = this.#due(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      this.#timers = this.#timers.filter((other) => other !== timer);
      timer.run();
      await settle();
    }
    await settle(QUIET_ROUNDS);
    this.#nowMs = untilMs;
  }

  /** The machine sleeps: time passes, timers come late. */
  sleep(ms: number): void {
    this.#nowMs += ms;
  }

  #due(untilMs: number): Timer | undefined {
    return this.#timers.filter((timer) => timer.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
  }
}

/** A few requests to a database in memory, and opening one and reading it through. */
const ROUNDS = 4;
const QUIET_ROUNDS = 60;

/** Lets promises and the steps of an in-memory database happen. */
export async function settle(rounds = ROUNDS): Promise<void> {
  for (let round = 0; round < rounds; round += 1)
    await new Promise<void>((resolve) => setImmediate(resolve));
}
