/** What a document says, line by line, for those who search in it. Lines are read when they are asked for. */

import * as Y from "yjs";
import { createStore } from "zustand/vanilla";
import type { LiveDocument } from "../core/document_types";
import type { DocumentClient } from "./client";
import type { Held } from "./types";

/** One thing that can be found and opened: a card with its checklist and comments, an event, a cell. */
export interface Line {
  readonly document: string;
  readonly entity: string;
  readonly title: string;
  /** Of a card, as `#142`. */
  readonly number: number | null;
  /** What else it says: notes, checklist, comments, place. */
  readonly text: string;
}

export interface SearchableState {
  readonly ready: boolean;
  /** Another number when the document says something else. */
  readonly version: number;
  lines(): readonly Line[];
  /** Of one thing; null when it is not there. */
  title(entity: string): string | null;
}

/** Holds a document open for a search; it closes when the last holder lets go. */
export function holdSearchable(client: DocumentClient, name: string): Held<SearchableState> {
  const { document, release } = client.document(name);
  let read: { readonly version: number; readonly lines: readonly Line[] } | null = null;
  const store = createStore<SearchableState>((_, get) => ({
    ready: document.ready,
    version: 0,
    lines() {
      const { version } = get();
      if (read?.version !== version) read = { version, lines: linesOf(name, document.doc) };
      return read.lines;
    },
    title: (entity) => titleIn(document, name, entity),
  }));
  const stop = document.listen(({ type }) => {
    if (type !== "content" && type !== "outbox" && type !== "replaced") return;
    store.setState(({ version }) => ({ ready: document.ready, version: version + 1 }));
  });
  return {
    store,
    release: () => {
      stop();
      release();
    },
  };
}

type Entity = Y.Map<unknown>;

/** The root whose entities can be opened, by kind of document. */
const ROOTS: Readonly<Record<string, string>> = {
  project: "cards",
  calendar: "events",
  page: "cells",
};

/** What an entity says beside its title. */
const TEXTS: readonly string[] = ["notes", "text", "location"];

/** What belongs to a card and is found as that card. */
const PARTS: readonly { readonly root: string; readonly field: string }[] = [
  { root: "items", field: "title" },
  { root: "comments", field: "body" },
];

const MOST_OF_A_LINE = 80;

function rootOf(document: string): string | undefined {
  return ROOTS[document.split("/")[0] ?? ""];
}

export function linesOf(document: string, doc: Y.Doc): readonly Line[] {
  const root = rootOf(document);
  if (root === undefined) return [];
  const parts = root === "cards" ? partsByCard(doc) : new Map<string, string[]>();
  return alive(doc, root).map(([id, fields]) => ({
    document,
    entity: id,
    title: titleOf(fields),
    number: numberIn(fields),
    text: [...TEXTS.map((name) => textIn(fields, name)), ...(parts.get(id) ?? [])]
      .filter(Boolean)
      .join("\n"),
  }));
}

function titleIn({ doc }: LiveDocument, document: string, entity: string): string | null {
  const found = doc.getMap(rootOf(document) ?? "cards").get(entity);
  return found instanceof Y.Map && !found.has("deleted") ? titleOf(found) : null;
}

/** A note without a title goes by its first line, without what marks it as a heading. */
function titleOf(fields: Entity): string {
  const title = textIn(fields, "title");
  if (title !== "") return title;
  const first = textIn(fields, "text").trimStart().split("\n", 1)[0] ?? "";
  return first.replace(/^[#>*\s-]+/, "").slice(0, MOST_OF_A_LINE);
}

function partsByCard(doc: Y.Doc): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { root, field } of PARTS)
    for (const [, fields] of alive(doc, root)) {
      // a place in a list is `card|key`
      const card = textIn(fields, "card") || (textIn(fields, "place").split("|")[0] ?? "");
      const of = found.get(card) ?? [];
      of.push(textIn(fields, field));
      found.set(card, of);
    }
  return found;
}

function alive(doc: Y.Doc, root: string): [string, Entity][] {
  const found: [string, Entity][] = [];
  for (const [id, fields] of doc.getMap(root))
    if (fields instanceof Y.Map && !fields.has("deleted")) found.push([id, fields]);
  return found;
}

function textIn(fields: Entity, name: string): string {
  const value = fields.get(name);
  if (value instanceof Y.Text) return value.toString();
  return typeof value === "string" ? value : "";
}

function numberIn(fields: Entity): number | null {
  const value = fields.get("number");
  return typeof value === "number" ? value : null;
}
