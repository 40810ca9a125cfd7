import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { seeded } from "../testing/seeded";
import { type CutLimits, countStructs, cut } from "./cut";

const LIMITS: CutLimits = { bytes: 262_144, structs: 2_000, clientIds: 64, deletes: 20_000 };

function applied(pieces: readonly Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  for (const piece of pieces) {
    Y.applyUpdate(doc, piece);
    expect(doc.store.pendingStructs).toBeNull();
    expect(doc.store.pendingDs).toBeNull();
  }
  return doc;
}

function board(cards: number): Y.Doc {
  const doc = new Y.Doc();
  doc.transact(() => {
    for (let n = 0; n < cards; n += 1) {
      const card = new Y.Map<string>(Object.entries({ title: `카드 ${n} 🌱`, place: `a|V${n}` }));
      doc.getMap("cards").set(`c${n}`, card);
    }
  });
  return doc;
}

/** A document that several people wrote by turns, with deletions and text across client ids. */
function written(seed: number): Y.Doc {
  const random = seeded(seed);
  const docs = [1, 2, 3, 4].map((client) => Object.assign(new Y.Doc(), { clientID: client * 7 }));
  for (let step = 0; step < 150; step += 1) {
    const doc = docs[Math.floor(random() * docs.length)] as Y.Doc;
    const text = doc.getText("notes");
    if (random() < 0.7) text.insert(Math.floor(random() * (text.length + 1)), `${step},`);
    else if (text.length > 3) text.delete(Math.floor(random() * (text.length - 2)), 2);
    doc.getMap("cards").set(`c${step % 9}`, new Y.Map([["title", step]]));
    const other = docs[Math.floor(random() * docs.length)] as Y.Doc;
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc, Y.encodeStateVector(other)));
  }
  const all = new Y.Doc();
  for (const doc of docs) Y.applyUpdate(all, Y.encodeStateAsUpdate(doc));
  return all;
}

describe("cut", () => {
  it("leaves an update within the limits as it is", () => {
    const update = Y.encodeStateAsUpdate(board(3));
    expect(cut(update, LIMITS)).toEqual([update]);
  });

  it("keeps every piece of a large paste within the limits", () => {
    const doc = board(5_000);
    const pieces = cut(Y.encodeStateAsUpdate(doc), LIMITS);
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces) {
      expect(piece.byteLength).toBeLessThanOrEqual(LIMITS.bytes);
      expect(countStructs(piece)).toBeLessThanOrEqual(LIMITS.structs);
    }
    expect(applied(pieces).getMap("cards").toJSON()).toEqual(doc.getMap("cards").toJSON());
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("gives pieces that need nothing later (seed %i)", (seed) => {
    const doc = written(seed);
    const limits = { bytes: 2_300, structs: 7, clientIds: 2, deletes: 5 };
    const pieces = cut(Y.encodeStateAsUpdate(doc), limits);
    expect(pieces.length).toBeGreaterThan(10);
    const again = applied(pieces);
    expect(again.getText("notes").toString()).toBe(doc.getText("notes").toString());
    expect(again.getMap("cards").toJSON()).toEqual(doc.getMap("cards").toJSON());
    expect(Y.encodeStateAsUpdate(again)).toEqual(Y.encodeStateAsUpdate(doc));
  });

  it("sends deletions after everything that they delete", () => {
    const doc = board(40);
    for (let n = 0; n < 40; n += 1) doc.getMap("cards").delete(`c${n}`);
    const pieces = cut(Y.encodeStateAsUpdate(doc), { ...LIMITS, structs: 10, deletes: 6 });
    expect(applied(pieces).getMap("cards").size).toBe(0);
  });

  it("takes the holes out that a merge of distant updates leaves", () => {
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on("update", (update: Uint8Array) => updates.push(update));
    for (let n = 0; n < 3; n += 1) doc.getMap("m").set(`k${n}`, n);
    const [first, , third] = updates as [Uint8Array, Uint8Array, Uint8Array];
    const pieces = cut(Y.mergeUpdates([first, third]), LIMITS);
    expect(pieces.map(countStructs)).toEqual([1, 1]);
  });
});
