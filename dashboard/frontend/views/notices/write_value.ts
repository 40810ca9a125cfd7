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

/** Sets a register to what it is now, later; null for one that views do not read. */
export function wayBack(client: MoimClient, document: string, path: string): (() => void) | null {
  const value = valueAt(client, registerOf(document, path));
  if (value === undefined) return null;
  return () => writeValue(client, document, path, value);
}

/** undefined: not known here. */
function valueAt(client: MoimClient, register: Register): Value {
  const entity = entityAt(client, register) as Readonly<Record<string, unknown>> | undefined;
  if (entity === undefined || register.field === null) return undefined;
  if (register.field === "place" && register.root === "cards")
    return `${entity.column}|${entity.key}`;
  const value = entity[register.field];
  return value === undefined && register.root === "exceptions" ? null : value;
}

function entityAt(client: MoimClient, register: Register): object | undefined {
  const { kind, document, root, id, recurrenceId } = register;
  if (kind === "project")
    return read(client.project(document), (state) => entityIn(state, root, id));
  if (kind === "calendar")
    return read(client.calendar(document), ({ events, exceptions }) =>
      recurrenceId === null ? events[id] : (exceptions[id]?.[recurrenceId] ?? {}),
    );
  if (kind === "page")
    return read(client.page(document), ({ cells }) => cells.find((cell) => cell.id === id));
  const { projects, calendars, pages } = client.workspace.getState();
  return [...projects, ...calendars, ...pages].find((entry) => entry.id === id);
}

function read<State, Result>(
  { store, release }: Held<State>,
  run: (state: State) => Result,
): Result {
  const result = run(store.getState());
  release();
  return result;
}

function entityIn(state: ProjectState, root: string, id: string): object | undefined {
  if (root === "cards") return state.cards[id];
  if (root === "columns") return state.columns.find((column) => column.id === id);
  if (root !== "items") return undefined;
  return Object.values(state.checklists)
    .flat()
    .find((item) => item.id === id);
}
