/**
 * A document on this device: a snapshot, updates that came after it, and the edits that no server has
 * yet. Content of another lineage stays where it is and is never read into the document again: it is
 * set aside by the document's row naming another lineage.
 */

import * as Y from "yjs";
import type { Database, DocumentRow, OutboxRow, Transaction } from "./database";
import type { Journal } from "./journal";
import type { Replica } from "./replica";

export interface StoredEdit {
  readonly key: IDBValidKey;
  readonly row: OutboxRow;
}

export interface StoredDocument {
  readonly about: DocumentRow;
  /** False: there are edits at most, of a document that this device does not have. */
  readonly hasContent: boolean;
  readonly updates: readonly Uint8Array[];
  /** Edits that this tab has to send. */
  readonly unsent: readonly StoredEdit[];
  /** True: there are others, which other tabs send. */
  readonly hasOthers: boolean;
}

/** Rows of content from which a document is compacted when it is opened. */
const ROWS_AT_OPENING = 16;

export class DocumentStore {
  /** Resolves when this tab knows which replica it is, also when this device keeps nothing. */
  readonly opened: Promise<void>;

  constructor(
    private readonly database: Database | null,
    private readonly journal: Journal,
    private readonly replica: Replica,
    private readonly locks: LockManager | null,
    /** Told when this device keeps all content up to a number. */
    private readonly kept: (about: DocumentRow) => void = () => {},
  ) {
    this.opened = replica.acquire().catch((error: unknown) => this.journal.fail(error));
  }

  /** A tab that `leads` also sends what tabs left that are gone. */
  async load(document: string, leads: boolean): Promise<StoredDocument> {
    await this.opened;
    if (this.database === null) return nothing(document);
    const others = await this.replica.others();
    const { about, content, outbox } = await this.database.read(async (transaction) => {
      const row = transaction.get("documents", document);
      const rows = transaction.list("content", document);
      const edits = transaction.list("outbox", document);
      return { about: await row, content: await rows, outbox: await edits };
    });
    const known = about ?? unknown(document);
    const own = content.filter(({ row }) => row.lineage === known.lineage);
    const edits = outbox.filter(({ row }) => belongs(row, known.lineage));
    // Whoever has just read so many rows spares the next that.
    if (own.length >= ROWS_AT_OPENING) this.compact(document, known.lineage);
    // Its own may hang on those before them, whosever they are.
    const last = edits.findLastIndex(({ row }) => row.replica === this.replica.id);
    const unsent = edits.filter(({ row }, at) => at <= last || (leads && !others.has(row.replica)));
    return {
      about: known,
      hasContent: own.length > 0 || known.create,
      updates: [...own, ...edits].map(({ row }) => row.update),
      unsent,
      hasOthers: unsent.length < edits.length,
    };
  }

  /** All edits of a document on this device that no server is known to have, in the order they were made. */
  async waiting(document: string): Promise<StoredEdit[]> {
    if (this.database === null) return [];
    const { about, outbox } = await this.database.read(async (transaction) => {
      const row = transaction.get("documents", document);
      const edits = transaction.list("outbox", document);
      return { about: await row, outbox: await edits };
    });
    return outbox.filter(({ row }) => belongs(row, about?.lineage ?? ""));
  }

  /** Those of them that tabs left which are gone. */
  async left(document: string): Promise<StoredEdit[]> {
    const others = await this.replica.others();
    return (await this.waiting(document)).filter(({ row }) => !others.has(row.replica));
  }

  /** Documents with edits that this tab has to send, whoever made them. */
  async unsent(): Promise<string[]> {
    await this.opened;
    if (this.database === null) return [];
    const others = await this.replica.others();
    const rows = await this.database.read((transaction) => transaction.list("outbox"));
    const own = rows.filter(({ row }) => !others.has(row.replica));
    return [...new Set(own.map(({ row }) => row.document))];
  }

  /** Edits of documents whose lineage ended before they were sent: kept, never merged. */
  async setAside(): Promise<StoredEdit[]> {
    if (this.database === null) return [];
    const others = await this.replica.others();
    const { outbox, documents } = await this.database.read(async (transaction) => {
      const edits = transaction.list("outbox");
      const rows = transaction.list("documents");
      return { outbox: await edits, documents: await rows };
    });
    const lineages = new Map(documents.map(({ row }) => [row.document, row.lineage]));
    const isAside = (row: OutboxRow) => !belongs(row, lineages.get(row.document) ?? "");
    return outbox.filter(({ row }) => !others.has(row.replica) && isAside(row));
  }

  /** Resolves when everything asked for is on this device, or cannot be at the moment. */
  settled(): Promise<void> {
    return this.journal.settled();
  }

  failed(error: unknown): void {
    this.journal.fail(error);
  }

