/** Tells everybody in the workspace where this tab is, and whether the person's keys go to it. */

import { useEffect } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { PresenceState } from "../../store/types";
import { documentOf, type Place } from "./route";

export function useWhereabouts(
  everybody: StoreApi<PresenceState> | null,
  place: Place | null,
): void {
  const document = place && documentOf(place);
  const entity = place?.entity ?? null;
  useEffect(() => {
    if (everybody === null || document === null) return;
    const tell = () => {
      const front = globalThis.document.hasFocus();
      everybody.getState().setAt({ document, entity, front });
    };
    tell();
    addEventListener("focus", tell);
    addEventListener("blur", tell);
    return () => {
      removeEventListener("focus", tell);
      removeEventListener("blur", tell);
    };
  }, [everybody, document, entity]);
}
