/** Checklists of cards: read by card, and what can be done in them. */

import * as Y from "yjs";
import { comparePlaced, insertAt, joinPlace, splitPlace } from "../core/place";
import { newId } from "./ids";
import { type Author, MIDDLE } from "./project_actions";
import { PROJECT } from "./schema";
import { type Changes, fieldsOf, listed, membersOf, toggle, type Write } from "./shared";
import type { ChecklistItem, ProjectState } from "./types";

export type Checklists = ProjectState["checklists"];

type Actions = Pick<
  ProjectState,
  | "addItem"
  | "setItem"
  | "tickItem"
  | "moveItem"
  | "toggleItemMember"
  | "deleteItem"
  | "restoreItem"
>;

/** Lists that did not change are the same objects as before. */
export function readChecklists(doc: Y.Doc, previous: Checklists, changes: Changes): Checklists {
  return byCard(doc, "items", previous, changes, readItem, comparePlaced);
}

/** The entities of a root map by the card they belong to. */
export function byCard<T extends { readonly id: string; readonly card: string }>(
  doc: Y.Doc,
  root: string,
  previous: Readonly<Record<string, readonly T[]>>,
  changes: Changes,
  read: (id: string, fields: Y.Map<unknown>) => T | null,
  compare: (a: T, b: T) => number,
): Readonly<Record<string, readonly T[]>> {
  if (changes !== null && !changes.has(root)) return previous;
  const all = listed(doc, root, Object.values(previous).flat(), null, read, compare);
  const groups = Map.groupBy(all, ({ card }) => card);
  return Object.fromEntries(
    [...groups].map(([card, list]) => {
      const old = previous[card];
      const same = old?.length === list.length && list.every((one, at) => one === old[at]);
      return [card, same ? old : list];
    }),
  );
}

export function checklistActions(write: Write, get: () => ProjectState, author: Author): Actions {
  const stamp = () => [author.me(), author.now()];
  const find = (id: string) =>
    Object.values(get().checklists)
      .flat()
      .find((item) => item.id === id);

  return {
    addItem(card, title, before = null) {
      const id = newId(author.random);
      PROJECT.items.check("title", title);
      write((doc) => {
        const place = placeIn(doc, get().checklists[card] ?? [], card, before, author.random);
        doc.getMap("items").set(id, new Y.Map<unknown>(Object.entries({ title, place })));
      });
      return id;
    },

    setItem(id, { title }) {
      PROJECT.items.check("title", title);
      write((doc) => fieldsOf(doc, "items", id)?.set("title", title));
    },

    tickItem(id, done) {
      write((doc) => {
        const fields = fieldsOf(doc, "items", id);
        if (done) fields?.set("done", stamp());
        else fields?.delete("done");
      });
    },

    moveItem(id, before) {
      const item = find(id);
      if (item === undefined || before === id) return;
      write((doc) => {
        const others = (get().checklists[item.card] ?? []).filter((other) => other.id !== id);
        const place = placeIn(doc, others, item.card, before, author.random);
        fieldsOf(doc, "items", id)?.set("place", place);
      });
    },

    toggleItemMember: (id, person) =>
      write((doc) => toggle(fieldsOf(doc, "items", id), `member/${person}`)),

    deleteItem: (id) => write((doc) => fieldsOf(doc, "items", id)?.set("deleted", stamp())),

    restoreItem: (id) => write((doc) => fieldsOf(doc, "items", id)?.delete("deleted")),
  };
}

function placeIn(
  doc: Y.Doc,
  items: readonly ChecklistItem[],
  card: string,
  before: string | null,
  random: () => number,
): string {
  const at = items.findIndex((item) => item.id === before);
  const keys = items.map((item) => item.key);
  const { key, rekeyed } = insertAt(keys, at < 0 ? items.length : at, random);
  for (const [index, fresh] of rekeyed) {
    const other = items[index];
    if (other) fieldsOf(doc, "items", other.id)?.set("place", joinPlace(card, fresh));
  }
  return joinPlace(card, key);
}

function readItem(id: string, fields: Y.Map<unknown>): ChecklistItem | null {
  const read = (name: string) => PROJECT.items.read(name, fields.get(name));
  const place = splitPlace(String(read("place") ?? ""));
  if (place === null || read("deleted") !== null) return null;
  return {
    id,
    title: String(read("title") ?? ""),
    card: place.column,
    key: place.key || MIDDLE,
    done: read("done") as ChecklistItem["done"],
    members: membersOf(fields, "member/"),
  };
}
