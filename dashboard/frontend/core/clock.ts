/** Time and timers as an argument, so that tests own them. */

export interface Clock {
  /** ms since epoch. */
  now(): number;
  /** Runs once after a delay; the answer takes it back. */
  after(delayMs: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
