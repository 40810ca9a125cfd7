/** The workspace as the navigation reads it: its projects, calendars and pages, its members. */

import * as Y from "yjs";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { SharedDocument } from "../core/document";
import { comparePlaced, insertAt } from "../core/place";
import { beginCalendar } from "./calendar_code";
import { newNamedId, prefixOf } from "./ids";
import { beginPage } from "./page_document";
import { type Author, beginProject, MIDDLE } from "./project_actions";
import { WORKSPACE } from "./schema";
import {
  type Changes,
  entities,
  fieldsOf,
  listed,
  setFields,
  shared,
  type View,
  type Write,
} from "./shared";
import type { EntryKind, Hue, Member, PageEntry, ProjectEntry, WorkspaceState } from "./types";
import { undoable } from "./undoable";

type Fields = Readonly<Record<string, unknown>>;

export interface WorkspaceOptions extends Author {
  /** Names of the columns of a new project. */
  readonly columnNames: () => readonly [todo: string, doing: string, done: string];
  /** Makes a document with what it begins with. */
  readonly createDocument: (document: string, begin: (doc: Y.Doc) => void) => void;
}

export function workspaceStore(
  document: SharedDocument,
  options: WorkspaceOptions,
): StoreApi<WorkspaceState> {
  return createStore<WorkspaceState>()(
    shared(document, WORKSPACE_VIEW, (write, get) => ({
      ...entryActions(write, get, options),
      together: (run) => undoable(document, Object.values(ROOTS), run),

      setWorkspace(patch) {
        checkAll("info", patch);
        write((doc) => setFields(doc.getMap("info"), patch));
      },
    })),
  );
}

type EntryRoot = "projects" | "calendars" | "pages";

const ROOTS: Readonly<Record<EntryKind, EntryRoot>> = {
  project: "projects",
  calendar: "calendars",
  page: "pages",
};

/** Projects, calendars and pages are entries here and documents of their own. */
function entryActions(write: Write, get: () => WorkspaceState, options: WorkspaceOptions) {
  const add = (
    root: EntryRoot,
    named: Fields & { readonly name: string },
    begin: (id: string) => void,
  ): string => {
    checkAll(root, named);
    const id = newNamedId(named.name, options.random);
    const keys = get()[root].map((entry) => entry.key);
    const { key: place } = insertAt(keys, keys.length, options.random);
    const fields = { ...named, place, created: options.now() };
    const entry = new Y.Map<unknown>(Object.entries(fields));
    const isWritten = write((doc) => doc.getMap(root).set(id, entry)) !== undefined;
    if (isWritten) begin(id);
    return id;
  };
  const set = (root: EntryRoot, id: string, patch: Fields) => {
    checkAll(root, patch);
    write((doc) => setFields(fieldsOf(doc, root, id) ?? new Y.Map(), patch));
  };
  const remove = (root: EntryRoot, id: string) => {
    const deleted = [options.me(), options.now()];
    write((doc) => fieldsOf(doc, root, id)?.set("deleted", deleted));
  };
  return {
    addProject(name: string, colour: Hue) {
      const names = options.columnNames();
      return add("projects", { name, colour }, (id) =>
        options.createDocument(`project/${id}`, (doc) =>
          beginProject(doc, names, prefixOf(name), options.random),
        ),
      );
    },
    setProject: (id: string, patch: Fields) => set("projects", id, patch),
    deleteProject: (id: string) => remove("projects", id),
    addCalendar(name: string, colour: Hue) {
      return add("calendars", { name, colour }, (id) =>
        options.createDocument(`calendar/${id}`, beginCalendar),
      );
    },
    setCalendar: (id: string, patch: Fields) => set("calendars", id, patch),
    deleteCalendar: (id: string) => remove("calendars", id),
    addPage(name: string) {
      return add("pages", { name }, (id) =>
        options.createDocument(`page/${id}`, (doc) => beginPage(doc, options.random)),
      );
    },
    setPage: (id: string, patch: Fields) => set("pages", id, patch),
    deletePage: (id: string) => remove("pages", id),
    restore: (kind: EntryKind, id: string) =>
      write((doc) => fieldsOf(doc, ROOTS[kind], id)?.delete("deleted")),
    move(kind: EntryKind, id: string, before: string | null) {
      const root = ROOTS[kind];
      const others = get()[root].filter((entry) => entry.id !== id);
      const at = others.findIndex((entry) => entry.id === before);
      const keys = others.map((entry) => entry.key);
      const { key, rekeyed } = insertAt(keys, at < 0 ? keys.length : at, options.random);
      write((doc) => {
        fieldsOf(doc, root, id)?.set("place", key);
        for (const [index, fresh] of rekeyed)
          fieldsOf(doc, root, others[index]?.id ?? "")?.set("place", fresh);
      });
    },
  };
}

