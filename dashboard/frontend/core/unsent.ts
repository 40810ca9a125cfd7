/**
 * The edits of one document that no server has yet, in the outbox and in the rows of this device. A row
 * leaves only when the server has its edit, or together with the edit's going to the shelf.
 */

import * as Y from "yjs";
import { areUndone, mergedChanges } from "./changes";
import type { DocumentRow, OutboxRow } from "./database";
import type { DocumentStore, StoredEdit } from "./document_store";
import { type Edit, Outbox, typedPath } from "./outbox";
import type { NewRefusedRow, RefusedEdit, Shelf } from "./shelf";

/** Why edits were not accepted. */
export type Reason = Pick<RefusedEdit, "hard" | "code" | "message" | "paths">;

export class Unsent {
  readonly outbox = new Outbox();
  readonly #keys = new WeakMap<Edit, IDBValidKey>();
  /** Every row that was in this outbox: what is read meanwhile may still hold it. */
  readonly #known = new Set<string>();
  /** What a server may have answered without our hearing it. */
  readonly #unheard = new WeakSet<Edit>();
  /** What is done from now on may hang on edits of other tabs that no server may have. */
  #isBesideOthers = false;
  /** For which it is being asked what has to go first. */
  readonly #asking = new Set<Edit>();

  constructor(
    private readonly document: string,
    private readonly store: DocumentStore,
    private readonly shelf: Shelf,
  ) {}

  get edits(): readonly Edit[] {
    return this.outbox.edits;
  }

