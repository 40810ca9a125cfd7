/** What a board is asked to show; the shell, a Panel model and the bridge hold the same store. */

import { createStore, type StoreApi } from "zustand/vanilla";

export interface BoardParams {
  readonly project: string;
  readonly filter: string;
  readonly selection: string | null;
  readonly readonly: boolean;
}

/**
 * To select is to point at a card, from here or from Python; to open is to see the selected one whole,
 * in the panel. While the panel is open it shows whatever is selected.
 */
export interface BoardState extends BoardParams {
  readonly isOpen: boolean;
}

export type BoardFrame = StoreApi<BoardState>;

export function openCardOf({ selection, isOpen }: BoardState): string | null {
  return isOpen ? selection : null;
}

export function boardFrame(params: Partial<BoardState> = {}): BoardFrame {
  return createStore<BoardState>(() => ({
    project: "",
    filter: "",
    selection: null,
    readonly: false,
    isOpen: false,
    ...params,
  }));
}
