/** The page's client: one per sync address, shared by the shell and every component. */

import { holdClient } from "../store/hold_client";
import type { MoimClient } from "../store/types";
import { currentWords } from "./language";

/** `/sync` of this page's own server, or what was asked for. */
export function syncAddress(url = "/sync"): string {
  const address = new URL(url, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  return address.href;
}

export function holdPageClient(url?: string): { client: MoimClient; release: () => void } {
  return holdClient({
    url: syncAddress(url),
    columnNames: () => {
      const { t } = currentWords();
      return [t("status.ready"), t("status.doing"), t("status.done")];
    },
  });
}
