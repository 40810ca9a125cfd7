/** True on a page as narrow as a phone; where words must be shorter, style sheets are not enough. */

import { useSyncExternalStore } from "react";

const QUERY = "(max-width: 760px)";

function subscribe(listener: () => void): () => void {
  const query = matchMedia(QUERY);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}

export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(QUERY).matches);
}
