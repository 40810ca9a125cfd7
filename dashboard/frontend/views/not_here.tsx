/** What stands in place of a document that this device never had, while the server is away. */

import { CloudOff } from "lucide-react";
import { useStore } from "zustand";
import type { MoimClient } from "../store/types";
import { Icon } from "./icons";
import { useWords } from "./language";

/** True while there is no server that could bring what is not on this device. */
export function useServerAway(client: MoimClient): boolean {
  return useStore(client.connection, ({ state }) => state === "offline");
}

export function NotHere() {
  const { t } = useWords();
  return (
    <div className="empty" role="status" data-moim="not-here">
      <Icon of={CloudOff} size={28} />
      <h3>{t("away.title")}</h3>
      <p>{t("away.hint")}</p>
    </div>
  );
}
