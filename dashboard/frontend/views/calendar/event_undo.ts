/** What a person does with a whole event, each with the way back for the toast. */

import type { StoreApi } from "zustand/vanilla";
import type { CalendarState } from "../../store/calendar_types";
import type { Held, MoimClient } from "../../store/types";
import type { WordKey, Words } from "../language";
import type { ToastState } from "../toast";
import type { EventFields } from "./event_fields";

export interface Told {
  readonly toasts: StoreApi<ToastState>;
  readonly words: Words;
}

/** Says what was done, with a way back. `name`: the event's title. */
export function tellDone(
  { toasts, words }: Told,
  key: WordKey,
  name: string,
  undo: () => void,
): void {
  const text = words.t(key, { name: name || words.t("event.untitled") });
  toasts.setState({ toast: { text, action: { name: words.t("app.undo"), run: undo } } });
}

/** Makes an event as one transaction; gives its id and the way to take it back. */
export function createEvent(
  client: MoimClient,
  { calendar, title, when, rule, location, url, status, members }: EventFields,
): { readonly id: string; readonly undo: () => void } {
  const { store, release } = client.calendar(calendar);
  const state = store.getState();
  const { result: id } = state.together(() => {
    const made = state.addEvent({ title, when, rule, location, url, status });
    for (const person of members) state.toggleMember(made, person);
    return made;
  });
  release();
  // Deleted and not taken out: somebody may have begun to edit it.
  const undo = () => whenThere(client.calendar(calendar), id, (known) => known.deleteEvent(id));
  return { id, undo };
}

export function deleteEvent(
  calendar: StoreApi<CalendarState>,
  id: string,
): { readonly undo: () => void } {
  const state = calendar.getState();
  return state.together(() => state.deleteEvent(id));
}

/**
 * Makes the event in another calendar, then deletes it here: cut off between the two, it is there
 * twice and not lost. Gives null when there is no such event.
 */
export function moveEvent(
  client: MoimClient,
  from: string,
  event: string,
  to: string,
): { readonly id: string; readonly undo: () => void } | null {
  const here = client.calendar(from);
  const there = client.calendar(to);
  const release = () => {
    here.release();
    there.release();
  };
  const copy = here.store.getState().copyOf(event);
  if (!copy) {
    release();
    return null;
  }
  const id = there.store.getState().addCopy(copy);
  here.store.getState().deleteEvent(event);
  release();
  const undo = () => {
    whenThere(client.calendar(from), event, (state) => state.restoreEvent(event));
    whenThere(client.calendar(to), id, (state) => state.deleteEvent(id));
  };
  return { id, undo };
}

/** Does something to an event as soon as it is there: its calendar may have been closed since. */
function whenThere(
  { store, release }: Held<CalendarState>,
  event: string,
  run: (state: CalendarState) => void,
): void {
  const isThere = () => store.getState().events[event] !== undefined;
  const go = () => {
    run(store.getState());
    release();
  };
  if (isThere()) return go();
  const stop = store.subscribe(() => {
    if (!isThere()) return;
    stop();
    // Yjs reports an edit that is made while it reports another one later: after the release, that
    // would be after the document is closed.
    queueMicrotask(go);
  });
}
