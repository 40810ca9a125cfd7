/**
 * How much may be in flight while the server takes edits back: more than ten within ten seconds, and it
 * refuses all that follows (PROTOCOL.md E3). Good edits behind many bad ones would go with them, so they
 * go slowly.
 */

import type { Clock } from "./clock";

/** A little more than the server looks back, for the time on the way. */
const LOOK_BACK_MS = 12_000;
const MOST_TAKEN_BACK = 10;

export class Pace {
  #takenBackAt: number[] = [];
  #cancel: () => void = () => {};

  constructor(
    private readonly clock: Clock,
    private readonly faster: () => void,
  ) {}

  takenBack(): void {
    this.#takenBackAt.push(this.clock.now());
    this.#cancel();
    this.#cancel = this.clock.after(LOOK_BACK_MS, () => this.faster());
  }

  /** How many PUSHes may be in flight, of the `most` that may at other times. */
  of(most: number): number {
    const since = this.clock.now() - LOOK_BACK_MS;
    this.#takenBackAt = this.#takenBackAt.filter((at) => at > since);
    const count = this.#takenBackAt.length;
    return count === 0 ? most : Math.min(most, Math.max(0, MOST_TAKEN_BACK - count));
  }

  /** A new subscription, or none any more: the server counts anew. */
  begin(): void {
    this.#cancel();
    this.#takenBackAt = [];
  }
}
