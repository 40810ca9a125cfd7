/** Work that may wait until the page has nothing to do. */

const IDLE_SOON_MS = 2_000;

/** Calls when the page is idle, or soon in a browser that cannot say. Gives the way to cancel. */
export function whenIdle(run: () => void): () => void {
  if (typeof requestIdleCallback !== "function") {
    const timer = setTimeout(run, IDLE_SOON_MS);
    return () => clearTimeout(timer);
  }
  const request = requestIdleCallback(run);
  return () => cancelIdleCallback(request);
}
