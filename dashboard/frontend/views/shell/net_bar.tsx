/** One thin line above the work: offline, then "all caught up" for 3 s. Never over the work. */

import { Check, CloudOff, TriangleAlert, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import type { MoimClient } from "../../store/types";
import { Icon } from "../icons";
import { useWords } from "../language";

const CAUGHT_UP_MS = 3_000;

export function NetBar({ client }: { readonly client: MoimClient }) {
  const { t } = useWords();
  const isOffline = useStore(client.connection, ({ state }) => state === "offline");
  const stopped = useStore(client.connection, (state) => state.stopped);
  const caughtUp = useFreshCatchUp(client);
  const [isDismissed, setDismissed] = useState(false);
  useEffect(() => {
    if (!isOffline) setDismissed(false);
  }, [isOffline]);
  if (stopped)
    return (
      <div className="netbar" role="alert">
        <Icon of={TriangleAlert} />
        <p>{t("net.stopped", { reason: stopped.reason || String(stopped.code) })}</p>
      </div>
    );
  if (isOffline && !isDismissed)
    return (
      <div className="netbar" role="status">
        <Icon of={CloudOff} />
        <p>
          <b>{t("net.offlineTitle")}</b> {t("net.offline")}
        </p>
        <button
          type="button"
          className="ib s btn-x"
          aria-label={t("app.dismiss")}
          onClick={() => setDismissed(true)}
        >
          <Icon of={X} />
        </button>
      </div>
    );
  if (isOffline || !caughtUp) return null;
  return (
    <div className="netbar ok" role="status">
      <Icon of={Check} />
      <p className="num">
        <b>{t("net.caughtUpTitle")}</b> · {t("net.caughtUp", caughtUp)}
      </p>
    </div>
  );
}

/** The last catching up for 3 s after it ended; nothing when nothing came or went. */
function useFreshCatchUp(client: MoimClient) {
  const caughtUp = useStore(client.connection, (state) => state.caughtUp);
  const [shown, setShown] = useState<{ sent: number; received: number } | null>(null);
  useEffect(() => {
    if (!caughtUp || Date.now() - caughtUp.at > CAUGHT_UP_MS) return;
    if (caughtUp.sent + caughtUp.received === 0) return;
    setShown({ sent: caughtUp.sent, received: caughtUp.received });
    const timer = setTimeout(() => setShown(null), CAUGHT_UP_MS);
    return () => clearTimeout(timer);
  }, [caughtUp]);
  return shown;
}
