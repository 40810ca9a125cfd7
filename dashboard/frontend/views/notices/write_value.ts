/** Sets one register by its path, with the actions that views have anyway. */

import type { CalendarState } from "../../store/calendar_types";
import type { PageState } from "../../store/page_types";
import type { Held, MoimClient, ProjectState, Slot, WorkspaceState } from "../../store/types";
import { type Register, registerOf } from "./registers";

type Value = unknown;

/** A value of JSON, where the schema is checked by the store itself. */
function patchOf<Patch>({ field }: Register, value: Value): Patch {
  return { [field ?? ""]: value ?? null } as Patch;
}

function inProject(state: ProjectState, register: Register, value: Value): void {
  const { root, id, field } = register;
  if (field === "deleted") deleteIn(state, root, id, value);
  else if (root === "cards" && field === "place") state.moveCard(id, slotOf(state, id, value));
  else if (root === "cards") state.setCard(id, patchOf(register, value));
  else if (root === "columns") state.setColumn(id, patchOf(register, value));
  else if (root === "items" && field === "title") state.setItem(id, { title: String(value ?? "") });
  else if (root === "items" && field === "done") state.tickItem(id, Boolean(value));
  else if (root === "info") state.setInfo(patchOf(register, value));
}

function deleteIn(state: ProjectState, root: string, id: string, value: Value): void {
  const isDeleted = Boolean(value);
  if (root === "cards") (isDeleted ? state.deleteCard : state.restoreCard)(id);
  if (root === "items") (isDeleted ? state.deleteItem : state.restoreItem)(id);
  if (root === "comments") (isDeleted ? state.deleteComment : state.restoreComment)(id);
}

/** The same place again, as far as its neighbours are still there. */
function slotOf({ order, cards }: ProjectState, card: string, value: Value): Slot {
  const [column = "", key = ""] = String(value).split("|");
  const before = (order[column] ?? []).find((id) => id !== card && (cards[id]?.key ?? "") > key);
  return { column, before: before ?? null };
}

function inCalendar(state: CalendarState, register: Register, value: Value): void {
  const { root, id, field, recurrenceId } = register;
  if (field === "deleted") (value ? state.deleteEvent : state.restoreEvent)(id);
  else if (root === "exceptions" && recurrenceId !== null)
    state.setException(id, recurrenceId, patchOf(register, value));
  else if (root === "events") state.setEvent(id, patchOf(register, value));
  else if (root === "info") state.setInfo(patchOf(register, value));
}

function inPage(state: PageState, register: Register, value: Value): void {
  const { id, field } = register;
  if (field === "deleted") (value ? state.deleteCell : state.restoreCell)(id);
  else if (register.root === "cells") state.setCell(id, patchOf(register, value));
}

function inWorkspace(state: WorkspaceState, register: Register, value: Value): void {
  const { root, id } = register;
  if (register.field === "deleted") return;
  if (root === "projects") state.setProject(id, patchOf(register, value));
  else if (root === "calendars") state.setCalendar(id, patchOf(register, value));
  else if (root === "pages") state.setPage(id, patchOf(register, value));
  else if (root === "info") state.setWorkspace(patchOf(register, value));
}

export function writeValue(client: MoimClient, document: string, path: string, value: Value): void {
  const register = registerOf(document, path);
  const id = register.document;
  if (register.kind === "project")
    use(client.project(id), (state) => inProject(state, register, value));
  else if (register.kind === "calendar")
    use(client.calendar(id), (state) => inCalendar(state, register, value));
  else if (register.kind === "page")
    use(client.page(id), (state) => inPage(state, register, value));
  else inWorkspace(client.workspace.getState(), register, value);
}

/** As soon as the content is there: the document may have been closed since. */
function use<State extends { readonly ready: boolean }>(
  { store, release }: Held<State>,
  run: (state: State) => void,
): void {
  const go = () => {
    run(store.getState());
    release();
  };
  if (store.getState().ready) return go();
  const stop = store.subscribe(({ ready }) => {
    if (!ready) return;
    stop();
    // Not while the store is being told: an edit then would come after the release.
    queueMicrotask(go);
  });
}
