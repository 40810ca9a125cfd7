/**
 * A zustand middleware over a shared document: reads are snapshots derived from the Y.Doc, writes are
 * transactions. A transaction changes only the snapshots of the entities that it touched; all others
 * keep their identity, so that selectors and memoized components stay still.
 */

import * as Y from "yjs";
import type { StateCreator } from "zustand/vanilla";
import type { LiveDocument } from "../core/document_types";
import { touchedBy } from "../core/touched";

/** Ids by root map; null: everything may have changed. */
export type Changes = ReadonlyMap<string, ReadonlySet<string>> | null;

export interface View<State> {
  /** What the document's content becomes, from what it was. */
  content(doc: Y.Doc, previous: State | undefined, changes: Changes): Partial<State>;
  /** What the document's circumstances become: ready, missing, unsent. */
  status(document: LiveDocument, previous: State | undefined): Partial<State>;
}

/** Runs a transaction; gives undefined, and runs nothing, when this person may not edit. */
export type Write = <T>(run: (doc: Y.Doc) => T) => T | undefined;

/** The origin of every edit that a store makes. */
export const FROM_STORE = Symbol("store");

/** Gives a zustand initializer whose state follows the document for as long as that is open. */
export function shared<State extends object>(
  document: LiveDocument,
  view: View<State>,
  actions: (write: Write, get: () => State) => Partial<State>,
): StateCreator<State> {
  return (set, get) => {
    const follow = (doc: Y.Doc) =>
      doc.on("afterTransaction", (transaction: Y.Transaction) => {
        if (transaction.changed.size > 0)
          set(view.content(doc, get(), changesOf(transaction)) as State);
      });
    document.listen((event) => {
      if (event.type === "replaced") {
        follow(document.doc);
        set(view.content(document.doc, undefined, null) as State);
      }
      set({ ...view.status(document, get()), role: document.role } as unknown as State);
    });
    follow(document.doc);
    return {
      ...view.content(document.doc, undefined, null),
      ...view.status(document, undefined),
      role: document.role,
      ...actions(writeTo(document), get),
    } as unknown as State;
  };
}

/** The one door of all actions: what a viewer does is not written, so that nothing has to be refused. */
function writeTo(document: LiveDocument): Write {
  return (run) => {
    if (!mayEdit(document)) return undefined;
    return document.doc.transact(() => run(document.doc), FROM_STORE);
  };
}

/** Says in the console when it is not so. */
export function mayEdit(document: LiveDocument): boolean {
  if (document.role !== "viewer") return true;
  console.warn(`moim: nothing was written, ${document.document} may only be read here`);
  return false;
}

function changesOf(transaction: Y.Transaction): Changes {
  const changes = new Map<string, Set<string>>();
  for (const path of touchedBy(transaction)) {
    const [root = "", id = ""] = path.split("/", 2);
    const ids = changes.get(root) ?? new Set();
    changes.set(root, ids.add(id));
  }
  return changes;
}

/** Entities of a root map as snapshots; those that did not change are the same objects as before. */
export function entities<T extends object>(
  doc: Y.Doc,
  root: string,
  previous: Readonly<Record<string, T>>,
  changes: Changes,
  read: (id: string, fields: Y.Map<unknown>) => T,
): Readonly<Record<string, T>> {
  const changed = changes === null ? null : changes.get(root);
  if (changed === undefined) return previous;
  const map = doc.getMap(root);
  const next: Record<string, T> = changed === null ? {} : { ...previous };
  let isSame = changed !== null || Object.keys(previous).length === map.size;
  for (const id of changed ?? map.keys()) {
    const fields = map.get(id);
    if (fields instanceof Y.Map) next[id] = kept(previous[id], read(id, fields));
    else delete next[id];
    isSame &&= next[id] === previous[id];
  }
  return isSame ? previous : next;
}

