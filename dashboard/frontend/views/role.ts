/** Whether this person may change a document, or only look at it. */

import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { Role } from "../store/types";

export interface WithRole {
  readonly role: Role;
}

export function mayEdit({ role }: WithRole): boolean {
  return role !== "viewer";
}

export function useMayEdit<State extends WithRole>(store: StoreApi<State>): boolean {
  return useStore(store, mayEdit);
}
