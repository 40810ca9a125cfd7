/** What one side lacks and the other asks for or sends again: at once at first, then seldom. */

import type { Clock } from "./clock";

const ANSWERS_AT_ONCE = 3;
const ANSWER_LATER_MS = 5_000;
const ASK_AGAIN_AFTER_MS = 5_000;

export class Gaps {
  #answers = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #cancel: () => void = () => {};

  constructor(private readonly clock: Clock) {}

  /** The server lacks something. */
  answer(run: () => void): void {
    this.#answers += 1;
    if (this.#answers <= ANSWERS_AT_ONCE) return run();
    this.cancel();
    this.#cancel = this.clock.after(ANSWER_LATER_MS, run);
  }

  /** The server lacks nothing any more. */
  closed(): void {
    this.#answers = 0;
  }

  /** We lack something. */
  ask(run: () => void): void {
    const now = this.clock.now();
    if (now - this.#askedAt < ASK_AGAIN_AFTER_MS) return;
    this.#askedAt = now;
    run();
  }

  cancel(): void {
    this.#cancel();
  }
}
