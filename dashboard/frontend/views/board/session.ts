/** What one person is doing on one board right now; nothing of it is shared or kept. */

import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import { createStore } from "zustand/vanilla";
import type { Column, MoimClient, PresenceState, ProjectState, Slot } from "../../store/types";
import { mayEdit, useMayEdit } from "../role";
import type { ToastState } from "../toast";
import type { BoardFrame } from "./frame";
import type { MyDrag } from "./rows";
import type { Order } from "./slot";

/** My drag holds the order that I saw when it began: nothing shifts under the pointer. */
export interface FrozenDrag extends MyDrag {
  readonly from: Slot;
  readonly seen: Order;
}

export type CardPart = "fields" | "labels" | "members";

export interface SessionState {
  readonly drag: FrozenDrag | null;
  /** The entity whose name is a text field now. */
  readonly renaming: string | null;
  /** The column whose quick add is open, and where its cards go. */
  readonly adding: { readonly column: string; readonly at: "top" | "end" } | null;
  /** The panel was opened by key: the focus goes in. */
  readonly isEntering: boolean;
  readonly popover: {
    readonly card: string;
    readonly part: CardPart;
    readonly anchor: Element;
  } | null;
}

export type Session = StoreApi<SessionState>;

export function boardSession(): Session {
  return createStore<SessionState>(() => ({
    drag: null,
    renaming: null,
    adding: null,
    isEntering: false,
    popover: null,
  }));
}

/** A mounted column, as far as the board must ask it while something is dragged. */
export interface ColumnPlace {
  /** The element that is as tall as all cards together. */
  readonly list: HTMLElement;
  readonly reveal: (card: string) => void;
}

/** Everything below a board reads this; it is one object as long as the project stays. */
export interface BoardContext {
  readonly client: MoimClient;
  readonly frame: BoardFrame;
  readonly project: StoreApi<ProjectState>;
  readonly presence: StoreApi<PresenceState>;
  readonly session: Session;
  readonly toasts: StoreApi<ToastState>;
  readonly places: Map<string, ColumnPlace>;
  /** Heights in px of cards that were seen, by id. */
  readonly heights: Map<string, number>;
  /** What is on the screen after the filter; written by the board at each render. */
  readonly visible: { order: Order; columns: readonly Column[] };
  /** Cards that I have just moved: no news to me. */
  readonly mine: Set<string>;
  /** Comments that I began and did not send, by card. */
  readonly drafts: Map<string, string>;
  readonly announce: (text: string) => void;
  /** The id of what tells how cards are moved by keys; a page may show several boards. */
  readonly hintId: string;
}

export const BoardScope = createContext<BoardContext | null>(null);

/** Today where the person is, `YYYY-MM-DD`: one clock for all cards. */
export const DayScope = createContext("");

export function useBoard(): BoardContext {
  const board = useContext(BoardScope);
  if (!board) throw new Error("useBoard: expected a Board above, found none");
  return board;
}

/** True when nothing may be changed here: the view was asked to only show, or the person may only look. */
export function isReadonly({ frame, project }: BoardContext): boolean {
  return frame.getState().readonly || !mayEdit(project.getState());
}

export function useReadonly(): boolean {
  const { frame, project } = useBoard();
  const isShownOnly = useStore(frame, (state) => state.readonly);
  const isEditor = useMayEdit(project);
  return isShownOnly || !isEditor;
}