/** Notes who writes here, so that others can see a name and give them a card. */
export function addMember(doc: Y.Doc, { id, name, colour }: Member): void {
  checkAll("members", { name, colour });
  doc.transact(() => {
    const known = fieldsOf(doc, "members", id);
    if (known) setFields(known, { name, colour });
    else doc.getMap("members").set(id, new Y.Map(Object.entries({ name, colour })));
  });
}

const WORKSPACE_VIEW: View<WorkspaceState> = {
  content(doc, previous, changes) {
    const name = WORKSPACE.info.read("name", doc.getMap("info").get("name"));
    return {
      name: typeof name === "string" ? name : "",
      projects: entries(doc, "projects", previous?.projects, changes, readColoured),
      calendars: entries(doc, "calendars", previous?.calendars, changes, readColoured),
      pages: entries(doc, "pages", previous?.pages, changes, readEntry),
      members: entities(doc, "members", previous?.members ?? {}, changes, readMember),
      deleted: deletedEntries(doc, previous?.deleted, changes),
    };
  },

  status: (document) => ({ ready: document.ready }),
};

function entries<T extends PageEntry>(
  doc: Y.Doc,
  root: EntryRoot,
  previous: readonly T[] | undefined,
  changes: Changes,
  read: (root: EntryRoot, id: string, fields: Y.Map<unknown>) => T | null,
): readonly T[] {
  const readOne = (id: string, fields: Y.Map<unknown>) => read(root, id, fields);
  return listed(doc, root, previous ?? [], changes, readOne, comparePlaced);
}

type Stamp = readonly [who: string, atMs: number];

/** The former object as long as nothing of it has changed. */
function deletedEntries(
  doc: Y.Doc,
  previous: Readonly<Record<string, Stamp>> | undefined,
  changes: Changes,
): Readonly<Record<string, Stamp>> {
  const kinds = Object.entries(ROOTS);
  if (previous && changes !== null && !kinds.some(([, root]) => changes.has(root))) return previous;
  const found: Record<string, Stamp> = {};
  for (const [kind, root] of kinds)
    for (const [id, fields] of doc.getMap(root)) {
      const stamp = fields instanceof Y.Map ? fields.get("deleted") : null;
      const read = WORKSPACE[root].read("deleted", stamp);
      if (read !== null) found[`${kind}/${id}`] = read as Stamp;
    }
  return previous && JSON.stringify(previous) === JSON.stringify(found) ? previous : found;
}

function readEntry(root: EntryRoot, id: string, fields: Y.Map<unknown>): PageEntry | null {
  const read = (name: string) => WORKSPACE[root].read(name, fields.get(name));
  if (read("deleted") !== null) return null;
  return { id, name: String(read("name") ?? ""), key: String(read("place") ?? MIDDLE) };
}

function readColoured(root: EntryRoot, id: string, fields: Y.Map<unknown>): ProjectEntry | null {
  const entry = readEntry(root, id, fields);
  const colour = WORKSPACE[root].read("colour", fields.get("colour")) ?? "blue";
  return entry && { ...entry, colour: colour as Hue };
}

function readMember(id: string, fields: Y.Map<unknown>): Member {
  const read = (name: string) => WORKSPACE.members.read(name, fields.get(name));
  return { id, name: String(read("name") ?? ""), colour: (read("colour") ?? "blue") as Hue };
}

function checkAll(root: keyof typeof WORKSPACE, patch: Fields): void {
  for (const [name, value] of Object.entries(patch))
    if (value !== undefined) WORKSPACE[root].check(name, value);
}
