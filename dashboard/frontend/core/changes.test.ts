import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { type Change, changesOf, mergedChanges, toldOf } from "./changes";

let doc: Y.Doc;
let changes: Change[];

beforeEach(() => {
  doc = new Y.Doc();
  doc.getMap("cards").set("a", card({ title: "first", due: "2026-12-01" }, "seen"));
  doc.on("afterTransaction", (transaction: Y.Transaction) => {
    changes = changesOf(transaction);
  });
});

function card(fields: object, notes: string): Y.Map<unknown> {
  return new Y.Map<unknown>([...Object.entries(fields), ["notes", new Y.Text(notes)]]);
}

function fields(): Y.Map<unknown> {
  return doc.getMap("cards").get("a") as Y.Map<unknown>;
}

function notes(): Y.Text {
  return fields().get("notes") as Y.Text;
}

function change(path: string, before: unknown, after: unknown, isText = false): Change {
  return { path, before, after, isText };
}

describe("what an edit did", () => {
  it("is what a register held before and after, also when it was set twice", () => {
    doc.transact(() => {
      fields().set("title", "second");
      fields().set("title", "third");
      fields().delete("due");
      fields().set("label/urgent", true);
    });
    expect(changes).toEqual([
      change("cards/a/title", "first", "third"),
      change("cards/a/due", "2026-12-01", undefined),
      change("cards/a/label/urgent", undefined, true),
    ]);
  });

  it("leaves out what is as it was", () => {
    doc.transact(() => {
      fields().set("title", "second");
      fields().set("title", "first");
    });
    expect(changes).toEqual([]);
  });

  it("is the whole of an entity that was made or removed, texts as strings", () => {
    doc.transact(() => {
      doc.getMap("cards").set("b", card({ title: "made" }, "said"));
      fields().set("title", "changed just before");
      notes().insert(4, " and gone");
      doc.getMap("cards").delete("a");
    });
    const was = { title: "first", due: "2026-12-01", notes: "seen" };
    expect(changes).toEqual([
      change("cards/b", undefined, { title: "made", notes: "said" }),
      change("cards/a", was, undefined),
    ]);
  });

  it("is of a text only what was put in and taken out", () => {
    doc.transact(() => {
      notes().delete(0, 2);
      notes().insert(2, "😀 said");
      notes().delete(2, 2);
    });
    expect(changes).toEqual([change("cards/a/notes", "se", " said", true)]);
  });

  it("is there for a root that is one entity, and for flat keys", () => {
    doc.getMap("info").set("prefix", "LA");
    expect(changes).toEqual([change("info/prefix", undefined, "LA")]);
    doc.getMap("exceptions").set("e/2026-12-01/title", "moved");
    expect(changes).toEqual([change("exceptions/e/2026-12-01/title", undefined, "moved")]);
  });

  it("is there for what is undone as well", () => {
    const manager = new Y.UndoManager(doc.getMap("cards"));
    fields().set("title", "second");
    manager.undo();
    expect(changes).toEqual([change("cards/a/title", "second", "first")]);
  });
});

describe("several edits as one", () => {
  it("begin where the first began and end where the last ended", () => {
    const edits = [
      { changes: [change("cards/a/title", "one", "two")] },
      { changes: [change("cards/a/title", "two", "three")] },
    ];
    expect(mergedChanges(edits)).toEqual([change("cards/a/title", "one", "three")]);
  });

  it("hold a typed text without what its author took back while typing", () => {
    const typed = [
      ["", "te"],
      ["", "sx"],
      ["x", ""],
      ["", "t"],
      ["zz", ""],
    ] as const;
    const edits = typed.map(([before, after]) => ({
      changes: [change("cards/a/notes", before, after, true)],
    }));
    expect(mergedChanges(edits)).toEqual([change("cards/a/notes", "zz", "test", true)]);
  });
});

describe("what a PUSH tells of a change [P2]", () => {
  it.each([
    ["the new value as JSON", change("cards/a/title", "a", "b"), '"b"'],
    ["a list as JSON", change("cards/a/deleted", undefined, ["me", 1]), '["me",1]'],
    ["null for what is gone", change("cards/a/due", "2026-12-01", undefined), "null"],
    ["nothing of a text", change("cards/a/notes", "", "typed", true), ""],
    ["nothing of an entity", change("cards/a", undefined, { title: "x" }), ""],
    ["nothing of what is large", change("cards/a/x", undefined, "😀".repeat(2_048)), ""],
    ["nothing where nothing is known", undefined, ""],
  ])("is %s", (_, given, told) => {
    expect(toldOf(given)).toBe(told);
  });
});
