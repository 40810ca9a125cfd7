/** A page as views read it, and what can be done in it. */

import * as Y from "yjs";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { SharedDocument } from "../core/document";
import { comparePlaced, insertAt, keyBetween } from "../core/place";
import { newId } from "./ids";
import type { Cell, CellKind, PageState } from "./page_types";
import { type Author, MIDDLE } from "./project_actions";
import { PAGE } from "./schema";
import {
  fieldsOf,
  listed,
  membersOf,
  setFields,
  shared,
  toggle,
  unsentOf,
  type View,
  type Write,
} from "./shared";
import { undoable } from "./undoable";

export function pageStore(document: SharedDocument, author: Author): StoreApi<PageState> {
  return createStore<PageState>()(
    shared(document, PAGE_VIEW, (write, get) => ({
      ...pageActions(write, get, author),
      together: (run) => undoable(document, ["cells"], run),
    })),
  );
}

const PAGE_VIEW: View<PageState> = {
  content(doc, previous, changes) {
    const description = doc.getMap("info").get("description");
    return {
      description: String(PAGE.info.read("description", description) ?? ""),
      cells: listed(doc, "cells", previous?.cells ?? [], changes, readCell, comparePlaced),
    };
  },

  status: (document, previous) => ({
    ready: document.ready,
    missing: document.missing,
    unsent: unsentOf(document, ["cells"], previous?.unsent),
  }),
};

type Content = "ready" | "missing" | "role" | "description" | "cells" | "unsent";
type Actions = Omit<PageState, Content | "together">;

function pageActions(write: Write, get: () => PageState, author: Author): Actions {
  const stamp = () => [author.me(), author.now()];
  const setCell = (id: string, patch: Readonly<Record<string, unknown>>) => {
    checkAll(patch);
    write((doc) => {
      const fields = fieldsOf(doc, "cells", id);
      if (fields) setFields(fields, patch);
    });
  };
  return {
    addCell(kind, before, { calendars = [], projects = [], ...fields } = {}) {
      const id = newId(author.random);
      checkAll({ kind, ...fields });
      write((doc) => {
        const place = placeIn(doc, get().cells, before, author.random);
        const cell = newCell(doc, id, { kind, place, created: stamp() });
        setFields(cell, fields);
        for (const calendar of calendars) cell.set(`calendar/${calendar}`, true);
        for (const project of projects) cell.set(`project/${project}`, true);
      });
      return id;
    },

    setCell,

    toggleCalendar: (id, calendar) =>
      write((doc) => toggle(fieldsOf(doc, "cells", id), `calendar/${calendar}`)),

    toggleProject: (id, project) =>
      write((doc) => toggle(fieldsOf(doc, "cells", id), `project/${project}`)),

    moveCell(id, before) {
      const { cells } = get();
      const next = cells[cells.findIndex((cell) => cell.id === id) + 1]?.id ?? null;
      if (before === id || before === next) return;
      write((doc) => {
        const others = cells.filter((cell) => cell.id !== id);
        fieldsOf(doc, "cells", id)?.set("place", placeIn(doc, others, before, author.random));
      });
    },

    deleteCell: (id) => setCell(id, { deleted: stamp() }),

    restoreCell: (id) => setCell(id, { deleted: null }),
  };
}

function newCell(
  doc: Y.Doc,
  id: string,
  fields: Readonly<Record<string, unknown>> & { readonly kind: CellKind },
): Y.Map<unknown> {
  const cell = new Y.Map<unknown>(Object.entries(fields));
  doc.getMap("cells").set(id, cell);
  if (fields.kind === "note") cell.set("text", new Y.Text());
  return cell;
}

/** What a new page begins with: one empty note. */
export function beginPage(doc: Y.Doc, random: () => number): void {
  newCell(doc, newId(random), { kind: "note", place: keyBetween(null, null, random) });
}

function checkAll(patch: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(patch))
    if (value !== null && value !== undefined) PAGE.cells.check(name, value);
}

function textOf(value: unknown): string | null {
  return value instanceof Y.Text ? value.toString() : null;
}

function placeIn(
  doc: Y.Doc,
  cells: readonly Cell[],
  before: string | null,
  random: () => number,
): string {
  const at = cells.findIndex((cell) => cell.id === before);
  const keys = cells.map((cell) => cell.key);
  const { key, rekeyed } = insertAt(keys, at < 0 ? cells.length : at, random);
  for (const [index, fresh] of rekeyed) {
    const other = cells[index];
    if (other) fieldsOf(doc, "cells", other.id)?.set("place", fresh);
  }
  return key;
}

function readCell(id: string, fields: Y.Map<unknown>): Cell | null {
  const read = (name: string) => PAGE.cells.read(name, fields.get(name));
  if (read("deleted") !== null || read("kind") === null) return null;
  return {
    id,
    kind: read("kind") as Cell["kind"],
    key: String(read("place") ?? MIDDLE),
    title: read("title") as string | null,
    text: textOf(fields.get("text")),
    project: read("project") as string | null,
    calendars: membersOf(fields, "calendar/"),
    projects: membersOf(fields, "project/"),
    view: read("view") as Cell["view"],
    chart: read("chart") as Cell["chart"],
    filter: read("filter") as string | null,
    height: read("height") as number | null,
  };
}
