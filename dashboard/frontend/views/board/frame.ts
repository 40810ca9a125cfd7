/** What a board is asked to show; the shell, a Panel model and the bridge hold the same store. */

import { createStore, type StoreApi } from "zustand/vanilla";

export interface BoardParams {
  readonly project: string;
  readonly filter: string;
  readonly selection: string | null;
  readonly readonly: boolean;
}

export type BoardFrame = StoreApi<BoardParams>;

export function boardFrame(params: Partial<BoardParams> = {}): BoardFrame {
  return createStore<BoardParams>(() => ({
    project: "",
    filter: "",
    selection: null,
    readonly: false,
    ...params,
  }));
}
