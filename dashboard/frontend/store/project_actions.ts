/** What can be done in a project: each is one transaction, checked before it is written. */

import * as Y from "yjs";
import { insertAt, joinPlace, keysBetween } from "../core/place";
import { newId } from "./ids";
import { PROJECT } from "./schema";
import { fieldsOf, setFields, toggle, type Write } from "./shared";
import type { Card, Column, ProjectState, Slot, Status } from "./types";

/** Who writes, when, and with which luck. */
export interface Author {
  /** The person's id, as the server says it. */
  readonly me: () => string;
  readonly now: () => number;
  readonly random: () => number;
}

type Actions = Pick<
  ProjectState,
  | "addCard"
  | "setCard"
  | "moveCard"
  | "toggleLabel"
  | "toggleMember"
  | "deleteCard"
  | "restoreCard"
  | "addColumn"
  | "setColumn"
  | "moveColumn"
  | "deleteColumn"
  | "addLabel"
  | "setInfo"
>;

/** Where an entity stands whose place nobody can read. */
export const MIDDLE = "V";

type Fields = Readonly<Record<string, unknown>>;

export function projectActions(write: Write, get: () => ProjectState, author: Author): Actions {
  const stamp = () => [author.me(), author.now()];
  const setEntity = (root: "cards" | "columns" | "labels", id: string, patch: Fields) => {
    checkAll(root, patch);
    write((doc) => {
      const fields = fieldsOf(doc, root, id);
      if (fields) setFields(fields, patch);
    });
  };

  return {
    addCard(slot, title) {
      const id = newId(author.random);
      const number = 1 + Math.max(0, ...Object.values(get().cards).map((card) => card.number ?? 0));
      checkAll("cards", { title });
      write((doc) => {
        const place = placeIn(doc, get(), id, slot, author.random);
        const fields = { title, place, number, created: stamp() };
        doc
          .getMap("cards")
          .set(id, new Y.Map<unknown>([...Object.entries(fields), ["notes", new Y.Text()]]));
      });
      return id;
    },

    setCard: (id, patch) => setEntity("cards", id, patch),

    moveCard(id, slot) {
      const { cards, order } = get();
      if (cards[id] === undefined || isThere(order[slot.column] ?? [], id, slot)) return;
      write((doc) => {
        const place = placeIn(doc, get(), id, slot, author.random);
        fieldsOf(doc, "cards", id)?.set("place", place);
      });
    },

    toggleLabel: (id, label) =>
      write((doc) => toggle(fieldsOf(doc, "cards", id), `label/${label}`)),

    toggleMember: (id, person) =>
      write((doc) => toggle(fieldsOf(doc, "cards", id), `member/${person}`)),

    deleteCard: (id) => setEntity("cards", id, { deleted: stamp() }),

    restoreCard: (id) => setEntity("cards", id, { deleted: null }),

    addColumn(name, status) {
      const { columns } = get();
      checkAll("columns", { name, status });
      const id = newId(author.random);
      write((doc) => addColumn(doc, columns, { id, name, status }, author.random));
      return id;
    },

    setColumn: (id, patch) => setEntity("columns", id, patch),

    moveColumn(id, before) {
      const others = get().columns.filter((column) => column.id !== id);
      if (others.length === get().columns.length) return;
      write((doc) => {
        const place = columnPlace(doc, others, before, author.random);
        fieldsOf(doc, "columns", id)?.set("place", place);
      });
    },

    deleteColumn(id) {
      const { columns, order } = get();
      const at = columns.findIndex((column) => column.id === id);
      const heir = columns[at - 1] ?? columns[at + 1];
      if (at < 0 || heir === undefined) return;
      write((doc) => {
        appendCards(doc, get(), order[id] ?? [], heir.id, author.random);
        fieldsOf(doc, "columns", id)?.set("deleted", stamp());
      });
    },

    addLabel(name, colour) {
      const id = newId(author.random);
      checkAll("labels", { name, colour });
      write((doc) => doc.getMap("labels").set(id, new Y.Map(Object.entries({ name, colour }))));
      return id;
    },

    setInfo(patch) {
      checkAll("info", patch);
      write((doc) => setFields(doc.getMap("info"), patch));
    },
  };
}

const BEGUN_STATUSES: readonly Status[] = ["ready", "doing", "done"];

/** The columns of a new project. */
export function beginProject(
  doc: Y.Doc,
  names: readonly string[],
  prefix: string,
  random: () => number,
): void {
  doc.getMap("info").set("prefix", prefix);
  const made: Pick<Column, "id" | "key">[] = [];
  for (const [at, name] of names.entries()) {
    const id = newId(random);
    addColumn(doc, made, { id, name, status: BEGUN_STATUSES[at] ?? "backlog" }, random);
    made.push({ id, key: String(fieldsOf(doc, "columns", id)?.get("place")) });
  }
}

function addColumn(
  doc: Y.Doc,
  columns: readonly Pick<Column, "id" | "key">[],
  { id, name, status }: Pick<Column, "id" | "name" | "status">,
  random: () => number,
): void {
  const place = columnPlace(doc, columns, null, random);
  doc.getMap("columns").set(id, new Y.Map(Object.entries({ name, place, status })));
}

function checkAll(root: keyof typeof PROJECT, patch: Fields): void {
  for (const [name, value] of Object.entries(patch))
    if (value !== null && value !== undefined) PROJECT[root].check(name, value);
}

/** A move to where the card already is writes nothing. */
function isThere(ids: readonly string[], id: string, { before }: Slot): boolean {
  const at = ids.indexOf(id);
  return at >= 0 && (before === id || (ids[at + 1] ?? null) === before);
}

/** The register that puts a card into a slot; neighbours whose keys leave no room move apart. */
function placeIn(
  doc: Y.Doc,
  { cards, order }: ProjectState,
  id: string,
  { column, before }: Slot,
  random: () => number,
): string {
  const others = (order[column] ?? [])
    .filter((other) => other !== id)
    .map((other) => cards[other])
    .filter((card): card is Card => card !== undefined);
  const at = others.findIndex((card) => card.id === before);
  const { key, rekeyed } = insertAt(keysOf(others), at < 0 ? others.length : at, random);
  for (const [index, fresh] of rekeyed) {
    const other = others[index];
    if (other) fieldsOf(doc, "cards", other.id)?.set("place", joinPlace(column, fresh));
  }
  return joinPlace(column, key);
}

function columnPlace(
  doc: Y.Doc,
  columns: readonly Pick<Column, "id" | "key">[],
  before: string | null,
  random: () => number,
): string {
  const at = columns.findIndex((column) => column.id === before);
  const { key, rekeyed } = insertAt(keysOf(columns), at < 0 ? columns.length : at, random);
  for (const [index, fresh] of rekeyed) {
    const other = columns[index];
    if (other) fieldsOf(doc, "columns", other.id)?.set("place", fresh);
  }
  return key;
}

/** Of entities that are in order already. */
function keysOf(placed: readonly { readonly key: string }[]): string[] {
  return placed.map(({ key }) => key);
}

/** Puts cards at the end of a column, in their order. */
function appendCards(
  doc: Y.Doc,
  { cards, order }: ProjectState,
  ids: readonly string[],
  column: string,
  random: () => number,
): void {
  const last = cards[order[column]?.at(-1) ?? ""]?.key ?? null;
  const keys = keysBetween(last, null, ids.length, random);
  for (const [at, id] of ids.entries())
    fieldsOf(doc, "cards", id)?.set("place", joinPlace(column, keys[at] ?? MIDDLE));
}
