/** What the client needs to know of the page it lives in: when it wakes, and whether anyone is there. */

import type { Clock } from "../core/clock";

export const IDLE_AFTER_MS = 60_000;

export interface PageEvents {
  /** The page became visible, came back from the cache, or the network did. */
  wake(): void;
  /** The page is left, perhaps for good. */
  leave(): void;
  /** Nobody touched the page for a minute, or somebody does again. */
  idle(idle: boolean): void;
}

/** Listens to the page; gives the unlisten. */
export function watchPage(page: Window, clock: Clock, events: PageEvents): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const wake = () => {
    if (page.document.visibilityState === "visible") events.wake();
  };
  page.document.addEventListener("visibilitychange", wake, { signal });
  page.addEventListener("online", () => events.wake(), { signal });
  page.addEventListener("pageshow", wake, { signal });
  page.addEventListener("pagehide", () => events.leave(), { signal });
  const stopIdle = watchIdle(page, clock, events, signal);
  return () => {
    abort.abort();
    stopIdle();
  };
}

function watchIdle(page: Window, clock: Clock, events: PageEvents, signal: AbortSignal) {
  let idle = false;
  let activeAt = clock.now();
  let cancel = () => {};
  const look = () => {
    const restMs = activeAt + IDLE_AFTER_MS - clock.now();
    if (restMs > 0) cancel = clock.after(restMs, look);
    else {
      idle = true;
      events.idle(true);
    }
  };
  const active = () => {
    activeAt = clock.now();
    if (!idle) return;
    idle = false;
    events.idle(false);
    look();
  };
  for (const type of ["pointermove", "pointerdown", "keydown", "wheel"])
    page.addEventListener(type, active, { signal, passive: true, capture: true });
  look();
  return () => cancel();
}
