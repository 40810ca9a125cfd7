/** Tells the others which field I am in; they stop seeing it 10 s after my last key. */

import { useEffect } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { PresenceState } from "../../store/types";

const IDLE_MS = 10_000;

export function useEditing(
  presence: StoreApi<PresenceState>,
  entity: string,
  field: string | null,
): void {
  useEffect(() => {
    if (field === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isTold = false;
    const tell = (editing: boolean) => {
      if (editing === isTold) return;
      isTold = editing;
      presence.getState().setEditing(editing ? { entity, field } : null);
    };
    const stir = () => {
      tell(true);
      clearTimeout(timer);
      timer = setTimeout(() => tell(false), IDLE_MS);
    };
    stir();
    addEventListener("keydown", stir, true);
    addEventListener("input", stir, true);
    return () => {
      removeEventListener("keydown", stir, true);
      removeEventListener("input", stir, true);
      clearTimeout(timer);
      tell(false);
    };
  }, [presence, entity, field]);
}
