/**
 * The browser's own database: documents as far as this device knows them, every edit that no
 * server has yet or that none accepted, what lost to others, and what a server last answered.
 * Transactions are strictly durable.
 */

import type { Change } from "./changes";
import type { Clock } from "./clock";
import type { ConflictRow, RefusedRow } from "./shelf";

/** What is known of a document; `rows` hold its content. */
export interface DocumentRow {
  readonly document: string;
  /** 32 hex digits; empty until a server gave one. */
  readonly lineage: string;
  /** The highest sequence number that the content holds. */
  readonly seq: number;
  /** True until a server has it: it was made here. */
  readonly create: boolean;
  /** What this person may do, as the server last said; absent: not known. */
  readonly role?: string;
}

export interface ContentRow {
  readonly document: string;
  readonly lineage: string;
  readonly update: Uint8Array;
}

export interface OutboxRow {
  readonly replica: string;
  readonly document: string;
  readonly lineage: string;
  readonly base_seq: number;
  readonly touched: readonly string[];
  readonly update: Uint8Array;
  readonly atMs: number;
  /** Absent in rows of earlier versions of this program. */
  readonly changes?: readonly Change[];
}

export interface ReplicaRow {
  readonly id: string;
}

/** What a server last said to a question of this device. */
export interface AnswerRow {
  readonly question: string;
  readonly answer: unknown;
  readonly atMs: number;
}

interface Rows {
  documents: DocumentRow;
  content: ContentRow;
  outbox: OutboxRow;
  replicas: ReplicaRow;
  answers: AnswerRow;
  refused: RefusedRow;
  conflicts: ConflictRow;
}

export type StoreName = keyof Rows;
export const STORES: readonly StoreName[] = [
  "documents",
  "content",
  "outbox",
  "replicas",
  "answers",
  "refused",
  "conflicts",
];

const VERSION = 3;
const OPEN_TIMEOUT_MS = 3_000;

/** A transaction over all stores; requests made on it are one whole. */
export class Transaction {
  constructor(private readonly transaction: IDBTransaction) {}

  get<Name extends StoreName>(name: Name, key: IDBValidKey): Promise<Rows[Name] | undefined> {
    return answer(this.transaction.objectStore(name).get(key));
  }

  /** Rows with their keys, in the order of the keys; of one document, or all. */
  async list<Name extends StoreName>(
    name: Name,
    document?: string,
  ): Promise<{ key: IDBValidKey; row: Rows[Name] }[]> {
    const store = this.transaction.objectStore(name);
    const source = document === undefined ? store : store.index("document");
    const query = document ?? null;
    const [keys, rows] = await Promise.all([
      answer<IDBValidKey[]>(source.getAllKeys(query)),
      answer<Rows[Name][]>(source.getAll(query)),
    ]);
    return keys.map((key, index) => ({ key, row: rows[index] as Rows[Name] }));
  }

  put<Name extends StoreName>(name: Name, row: Rows[Name], key?: IDBValidKey): void {
    this.transaction.objectStore(name).put(row, key);
  }

  async add<Name extends StoreName>(name: Name, row: Rows[Name]): Promise<IDBValidKey> {
    return answer(this.transaction.objectStore(name).add(row));
  }

  delete(name: StoreName, key: IDBValidKey): void {
    this.transaction.objectStore(name).delete(key);
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export class Database {
  #opened: Promise<IDBDatabase> | null = null;

  constructor(
    private readonly factory: IDBFactory,
    private readonly name: string,
    private readonly clock: Clock,
  ) {}

  read<T>(run: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#run("readonly", run);
  }

  /** Resolves when the transaction is on disk, not before. */
  write<T>(run: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#run("readwrite", run);
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    (await opened)?.close();
  }

  async #run<T>(mode: IDBTransactionMode, run: (t: Transaction) => Promise<T>): Promise<T> {
    const database = await this.#open();
    const transaction = database.transaction(STORES, mode, { durability: "strict" });
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error("transaction aborted"));
    });
    const [result] = await Promise.all([run(new Transaction(transaction)), done]);
    return result;
  }

  /** Opens again after the browser closed the connection (cleared data, another version). */
  #open(): Promise<IDBDatabase> {
    this.#opened ??= this.#connect().catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  #connect(): Promise<IDBDatabase> {
    const request = this.factory.open(this.name, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => create(request.result, oldVersion);
    return new Promise((resolve, reject) => {
      // Some browsers never answer, and a page must not wait for what it can do without.
      const giveUp = () => reject(new Error("the browser's database did not open within 3 s"));
      const cancel = this.clock.after(OPEN_TIMEOUT_MS, giveUp);
      request.onerror = () => reject(request.error);
      request.onblocked = () => reject(new Error("another tab holds an older database open"));
      request.onsuccess = () => {
        cancel();
        resolve(this.#watched(request.result));
      };
    });
  }

  #watched(database: IDBDatabase): IDBDatabase {
    const forget = () => {
      this.#opened = null;
    };
    database.onclose = forget;
    database.onversionchange = () => {
      database.close();
      forget();
    };
    return database;
  }
}

/** Each version adds stores to the one before; rows stay as they are. */
function create(database: IDBDatabase, oldVersion: number): void {
  if (oldVersion < 1) {
    database.createObjectStore("documents", { keyPath: "document" });
    database.createObjectStore("replicas", { keyPath: "id" });
    for (const name of ["content", "outbox"]) {
      const store = database.createObjectStore(name, { autoIncrement: true });
      store.createIndex("document", "document");
    }
  }
  if (oldVersion < 2) database.createObjectStore("answers", { keyPath: "question" });
  if (oldVersion < 3) {
    database.createObjectStore("refused", { keyPath: "key" });
    database.createObjectStore("conflicts", { keyPath: "id" });
  }
}
