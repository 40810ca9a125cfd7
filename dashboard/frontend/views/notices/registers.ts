/** What a path of `core/touched.ts` names: which thing, which field of it, and where one looks at it. */

import type { EntryKind } from "../../store/types";
import type { Place } from "../shell/route";

export interface Register {
  /** The document's kind and its id; the workspace has none. */
  readonly kind: string;
  readonly document: string;
  readonly root: string;
  /** Empty for a root that is one entity. */
  readonly id: string;
  /** null: the entity as a whole. */
  readonly field: string | null;
  /** Which one of a series; null for all else. */
  readonly recurrenceId: string | null;
  /** Of a set: the one that was put in or taken out. */
  readonly member: string | null;
}

export function registerOf(document: string, path: string): Register {
  const [kind = "", documentId = ""] = document.split("/");
  const [root = "", id = "", field = null, more = null] = path.split("/");
  const named = { kind, document: documentId, root, id, field, recurrenceId: null, member: more };
  if (root === "info") return { ...named, id: "", field: id || null, member: null };
  if (root === "exceptions") return { ...named, recurrenceId: field, field: more, member: null };
  return named;
}

const WHERE: Readonly<Record<string, string>> = {
  cards: "project",
  events: "calendar",
  exceptions: "calendar",
  cells: "page",
};

/** Roots of the workspace that list documents. */
const LISTED: Readonly<Record<string, EntryKind>> = {
  projects: "project",
  calendars: "calendar",
  pages: "page",
};

/** Where one sees the thing; null for what no address names. `card`: of an item or a comment. */
export function placeOfRegister(register: Register, card: string | null = null): Place | null {
  const { kind, document, root, id } = register;
  const entry = LISTED[root];
  if (kind === "workspace") return entry ? { kind: entry, id, entity: null } : null;
  if (kind !== "project" && kind !== "calendar" && kind !== "page") return null;
  const entity = WHERE[root] === kind ? id : card;
  return { kind, id: document, entity };
}

/** `cards/<id>` of all paths of an edit, when they are about one entity only. */
export function entityOfPaths(paths: readonly string[]): string | null {
  const all = new Set(paths.map((path) => path.split("/").slice(0, 2).join("/")));
  const [entity] = all;
  return all.size === 1 && entity !== undefined ? entity : null;
}
