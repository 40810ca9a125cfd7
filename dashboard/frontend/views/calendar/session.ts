/** What one person is doing on one calendar right now; nothing of it is shared or kept. */

import { createContext, useContext } from "react";
import type { StoreApi } from "zustand/vanilla";
import { createStore } from "zustand/vanilla";
import type { CalendarState } from "../../store/calendar_types";
import type { MoimClient, PresenceState, ProjectState } from "../../store/types";
import type { ToastState } from "../toast";
import type { Span } from "./dates";
import type { Entry } from "./entries";
import type { CalendarFrame } from "./frame";
import type { ScopeQuestion } from "./scope";

/** An entry that stands elsewhere than its document says: in the air, or while a question is open. */
export interface Lift {
  readonly key: string;
  readonly to: Span;
  readonly by: "keyboard" | "question";
}

/** A place that is walked to by keys; a selection reaches from the anchor to it. */
export interface Cursor {
  readonly anchor: string;
  readonly at: string;
}

export interface SessionState {
  /** The entry that the pointer holds. */
  readonly dragged: string | null;
  readonly lift: Lift | null;
  readonly cursor: Cursor | null;
  /** Where an event will be that has no name yet: its editor is open. */
  readonly draft: Span | null;
  /** The event whose editor is open. */
  readonly opened: { readonly key: string; readonly anchor: Element } | null;
}

export function calendarSession(): StoreApi<SessionState> {
  return createStore<SessionState>(() => ({
    dragged: null,
    lift: null,
    cursor: null,
    draft: null,
    opened: null,
  }));
}

/** The documents that are shown now, by id; the stores stay as long as they are shown. */
export interface ShownDocuments {
  readonly calendars: ReadonlyMap<string, StoreApi<CalendarState>>;
  readonly projects: ReadonlyMap<string, StoreApi<ProjectState>>;
  /** By document: `calendar/<id>`, `project/<id>`. */
  readonly presences: ReadonlyMap<string, StoreApi<PresenceState>>;
}

/** Everything below a calendar reads this; it is one object as long as the calendar is mounted. */
export interface CalendarContext {
  readonly client: MoimClient;
  readonly frame: CalendarFrame;
  readonly session: StoreApi<SessionState>;
  readonly toasts: StoreApi<ToastState>;
  /** The person's own zone. */
  readonly zone: string;
  /** What is on the screen; written at each render. */
  readonly visible: {
    documents: ShownDocuments;
    entries: readonly Entry[];
    /** What the person has chosen in here; another selection came from outside. */
    chosen: string | null;
  };
  readonly announce: (text: string) => void;
  readonly openCard: (project: string, card: string) => void;
  /** This one of a series, the later ones too, or all? null: rather not. */
  readonly ask: ScopeQuestion["ask"];
}

export const NO_DOCUMENTS: ShownDocuments = {
  calendars: new Map(),
  projects: new Map(),
  presences: new Map(),
};

export const CalendarScope = createContext<CalendarContext | null>(null);

export function useCalendar(): CalendarContext {
  const calendar = useContext(CalendarScope);
  if (!calendar) throw new Error("useCalendar: expected a Calendar above, found none");
  return calendar;
}
