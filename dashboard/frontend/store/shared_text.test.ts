import { describe, expect, it } from "vitest";
import * as Y from "yjs";
import { begun, project } from "../testing/board_tab";
import { World } from "../testing/world";

async function opened() {
  const world = new World();
  const { tab, id, card } = await begun(world, world.browser());
  const document = `project/${id}`;
  const text = tab.client.text(document, `cards/${card}/notes`);
  const stored = () => world.hub.room(document).doc;
  const fields = () => stored().getMap("cards").get(card) as Y.Map<unknown>;
  return { world, tab, id, card, document, text, stored, fields };
}

/** What another person's client would send. */
async function remotely(
  { world, document }: { world: World; document: string },
  run: (doc: Y.Doc) => void,
) {
  const room = world.hub.room(document);
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(room.doc));
  run(doc);
  Y.applyUpdate(room.doc, Y.encodeStateAsUpdate(doc));
  world.hub.cut();
  await world.pass(5_000);
}

describe("a shared text", () => {
  it("says what stands in the document, also after others wrote", async () => {
    const all = await opened();
    expect(all.text.store.getState()).toEqual({ exists: true, text: "", generation: 0 });
    await remotely(all, (doc) => {
      const fields = doc.getMap("cards").get(all.card) as Y.Map<Y.Text>;
      fields.get("notes")?.insert(0, "둘이서 🌱");
    });
    expect(all.text.store.getState()).toEqual({ exists: true, text: "둘이서 🌱", generation: 0 });
  });

  it("stays the same state while other texts and cards change", async () => {
    const { tab, id, text } = await opened();
    const before = text.store.getState();
    const [column] = project(tab, id).columns;
    project(tab, id).addCard({ column: column?.id ?? "", before: null }, "another");
    expect(text.store.getState()).toBe(before);
  });

  it("is not there until its entity is, and is another generation then", async () => {
    const all = await opened();
    const later = all.tab.client.text(all.document, "cards/later/notes");
    expect(later.store.getState()).toEqual({ exists: false, text: "", generation: 0 });
    later.begin();
    expect(later.store.getState().exists).toBe(false);
    await remotely(all, (doc) => {
      const notes = new Y.Text("here");
      doc.getMap("cards").set("later", new Y.Map(Object.entries({ title: "later", notes })));
    });
    expect(later.store.getState()).toEqual({ exists: true, text: "here", generation: 1 });
  });

  it("is made once where an entity has none, and reaches the server", async () => {
    const all = await opened();
    await remotely(all, (doc) => {
      doc.getMap("cards").set("bare", new Y.Map(Object.entries({ title: "bare" })));
    });
    const bare = all.tab.client.text(all.document, "cards/bare/notes");
    bare.begin();
    bare.begin();
    await all.world.pass();
    expect(bare.store.getState()).toEqual({ exists: true, text: "", generation: 1 });
    expect(all.world.hub.pushes.at(-1)?.touched).toEqual(["cards/bare/notes"]);
    expect(
      (all.stored().getMap("cards").get("bare") as Y.Map<unknown>).get("notes"),
    ).toBeInstanceOf(Y.Text);
  });

  it("follows the document that replaces one of another lineage", async () => {
    const { world, document, card, text } = await opened();
    const fresh = new Y.Doc();
    const notes = new Y.Text("the new one");
    fresh.getMap("cards").set(card, new Y.Map(Object.entries({ title: "again", notes })));
    const room = world.hub.room(document);
    world.hub.rooms.set(document, { ...room, doc: fresh, lineage: "b".repeat(32), seq: 1 });
    world.hub.cut();
    await world.pass(5_000);
    expect(text.store.getState()).toMatchObject({ exists: true, text: "the new one" });
    expect(text.store.getState().generation).toBeGreaterThan(0);
  });

  it("is let go: what comes later is not followed", async () => {
    const all = await opened();
    all.text.release();
    await remotely(all, (doc) => {
      (doc.getMap("cards").get(all.card) as Y.Map<Y.Text>).get("notes")?.insert(0, "unseen");
    });
    expect(all.text.store.getState().text).toBe("");
  });
});
