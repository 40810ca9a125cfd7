import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { Copy, type LocalEdit } from "./copy";

/** The state of a document with much in it. */
function largeUpdate(): Uint8Array {
  const doc = new Y.Doc();
  const cards = doc.getMap("cards");
  doc.transact(() => {
    for (let i = 0; i < 1_000; i += 1)
      cards.set(`c${i}`, new Y.Map([["title", `a card with a title, number ${i}`]]));
  });
  return Y.encodeStateAsUpdate(doc);
}

function contentOf(...updates: readonly Uint8Array[]): unknown {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc.getMap("cards").toJSON();
}

describe("the first large content of an empty copy", () => {
  it("is there, and is kept, as small content is", () => {
    const copy = new Copy(() => {});
    const update = largeUpdate();
    copy.fromServer(update);
    expect(copy.doc.getMap("cards").size).toBe(1_000);
    expect(contentOf(copy.takeReceived() ?? new Uint8Array())).toEqual(contentOf(update));
    expect(copy.takeReceived()).toBeNull();
  });

  it("is not written down once more", () => {
    const copy = new Copy(() => {});
    const update = largeUpdate();
    copy.fromServer(update);
    expect(copy.takeReceived()).toBe(update);
  });

  it("lets an edit be heard that somebody makes because of it", () => {
    const edits: LocalEdit[] = [];
    const copy = new Copy((edit) => edits.push(edit));
    const cards = copy.doc.getMap("cards");
    let answered = false;
    cards.observe(() => {
      if (answered) return;
      answered = true;
      copy.doc.transact(() => cards.set("mine", new Y.Map([["title", "an answer"]])), "person");
    });
    const update = largeUpdate();
    copy.fromServer(update);
    expect(edits).toHaveLength(1);
    expect(contentOf(update, edits[0]?.update ?? new Uint8Array())).toEqual(cards.toJSON());
  });

  it("is followed by edits and by what else comes, each heard once", () => {
    const edits: LocalEdit[] = [];
    const copy = new Copy((edit) => edits.push(edit));
    copy.fromServer(largeUpdate());
    copy.takeReceived();
    copy.doc.getMap("cards").set("mine", 1);
    expect(edits.map(({ touched }) => touched)).toEqual([["cards/mine"]]);
    const other = new Y.Doc();
    other.getMap("cards").set("theirs", 2);
    copy.fromServer(Y.encodeStateAsUpdate(other));
    expect(contentOf(copy.takeReceived() ?? new Uint8Array())).toEqual({ theirs: 2 });
    expect(edits).toHaveLength(1);
  });
});
