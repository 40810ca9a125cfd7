/** How long to wait before the next attempt: full jitter, so that a thousand clients spread out. */

import type { Clock } from "./clock";

const FIRST_MS = 300;
const CAP_MS = 2_500;
/** A connection that lived shorter than this does not count as a success. */
const STABLE_MS = 5_000;
/** Where the wait starts when the server said that it is overloaded. */
const OVERLOADED_ATTEMPT = 2;

export class Backoff {
  #attempt = 0;
  #connectedAt: number | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly random: () => number,
  ) {}

  connected(): void {
    this.#connectedAt = this.clock.now();
  }

  /** The wait in ms after a connection was lost or not made. */
  lost(overloaded: boolean): number {
    if (this.#connectedAt !== null && this.clock.now() - this.#connectedAt >= STABLE_MS)
      this.#attempt = 0;
    this.#connectedAt = null;
    if (overloaded) this.#attempt = Math.max(this.#attempt, OVERLOADED_ATTEMPT);
    const limit = Math.min(CAP_MS, FIRST_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    return this.random() * limit;
  }

  reset(): void {
    this.#attempt = 0;
  }
}
