/** What the parts of an open page share. */

import { createContext, useContext } from "react";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { PageState } from "../../store/page_types";
import type { MoimClient, PresenceState } from "../../store/types";
import { useMayEdit } from "../role";
import type { Place } from "../shell/route";
import type { ToastState } from "../toast";
import type { ChartsInSight } from "./charts";

/** What one person is doing with the cells right now; nothing of it is shared or kept. */
export interface PageSession {
  /** The cell under the pointer of a drag, and the one it would stand before; null: the end. */
  readonly drag: { readonly cell: string; readonly before: string | null } | null;
  /** The note that is a text field now. */
  readonly writing: string | null;
  /** The cell whose title is a text field now. */
  readonly naming: string | null;
}

export interface OpenPage {
  readonly client: MoimClient;
  readonly id: string;
  readonly store: StoreApi<PageState>;
  readonly presence: StoreApi<PresenceState>;
  readonly session: StoreApi<PageSession>;
  readonly toasts: StoreApi<ToastState>;
  readonly charts: ChartsInSight;
  readonly announce: (text: string) => void;
  /** Shows another document, or a card or event in its own place. */
  readonly onGo: (place: Place) => void;
}

export function pageSession(): StoreApi<PageSession> {
  return createStore<PageSession>(() => ({ drag: null, writing: null, naming: null }));
}

export function useMayEditPage(): boolean {
  return useMayEdit(useOpenPage().store);
}

export const PageScope = createContext<OpenPage | null>(null);

export function useOpenPage(): OpenPage {
  const page = useContext(PageScope);
  if (!page) throw new Error("useOpenPage: expected a PageView above, found none");
  return page;
}