  /** Keeps a new edit; with the first of a document that is `made` here also that. */
  keep(edit: Edit, of: Pick<OutboxRow, "replica" | "lineage">, made: boolean): void {
    this.outbox.add(edit);
    const row: OutboxRow = { ...edit, ...of, document: this.document };
    this.store.keep(row, made, (key) => this.#learn(edit, key));
  }

  /** Whether a row of this device is or was in this outbox. */
  has(key: IDBValidKey): boolean {
    return this.#known.has(String(key));
  }

  takeOver(stored: StoredEdit): void {
    this.outbox.add(this.#taken(stored));
  }

  /** This tab shows edits of others now. */
  besideOthers(): void {
    this.#isBesideOthers = true;
  }

  /** Nothing may be pushed: what has to go first is being asked for. */
  get isAsking(): boolean {
    return this.#asking.size > 0;
  }

  /** Lets an edit go without an answer: a tab that froze while it wrote keeps all others from reading. */
  askNoMore(edit: Edit): void {
    if (this.#asking.delete(edit)) this.#isBesideOthers = true;
  }

  /**
   * Puts before a new edit what other tabs did before it and no server is known to have: the edit may
   * hang on that, and would be refused without. Their tabs send it too, which does no harm. What is
   * shown of another tab is on this device already, with a lower key.
   */
  async letOthersPrecede(edit: Edit): Promise<void> {
    if (!this.#isBesideOthers) return;
    this.#isBesideOthers = false;
    this.#asking.add(edit);
    try {
      await this.store.settled();
      const waiting = await this.store.waiting(this.document);
      if (!this.#asking.has(edit) || !this.edits.includes(edit)) return;
      const own = this.#keys.get(edit);
      const earlier = waiting.filter(({ key }) => own === undefined || key < own);
      const unknown = earlier.filter(({ key }) => !this.has(key));
      this.outbox.insert(
        unknown.map((stored) => this.#taken(stored)),
        edit,
      );
    } finally {
      this.#asking.delete(edit);
    }
  }

  /** The connection is gone, and with it perhaps a REJECT. */
  lost(forGood: boolean): void {
    for (const edit of this.edits) this.#unheard.add(edit);
    if (forGood) this.outbox.refused();
  }

  /**
   * The server has these: they are content now. Where its REJECT may have been lost, the document says
   * whether they were taken back; `doc` holds all that the server has sent. Gives how many were not.
   */
  saved(about: DocumentRow, edits: readonly Edit[], doc: Y.Doc): number {
    const takenBack = this.#takenBack(edits, doc);
    const saved = edits.filter((edit) => !takenBack.includes(edit));
    this.takenBack(about, takenBack, UNHEARD);
    if (saved.length > 0) this.store.saved(about, updateOf(saved), () => this.#keysOf(saved));
    return saved.length;
  }

  /** The server has applied these and undone them: both are part of its document. */
  takenBack(about: DocumentRow, edits: readonly Edit[], reason: Reason): void {
    if (edits.length === 0) return;
    this.refuse(edits, reason);
    this.store.append(about, updateOf(edits));
  }

  /** The server did not accept these: in one transaction they go from the outbox to the shelf. */
  refuse(edits: readonly Edit[], reason: Reason): void {
    if (edits.length === 0) return;
    this.shelf.refuse(refusedRows(this.document, edits, reason), () => this.#keysOf(edits));
  }

  /**
   * The document they were made in is no more: what they did can be done again in another one. Rows of
   * which nobody can say that stay on this device as they are.
   */
  setAside(): void {
    const { edits } = this;
    this.outbox.clear();
    this.refuse(edits.filter(hasChanges), LINEAGE);
  }

  /** What looks undone; where a later edit of ours set the same, nobody can say. */
  #takenBack(edits: readonly Edit[], doc: Y.Doc): Edit[] {
    const later = new Set(this.edits.flatMap(({ touched }) => touched));
    return [...edits].reverse().filter((edit) => {
      const isLast = edit.touched.every((path) => !later.has(path));
      for (const path of edit.touched) later.add(path);
      return isLast && this.#unheard.has(edit) && areUndone(doc, edit.changes);
    });
  }

  #taken({ key, row }: StoredEdit): Edit {
    const { update, touched, base_seq, atMs, changes = [] } = row;
    const edit = { update, touched, base_seq, atMs, changes };
    this.#learn(edit, key);
    this.#unheard.add(edit);
    return edit;
  }

  #learn(edit: Edit, key: IDBValidKey): void {
    this.#keys.set(edit, key);
    this.#known.add(String(key));
  }

  /** The keys of those that are on this device; asked for again when a transaction failed. */
  #keysOf(edits: readonly Edit[]): IDBValidKey[] {
    return edits.map((edit) => this.#keys.get(edit)).filter((key) => key !== undefined);
  }
}

const UNHEARD: Reason = { hard: false, code: "schema", message: "", paths: [] };
const LINEAGE: Reason = { hard: true, code: "lineage", message: "", paths: [] };

function hasChanges({ changes = [] }: Pick<OutboxRow, "changes">): boolean {
  return changes.length > 0;
}

function updateOf(edits: readonly Edit[]): Uint8Array {
  return Y.mergeUpdates(edits.map(({ update }) => update));
}

/**
 * Puts edits of dead tabs whose document is no more on the shelf; gives how many stay aside, because
 * nobody can say what they did.
 */
export async function rescue(store: DocumentStore, shelf: Shelf): Promise<number> {
  const aside = await store.setAside();
  const told = aside.filter(({ row }) => hasChanges(row));
  for (const [document, rows] of Map.groupBy(told, ({ row }) => row.document)) {
    const edits = rows.map(({ row }) => ({ ...row, changes: row.changes ?? [] }));
    shelf.refuse(refusedRows(document, edits, LINEAGE), () => rows.map(({ key }) => key));
  }
  return aside.length - told.length;
}

function refusedRows(document: string, edits: readonly Edit[], reason: Reason): NewRefusedRow[] {
  const { hard, code, message } = reason;
  const paths = reason.paths.map(({ path, expected }) => ({ path, expected }));
  return groupsOf(edits).map((group) => ({
    document,
    atMs: group[0]?.atMs ?? 0,
    hard,
    code,
    message,
    paths,
    changes: mergedChanges(group),
    updates: group.map(({ update }) => update),
  }));
}

/** What was typed into one text is one thing to whoever reads of it. */
function groupsOf(edits: readonly Edit[]): Edit[][] {
  const groups: Edit[][] = [];
  for (const edit of edits) {
    const last = groups.at(-1);
    const path = typedPath(edit);
    if (last?.[0] && path !== null && typedPath(last[0]) === path) last.push(edit);
    else groups.push([edit]);
  }
  return groups;
}