  /** Says of a document what is known; what its content holds is said with the content only. */
  describe(about: DocumentRow): void {
    this.journal.write(async (transaction) => {
      const known = await transaction.get("documents", about.document);
      const isLearnt = about.lineage === "" && known !== undefined && known.lineage !== "";
      if (!isLearnt) transaction.put("documents", { ...about, seq: seqOf(known, about) });
    });
  }

  /** The document of a lineage is no more; another tab may have met the new one. */
  setLineageAside(document: string, lineage: string): void {
    this.journal.write(async (transaction) => {
      const known = await transaction.get("documents", document);
      if (known?.lineage === lineage) transaction.put("documents", unknown(document));
    });
  }

  /** The server named the lineage: what was made before is of that lineage. */
  adopt(about: DocumentRow): void {
    this.journal.write(async (transaction) => {
      const { document, lineage } = about;
      const known = transaction.get("documents", document);
      const content = transaction.list("content", document);
      const outbox = transaction.list("outbox", document);
      for (const { key, row } of await content)
        if (row.lineage === "") transaction.put("content", { ...row, lineage }, key);
      for (const { key, row } of await outbox)
        if (row.lineage === "") transaction.put("outbox", { ...row, lineage }, key);
      transaction.put("documents", { ...about, seq: seqOf(await known, about) });
    });
  }

  /** Keeps what came from the server; `about.seq` and the content are one whole. */
  append(about: DocumentRow, update: Uint8Array): void {
    this.journal.write(
      (transaction) => add(transaction, about, update),
      () => this.kept(about),
    );
  }

  /**
   * Keeps an edit until the server has it; `stored` gets its key. With the first edit of a document
   * that is `made` here it is kept that no server has it yet: the page may be left right after.
   */
  keep(row: OutboxRow, made: boolean, stored: (key: IDBValidKey) => void): void {
    this.journal.write(async (transaction) => {
      const { document } = row;
      if (made && (await transaction.get("documents", document)) === undefined)
        transaction.put("documents", { ...unknown(document), create: true });
      stored(await transaction.add("outbox", row));
    });
  }

  /** The server has these edits: they are content now. The keys are asked for when they are known. */
  saved(about: DocumentRow, update: Uint8Array, keys: () => readonly IDBValidKey[]): void {
    const run = async (transaction: Transaction) => {
      await add(transaction, about, update);
      for (const key of keys()) transaction.delete("outbox", key);
    };
    this.journal.write(run, () => this.kept(about));
  }

  /** Makes one snapshot of all content; one tab at a time, and all in one transaction. */
  compact(document: string, lineage: string): void {
    const write = () => {
      this.journal.write((transaction) => compactIn(transaction, document, lineage));
      return this.journal.settled();
    };
    if (this.locks === null) void write();
    else {
      const name = `moim-compact-${document}`;
      void this.locks.request(name, { ifAvailable: true }, (lock) => (lock ? write() : undefined));
    }
  }
}

function nothing(document: string): StoredDocument {
  return { about: unknown(document), hasContent: false, updates: [], unsent: [], hasOthers: false };
}

function unknown(document: string): DocumentRow {
  return { document, lineage: "", seq: 0, create: false };
}

/** The number up to which this device keeps a lineage's content. */
function seqOf(known: DocumentRow | undefined, { lineage }: DocumentRow): number {
  return known?.lineage === lineage ? known.seq : 0;
}

/**
 * Adds content, and the number up to which the author's copy is on this device with it. Tabs write in
 * any order: a number never goes back, and one of a former lineage counts no more.
 */
async function add(
  transaction: Transaction,
  about: DocumentRow,
  update: Uint8Array,
): Promise<void> {
  const { document, lineage } = about;
  const known = await transaction.get("documents", document);
  const seq = Math.max(seqOf(known, about), about.seq);
  if (known === undefined || known.lineage === lineage)
    transaction.put("documents", { ...about, seq });
  await transaction.add("content", { document, lineage, update });
}

/** An edit made before any server was reached is of whatever lineage the document turns out to have. */
function belongs(row: OutboxRow, lineage: string): boolean {
  return row.lineage === lineage || row.lineage === "";
}

async function compactIn(
  transaction: Transaction,
  document: string,
  lineage: string,
): Promise<void> {
  const rows = await transaction.list("content", document);
  const own = rows.filter(({ row }) => row.lineage === lineage);
  if (own.length < 2) return;
  const doc = new Y.Doc();
  for (const { row } of own) Y.applyUpdate(doc, row.update);
  const update = Y.encodeStateAsUpdate(doc);
  doc.destroy();
  for (const { key } of own) transaction.delete("content", key);
  await transaction.add("content", { document, lineage, update });
}
