/** What the pill says, from acknowledgements and from how long there has been no server. */

export type SaveState = "saved" | "saving" | "device" | "offline";

export interface SaveFacts {
  /** When the oldest edit was made that the server does not have; null: it has all. */
  readonly oldestAtMs: number | null;
  readonly connected: boolean;
  /** When `connected` became what it is. */
  readonly sinceMs: number;
  /** The page was opened without a server: there is nothing to hope for. */
  readonly openedAway: boolean;
}

export const SAVING_AFTER_MS = 400;
export const DEVICE_AFTER_MS = 5_000;
export const OFFLINE_AFTER_MS = 3_000;

/** Gives the state, and when it changes by itself; null: not before something happens. */
export function saveState(
  nowMs: number,
  { oldestAtMs, connected, sinceMs, openedAway }: SaveFacts,
): { state: SaveState; changesAtMs: number | null } {
  const offlineAtMs = connected ? null : sinceMs + (openedAway ? 0 : OFFLINE_AFTER_MS);
  if (offlineAtMs !== null && nowMs >= offlineAtMs) return { state: "offline", changesAtMs: null };
  if (oldestAtMs === null) return { state: "saved", changesAtMs: offlineAtMs };
  const steps: [SaveState, number][] = connected
    ? [
        ["saved", oldestAtMs + SAVING_AFTER_MS],
        ["saving", oldestAtMs + DEVICE_AFTER_MS],
      ]
    : [["saved", oldestAtMs + SAVING_AFTER_MS]];
  const step = steps.find(([, untilMs]) => nowMs < untilMs);
  if (step) return { state: step[0], changesAtMs: Math.min(step[1], offlineAtMs ?? step[1]) };
  return { state: "device", changesAtMs: offlineAtMs };
}
