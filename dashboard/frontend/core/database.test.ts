import { IDBFactory } from "fake-indexeddb";
import { expect, it } from "vitest";
import { TestClock } from "../testing/test_clock";
import { Database, STORES } from "./database";

/** As version 2 of this program left it, with an edit that no server had. */
async function databaseOfVersion2(factory: IDBFactory): Promise<void> {
  const request = factory.open("moim /sync", 2);
  request.onupgradeneeded = () => {
    const { result } = request;
    result.createObjectStore("answers", { keyPath: "question" });
    result.createObjectStore("documents", { keyPath: "document" });
    result.createObjectStore("replicas", { keyPath: "id" });
    for (const name of ["content", "outbox"])
      result.createObjectStore(name, { autoIncrement: true }).createIndex("document", "document");
  };
  const database = await new Promise<IDBDatabase>((resolve) => {
    request.onsuccess = () => resolve(request.result);
  });
  const transaction = database.transaction(["outbox", "documents"], "readwrite");
  transaction.objectStore("outbox").add(EDIT);
  transaction.objectStore("documents").add(DOCUMENT);
  await new Promise<void>((resolve) => {
    transaction.oncomplete = () => resolve();
  });
  database.close();
}

const DOCUMENT = { document: "project/a", lineage: "a".repeat(32), seq: 3, create: false };
const EDIT = {
  replica: "r",
  document: "project/a",
  lineage: "a".repeat(32),
  base_seq: 3,
  touched: ["cards/c/title"],
  update: new Uint8Array([0, 0]),
  atMs: 7,
};

it("keeps every row when the database becomes one of a later version", async () => {
  const factory = new IDBFactory();
  await databaseOfVersion2(factory);
  const database = new Database(factory, "moim /sync", new TestClock());
  const rows = await database.read(async (transaction) => {
    const lists = await Promise.all(STORES.map((name) => transaction.list(name)));
    return Object.fromEntries(STORES.map((name, at) => [name, lists[at]?.map(({ row }) => row)]));
  });
  expect(rows).toEqual({
    documents: [DOCUMENT],
    content: [],
    outbox: [EDIT],
    replicas: [],
    answers: [],
    refused: [],
    conflicts: [],
  });
});

it("has all stores when it is new, and asks for strict durability", async () => {
  const asked: unknown[] = [];
  const factory = new IDBFactory();
  const database = new Database(factory, "moim /sync", new TestClock());
  await database.read((transaction) => transaction.list("refused"));
  const opened = await new Promise<IDBDatabase>((resolve) => {
    const request = factory.open("moim /sync");
    request.onsuccess = () => resolve(request.result);
  });
  expect([...opened.objectStoreNames].sort()).toEqual([...STORES].sort());
  const prototype = Object.getPrototypeOf(opened) as IDBDatabase;
  const { transaction } = prototype;
  prototype.transaction = function (...args) {
    asked.push(args[2]);
    return transaction.apply(this, args);
  };
  try {
    await database.write(async (written) => written.delete("refused", "nothing"));
  } finally {
    prototype.transaction = transaction;
  }
  expect(asked).toEqual([{ durability: "strict" }]);
});
