import { IDBFactory } from "fake-indexeddb";
import { describe, expect, it } from "vitest";
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

function opened(kept: (about: DocumentRow) => void = () => {}): {
  store: DocumentStore;
  database: Database;
} {
  const clock = new TestClock();
  const database = new Database(new IDBFactory(), "moim /sync", clock);
  const journal = new Journal(database, clock);
  const replica = new Replica(database, null, () => 0.5);
  return { store: new DocumentStore(database, journal, replica, null, kept), database };
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

describe("the number up to which content is kept", () => {
  const NOW: DocumentRow = {
    document: EDIT.document,
    lineage: "a".repeat(32),
    seq: 120,
    create: false,
  };

  it("never goes back, in whatever order tabs write", async () => {
    const { store, database } = opened();
    store.append(NOW, EDIT.update);
    store.append({ ...NOW, seq: 118 }, EDIT.update);
    await store.settled();
    expect((await aboutIn(database))?.seq).toBe(120);
  });

  it("is said with content only, whatever a tab knows that describes the document", async () => {
    const { store, database } = opened();
    store.append(NOW, EDIT.update);
    store.describe({ ...NOW, seq: 130, role: "viewer" });
    await store.settled();
    expect(await aboutIn(database)).toEqual({ ...NOW, role: "viewer" });
  });

  it("stays that of the new lineage when a tab writes that has not heard of it", async () => {
    const { store, database } = opened();
    store.append(NOW, EDIT.update);
    const next = { ...NOW, lineage: "b".repeat(32), seq: 3 };
    store.adopt(next);
    store.append(next, EDIT.update);
    store.append({ ...NOW, seq: 121 }, EDIT.update);
    store.describe({ ...NOW, lineage: "", seq: 0 });
    store.setLineageAside(EDIT.document, NOW.lineage);
    await store.settled();
    expect(await aboutIn(database)).toEqual(next);
  });

  it("is told when it is on this device, and not before", async () => {
    const told: number[] = [];
    const { store } = opened(({ seq }) => told.push(seq));
    store.append(NOW, EDIT.update);
    store.saved({ ...NOW, seq: 121 }, EDIT.update, () => []);
    expect(told).toEqual([]);
    await store.settled();
    expect(told).toEqual([120, 121]);
  });
});
