/** What came and went while the connection was being caught up with; news for 3 s. */

import { useEffect, useState } from "react";
import { useStore } from "zustand";
import type { MoimClient } from "../../store/types";

const CAUGHT_UP_MS = 3_000;

/** The last catching up for 3 s after it ended; nothing when nothing came or went. */
export function useFreshCatchUp(client: MoimClient) {
  const caughtUp = useStore(client.connection, (state) => state.caughtUp);
  const [shown, setShown] = useState<{ sent: number; received: number } | null>(null);
  useEffect(() => {
    if (!caughtUp || Date.now() - caughtUp.at > CAUGHT_UP_MS) return;
    if (caughtUp.sent + caughtUp.received === 0) return;
    setShown({ sent: caughtUp.sent, received: caughtUp.received });
  }, [caughtUp]);
  useEffect(() => {
    if (!shown) return;
    const timer = setTimeout(() => setShown(null), CAUGHT_UP_MS);
    return () => clearTimeout(timer);
  }, [shown]);
  return shown;
}
