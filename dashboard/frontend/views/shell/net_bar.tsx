/** One thin line above the work: offline, then "all caught up" for 3 s. Never over the work. */

import { Check, CloudOff, TriangleAlert, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { NOT_SIGNED_IN } from "../../core/provider";
import type { MoimClient } from "../../store/types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { useFreshCatchUp } from "./caught_up";

export function NetBar({ client }: { readonly client: MoimClient }) {
  const { t } = useWords();
  const isOffline = useStore(client.connection, ({ state }) => state === "offline");
  const stopped = useStore(client.connection, (state) => state.stopped);
  const caughtUp = useFreshCatchUp(client);
  const [isDismissed, setDismissed] = useState(false);
  useEffect(() => {
    if (!isOffline) setDismissed(false);
  }, [isOffline]);
  if (stopped?.code === NOT_SIGNED_IN)
    return (
      <div className="netbar" role="alert">
        <Icon of={TriangleAlert} />
        <p>{t("net.signedOut")}</p>
        <a className="btn line" href={`/login?next=${encodeURIComponent(here())}`}>
          {t("net.signIn")}
        </a>
      </div>
    );
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

function here(): string {
  return window.location.pathname + window.location.search;
}
