/**
 * What a person is told about edits until they decide: those that the server did not accept, and those
 * that lost to somebody else's. Kept on this device, shared by its tabs, and lost by nothing but a
 * decision.
 */

import type { Change } from "./changes";
import type { Database } from "./database";
import type { Journal } from "./journal";
import type { Conflict, Refusal, ResolveAction } from "./messages";
import { newHexId } from "./replica";

/** An edit that was undone (`hard` false) or never applied; kept on this device until dismissed. */
export interface RefusedEdit {
  readonly key: string;
  readonly document: string;
  /** When it was made. */
  readonly atMs: number;
  readonly hard: boolean;
  /** schema, limit, role, broken, or lineage: the document is another one now. */
  readonly code: string;
  readonly message: string;
  readonly paths: readonly Pick<Refusal, "path" | "expected">[];
  readonly changes: readonly Change[];
}

/** Two people set one register unseen by each other, and this person's value did not stay. */
export interface ConflictNotice {
  readonly id: string;
  readonly document: string;
  /** `root/id`. */
  readonly entity: string;
  /** `root/id/field`; `root/id/deleted` when the whole thing was deleted or changed meanwhile. */
  readonly path: string;
  readonly strategy: string;
  readonly version: number;
  readonly atMs: number;
  readonly by: { readonly id: string; readonly name: string };
  readonly mine: unknown;
  readonly theirs: unknown;
}

export interface RefusedRow extends RefusedEdit {
  /** The bytes that were not accepted, for an export. */
  readonly updates: readonly Uint8Array[];
}

export type NewRefusedRow = Omit<RefusedRow, "key">;

export interface ConflictRow extends ConflictNotice {
  /** What the person decided and no server has confirmed; null: nothing yet. */
  readonly decided: ResolveAction | null;
}

export interface Decision {
  readonly document: string;
  readonly id: string;
  readonly action: ResolveAction;
}

/** `mine`: what this device knows that the server does not tell. */
export function noticeOf(document: string, conflict: Conflict, mine: unknown): ConflictNotice {
  const { id, entity, path, strategy, version, timestamp, user_id, name, theirs } = conflict;
  const by = { id: user_id, name };
  const told = { id, document, entity, path, strategy, version, atMs: timestamp, by, theirs };
  return { ...told, mine: conflict.mine ?? mine };
}

export class Shelf {
  readonly #refused = new Map<string, RefusedRow>();
  readonly #conflicts = new Map<string, ConflictRow>();
  readonly #listeners = new Set<() => void>();
  #changes = 0;

  /** `tell` is called when other tabs of this browser are to look again. */
  constructor(
    private readonly database: Database | null,
    private readonly journal: Journal,
    private readonly random: () => number,
    private readonly tell: () => void,
  ) {}

  /** The newest last. */
  get refused(): readonly RefusedRow[] {
    return [...this.#refused.values()].sort((a, b) => a.atMs - b.atMs);
  }

  /** Those that wait for a decision, the newest last. */
  get conflicts(): readonly ConflictNotice[] {
    return [...this.#conflicts.values()]
      .filter(({ decided }) => decided === null)
      .sort((a, b) => a.atMs - b.atMs);
  }

  /** What servers have to be told, of one document or of all. */
  decisions(document?: string): Decision[] {
    return [...this.#conflicts.values()].flatMap(({ id, decided, document: of }) =>
      decided !== null && (document ?? of) === of ? [{ document: of, id, action: decided }] : [],
    );
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads what this device keeps; to be called again when another tab changed it. */
  async load(): Promise<void> {
    if (this.database === null) return;
    let seen: number;
    let rows: { refused: RefusedRow[]; conflicts: ConflictRow[] };
    do {
      seen = this.#changes;
      await this.journal.settled();
      rows = await this.#read(this.database);
    } while (seen !== this.#changes);
    // What cannot be written at the moment is known here only.
    if (this.journal.error === null) {
      this.#refused.clear();
      this.#conflicts.clear();
    }
    for (const row of rows.refused) this.#refused.set(row.key, row);
    for (const row of rows.conflicts) this.#conflicts.set(row.id, row);
    this.#notify();
  }

  /** Keeps refused edits; in the same transaction their rows leave the outbox. */
  refuse(edits: readonly NewRefusedRow[], outboxKeys: () => readonly IDBValidKey[]): void {
    const rows = edits.map((edit) => ({ ...edit, key: newHexId(this.random) }));
    for (const row of rows) this.#refused.set(row.key, row);
    this.journal.write(async (transaction) => {
      for (const row of rows) transaction.put("refused", row);
      for (const key of outboxKeys()) transaction.delete("outbox", key);
    });
    this.#changed();
  }

  find(key: string): RefusedRow | undefined {
    return this.#refused.get(key);
  }

  forget(key: string): void {
    if (!this.#refused.delete(key)) return;
    this.journal.write(async (transaction) => transaction.delete("refused", key));
    this.#changed();
  }

  conflict(id: string): ConflictNotice | undefined {
    return this.#conflicts.get(id);
  }

  /** Keeps a conflict. One that comes again stays as it was decided; a newer one at its place does not. */
  report(notice: ConflictNotice): void {
    const known = this.#conflicts.get(notice.id);
    const same = known?.version === notice.version ? known : undefined;
    const mine = notice.mine ?? same?.mine ?? null;
    this.#put({ ...notice, mine, decided: same?.decided ?? null });
  }

  /** The person has decided; false: there is no such conflict, or it was decided before. */
  decide(id: string, action: ResolveAction): boolean {
    const known = this.#conflicts.get(id);
    if (known === undefined || known.decided !== null) return false;
    this.#put({ ...known, decided: action });
    return true;
  }

  /** The server has settled it. */
  settle(id: string): void {
    if (!this.#conflicts.delete(id)) return;
    this.journal.write(async (transaction) => transaction.delete("conflicts", id));
    this.#changed();
  }

  #put(row: ConflictRow): void {
    this.#conflicts.set(row.id, row);
    this.journal.write(async (transaction) => transaction.put("conflicts", row));
    this.#changed();
  }

  #read(database: Database): Promise<{ refused: RefusedRow[]; conflicts: ConflictRow[] }> {
    return database.read(async (transaction) => {
      const refused = transaction.list("refused");
      const conflicts = transaction.list("conflicts");
      return {
        refused: (await refused).map(({ row }) => row),
        conflicts: (await conflicts).map(({ row }) => row),
      };
    });
  }

  #changed(): void {
    this.#changes += 1;
    void this.journal.settled().then(this.tell);
    this.#notify();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
