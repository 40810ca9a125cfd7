/** Whether this person may change a document, or only look at it. */

import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";

/** Before the server has said what the person may do, nothing is taken away. */
export function mayEdit(state: object): boolean {
  return !("role" in state) || state.role !== "viewer";
}

export function useMayEdit<State extends object>(store: StoreApi<State>): boolean {
  return useStore(store, mayEdit);
}
