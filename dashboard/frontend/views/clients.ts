/** The page's client: one per sync address, shared by the shell and every component. */

import type { PageKeeper } from "../core/page_keeper";
import type { DocumentClient } from "../store/client";
import { holdClient } from "../store/hold_client";
import { currentWords } from "./language";

/** `/sync` of this page's own server, or what was asked for. */
export function syncAddress(url = "/sync"): string {
  const address = new URL(url, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  return address.href;
}

/** `keeper` is the page's own, when its pages are ours to keep. */
export function holdPageClient(
  url?: string,
  keeper: PageKeeper | null = null,
): { client: DocumentClient; release: () => void } {
  return holdClient({
    url: syncAddress(url),
    keeper,
    columnNames: () => {
      const { t } = currentWords();
      return [t("status.ready"), t("status.doing"), t("status.done")];
    },
  });
}
