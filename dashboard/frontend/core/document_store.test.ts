import { IDBFactory } from "fake-indexeddb";
import { expect, it } from "vitest";
import { TestClock } from "../testing/test_clock";
import { Database, type DocumentRow, type OutboxRow } from "./database";
import { DocumentStore } from "./document_store";
import { Journal } from "./journal";
import { Replica } from "./replica";

const EDIT: OutboxRow = {
  replica: "r",
  document: "calendar/new",
  lineage: "",
  base_seq: 0,
  touched: [],
  update: new Uint8Array([0, 0]),
  atMs: 0,
};

function opened(): { store: DocumentStore; database: Database } {
  const clock = new TestClock();
  const database = new Database(new IDBFactory(), "moim /sync", clock);
  const journal = new Journal(database, clock);
  const replica = new Replica(database, null, () => 0.5);
  return { store: new DocumentStore(database, journal, replica, null), database };
}

function aboutIn(database: Database): Promise<DocumentRow | undefined> {
  return database.read((transaction) => transaction.get("documents", EDIT.document));
}

it("keeps with the first edit that a document was made here: its page may be left at once", async () => {
  const { store, database } = opened();
  store.keep(EDIT, true, () => {});
  await store.settled();
  expect(await aboutIn(database)).toMatchObject({ create: true, lineage: "" });
});

it("does not forget the lineage of a document that is known here", async () => {
  const { store, database } = opened();
  const known = { document: EDIT.document, lineage: "a".repeat(32), seq: 7, create: false };
  store.append(known, EDIT.update);
  store.keep(EDIT, true, () => {});
  await store.settled();
  expect(await aboutIn(database)).toEqual(known);
});
