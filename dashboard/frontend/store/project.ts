/** A project as the board reads it, and what can be done in it. */

import type * as Y from "yjs";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { SharedDocument } from "../core/document";
import { comparePlaced, splitPlace } from "../core/place";
import { checklistActions, readChecklists } from "./checklist";
import { commentActions, readComments } from "./comments";
import { orderAfter } from "./order";
import { type Author, MIDDLE, projectActions } from "./project_actions";
import { PROJECT } from "./schema";
import { entities, listed, membersOf, shared, unsentOf, type View } from "./shared";
import type { Card, Column, Label, ProjectState } from "./types";
import { undoable } from "./undoable";

export function projectStore(document: SharedDocument, author: Author): StoreApi<ProjectState> {
  return createStore<ProjectState>()(
    shared(document, PROJECT_VIEW, (write, get) => ({
      ...projectActions(write, get, author),
      ...checklistActions(write, get, author),
      ...commentActions(write, author),
      together: (run) => undoable(document, ["cards", "columns", "items", "comments"], run),
    })),
  );
}

type Content = Pick<
  ProjectState,
  "columns" | "labels" | "cards" | "order" | "checklists" | "comments"
>;

const NOTHING: Content = {
  columns: [],
  labels: [],
  cards: {},
  order: {},
  checklists: {},
  comments: {},
};

const PROJECT_VIEW: View<ProjectState> = {
  content(doc, previous, changes) {
    const before: Content = previous ?? NOTHING;
    const columns = listed(doc, "columns", before.columns, changes, readColumn, comparePlaced);
    const labels = listed(doc, "labels", before.labels, changes, readLabel, byName);
    const cards = entities(doc, "cards", before.cards, changes, readCard);
    const ids = changes === null ? null : (changes.get("cards") ?? new Set<string>());
    const order = orderAfter(before.order, before, { cards, columns }, ids);
    const checklists = readChecklists(doc, before.checklists, changes);
    const comments = readComments(doc, before.comments, changes);
    return { columns, labels, cards, order, checklists, comments, ...readInfo(doc) };
  },

  status(document, previous) {
    return {
      ready: document.ready,
      missing: document.missing,
      unsent: unsentOf(document, ["cards"], previous?.unsent),
    };
  },
};

function readInfo(doc: Y.Doc): Pick<ProjectState, "description" | "prefix"> {
  const info = doc.getMap("info");
  return {
    description: text(PROJECT.info.read("description", info.get("description"))),
    prefix: text(PROJECT.info.read("prefix", info.get("prefix"))),
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function readColumn(id: string, fields: Y.Map<unknown>): Column | null {
  const read = (name: string) => PROJECT.columns.read(name, fields.get(name));
  if (read("deleted") !== null) return null;
  return {
    id,
    name: text(read("name")),
    key: text(read("place")) || MIDDLE,
    status: (read("status") ?? "backlog") as Column["status"],
    limit: read("limit") as Column["limit"],
  };
}

function readLabel(id: string, fields: Y.Map<unknown>): Label | null {
  const read = (name: string) => PROJECT.labels.read(name, fields.get(name));
  if (read("deleted") !== null) return null;
  return { id, name: text(read("name")), colour: (read("colour") ?? "blue") as Label["colour"] };
}

function byName(a: Label, b: Label): number {
  return a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1);
}

/** Registers that are not shown as they are; all others come as the schema names them. */
const SPECIAL = new Set(["title", "place", "notes", "created"]);
const PLAIN = PROJECT.cards.names.filter((name) => !SPECIAL.has(name));

function readCard(id: string, fields: Y.Map<unknown>): Card {
  const read = (name: string) => PROJECT.cards.read(name, fields.get(name));
  const place = splitPlace(text(read("place"))) ?? { column: "", key: MIDDLE };
  const plain = Object.fromEntries(PLAIN.map((name) => [name, read(name)]));
  return {
    ...(plain as unknown as Card),
    id,
    title: text(read("title")),
    column: place.column,
    key: place.key,
    labels: membersOf(fields, "label/"),
    members: membersOf(fields, "member/"),
  };
}