/** Entities of a small root map in order; `read` gives null for one that is not shown. */
export function listed<T extends { readonly id: string }>(
  doc: Y.Doc,
  root: string,
  previous: readonly T[],
  changes: Changes,
  read: (id: string, fields: Y.Map<unknown>) => T | null,
  compare: (a: T, b: T) => number,
): readonly T[] {
  if (changes !== null && !changes.has(root)) return previous;
  const known = new Map(previous.map((entity) => [entity.id, entity]));
  const next: T[] = [];
  for (const [id, fields] of doc.getMap(root)) {
    const entity = fields instanceof Y.Map ? read(id, fields) : null;
    if (entity !== null) next.push(kept(known.get(id), entity));
  }
  next.sort(compare);
  return sameList(previous, next) ? previous : next;
}

/** The former object when the new one says the same. */
export function kept<T extends object>(previous: T | undefined, next: T): T {
  return previous !== undefined && sameFields(previous, next) ? previous : next;
}

function sameFields<T extends object>(a: T, b: T): boolean {
  const keys = Object.keys(a) as (keyof T)[];
  return keys.length === Object.keys(b).length && keys.every((key) => sameValue(a[key], b[key]));
}

function sameValue(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return Object.is(a, b);
  return sameList(a, b);
}

export function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, at) => Object.is(value, b[at]));
}

/** Sets registers of an entity that are to change; null takes the key out. */
export function setFields(fields: Y.Map<unknown>, patch: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined || sameValue(fields.get(name) ?? null, value)) continue;
    if (value === null) fields.delete(name);
    else fields.set(name, value);
  }
}

/** An entity's registers; undefined when there is no such entity. */
export function fieldsOf(doc: Y.Doc, root: string, id: string): Y.Map<unknown> | undefined {
  const fields = doc.getMap(root).get(id);
  return fields instanceof Y.Map ? fields : undefined;
}

/** The members of a set that is one key per member, `<prefix><member>: true`. */
export function membersOf(fields: Y.Map<unknown>, prefix: string): readonly string[] {
  const ids: string[] = [];
  for (const [key, value] of fields)
    if (value === true && key.startsWith(prefix)) ids.push(key.slice(prefix.length));
  return ids.sort();
}

export function toggle(fields: Y.Map<unknown> | undefined, key: string): void {
  if (fields?.get(key) === true) fields.delete(key);
  else fields?.set(key, true);
}

/** Makes a text another one, changing only what lies between what both begin and end with. */
export function replaceText(text: Y.Text, wanted: string): void {
  const [old, next] = [[...text.toString()], [...wanted]];
  let start = 0;
  while (start < Math.min(old.length, next.length) && old[start] === next[start]) start += 1;
  let end = 0;
  while (
    end < Math.min(old.length, next.length) - start &&
    old[old.length - 1 - end] === next[next.length - 1 - end]
  )
    end += 1;
  const at = old.slice(0, start).join("").length;
  const gone = old.slice(start, old.length - end).join("").length;
  if (gone > 0) text.delete(at, gone);
  const fresh = next.slice(start, next.length - end).join("");
  if (fresh !== "") text.insert(at, fresh);
}

/** The ids of a root map among paths that edits touched. Read once per edit: there may be many. */
export function touchedIds(touched: readonly string[], root: string): readonly string[] {
  const known = TOUCHED.get(touched)?.get(root);
  if (known) return known;
  const parts = touched.map((path) => path.split("/", 2));
  const ids = parts.flatMap(([first, id]) => (first === root && id !== undefined ? [id] : []));
  const roots = TOUCHED.get(touched) ?? new Map<string, readonly string[]>();
  TOUCHED.set(touched, roots.set(root, ids));
  return ids;
}

const TOUCHED = new WeakMap<readonly string[], Map<string, readonly string[]>>();

/** Entities with edits that are not saved yet; the former set when it says the same. */
export function unsentOf(
  document: LiveDocument,
  roots: readonly string[],
  previous: ReadonlySet<string> | undefined,
): ReadonlySet<string> {
  const unsent = new Set(
    document.unsent.flatMap(({ touched }) => roots.flatMap((root) => touchedIds(touched, root))),
  );
  const isSame = previous?.size === unsent.size && [...unsent].every((id) => previous.has(id));
  return previous && isSame ? previous : unsent;
}
