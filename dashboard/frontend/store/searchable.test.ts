import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { linesOf } from "./searchable";

function docWith(build: (doc: Y.Doc) => void): Y.Doc {
  const doc = new Y.Doc();
  doc.transact(() => build(doc));
  return doc;
}

function entity(fields: Readonly<Record<string, unknown>>): Y.Map<unknown> {
  return new Y.Map(Object.entries(fields));
}

describe("the lines of a document", () => {
  it("hold a card's notes, checklist and comments", () => {
    const doc = docWith((made) => {
      const cards = made.getMap("cards");
      cards.set("a", entity({ title: "Login", number: 7, notes: new Y.Text("by mail") }));
      cards.set("gone", entity({ title: "Gone", deleted: ["x", 1] }));
      made.getMap("items").set("i", entity({ title: "write it", place: "a|V" }));
      made.getMap("items").set("j", entity({ title: "old", place: "a|W", deleted: ["x", 1] }));
      made.getMap("comments").set("c", entity({ card: "a", body: new Y.Text("agreed") }));
    });
    expect(linesOf("project/p", doc)).toEqual([
      {
        document: "project/p",
        entity: "a",
        title: "Login",
        number: 7,
        text: "by mail\nwrite it\nagreed",
      },
    ]);
  });

  it("hold events with their places, and the notes of a page", () => {
    const events = docWith((made) =>
      made.getMap("events").set("e", entity({ title: "회의", location: "3층" })),
    );
    expect(linesOf("calendar/c", events)).toMatchObject([
      { entity: "e", title: "회의", text: "3층" },
    ]);
    const cells = docWith((made) =>
      made.getMap("cells").set("n", entity({ kind: "note", text: new Y.Text("# Week") })),
    );
    expect(linesOf("page/p", cells)).toMatchObject([
      { entity: "n", title: "Week", text: "# Week" },
    ]);
  });

  it("are none of a kind that has no view", () => {
    expect(linesOf("open/x", new Y.Doc())).toEqual([]);
  });
});
