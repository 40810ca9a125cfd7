/** The clock of one pretended tab: while the tab sleeps, as browsers let tabs in the background, no timer of it runs. */

import type { Clock } from "../core/clock";

export class TabClock implements Clock {
  #sleeps = false;
  #late: (() => void)[] = [];

  constructor(private readonly clock: Clock) {}

  now(): number {
    return this.clock.now();
  }

  after(delayMs: number, run: () => void): () => void {
    let cancelled = false;
    const runIfAwake = () => {
      if (cancelled) return;
      if (this.#sleeps) this.#late.push(runIfAwake);
      else run();
    };
    const cancel = this.clock.after(delayMs, runIfAwake);
    return () => {
      cancelled = true;
      cancel();
    };
  }

  sleep(): void {
    this.#sleeps = true;
  }

  wake(): void {
    this.#sleeps = false;
    for (const run of this.#late.splice(0)) run();
  }
}
