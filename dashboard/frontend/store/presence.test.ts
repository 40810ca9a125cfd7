import { describe, expect, it } from "vitest";
import vectors from "../../../tests/vectors/protocol.json";
import { decodeAwareness, encodeAwareness } from "../core/presence";
import { type Tab, World } from "../testing/world";

async function two() {
  const world = new World();
  const [minji, joon] = [world.browser(), world.browser()];
  const tabs = [await minji.tab("minji"), await joon.tab("joon")] as const;
  await world.pass();
  return { world, minji, tabs };
}

describe("awareness updates", () => {
  it.each(vectors.awareness)("are read and written as in Python: $name", ({ hex, entries }) => {
    const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    expect(decodeAwareness(bytes)).toEqual(entries);
    expect(encodeAwareness(entries)).toEqual(bytes);
  });
});

describe("people in a document", () => {
  it("appear with the name that the server knows, and are gone when it says so", async () => {
    const { world, tabs } = await two();
    const { store } = tabs[0].client.presence("workspace");
    expect(store.getState().people.map(({ id, tabs: count }) => [id, count])).toEqual([
      ["joon", 1],
    ]);
    expect(store.getState().me.id).toBe("minji");
    await tabs[1].die();
    await world.pass();
    expect(store.getState().people).toEqual([]);
  });

  it("have one face, however many tabs", async () => {
    const { world, minji, tabs } = await two();
    await minji.tab("minji");
    await world.pass();
    const seen = tabs[1].client.presence("workspace").store.getState().people;
    expect(seen.map(({ id, tabs: count }) => [id, count])).toEqual([["minji", 2]]);
    expect(tabs[0].client.presence("workspace").store.getState().people.length).toBe(1);
  });

  it("are seen dragging and editing, and not any more", async () => {
    const { world, tabs } = await two();
    const mine = tabs[0].client.presence("workspace").store;
    const theirs = tabs[1].client.presence("workspace").store;
    const drag = { card: "c1", slot: { column: "a", before: null } };
    mine.getState().setDrag(drag);
    mine.getState().setEditing({ entity: "c1", field: "title" });
    await world.pass();
    expect(theirs.getState().people[0]).toMatchObject({ drag, editing: { field: "title" } });
    mine.getState().setDrag(null);
    await world.pass();
    expect(theirs.getState().people[0]?.drag).toBeNull();
  });

  it("are seen with what they have open, whenever they are in no field of it", async () => {
    const { world, tabs } = await two();
    const mine = tabs[0].client.presence("workspace").store;
    const theirs = () => tabs[1].client.presence("workspace").store.getState().people[0]?.editing;
    mine.getState().setOpen("c1");
    await world.pass();
    expect(theirs()).toEqual({ entity: "c1", field: null });
    mine.getState().setEditing({ entity: "c1", field: "due" });
    await world.pass();
    expect(theirs()).toEqual({ entity: "c1", field: "due" });
    mine.getState().setEditing(null);
    await world.pass();
    expect(theirs()).toEqual({ entity: "c1", field: null });
    mine.getState().setOpen(null);
    await world.pass();
    expect(theirs()).toBeNull();
  });

  it("of several tabs are seen in the one in which they are in a field", async () => {
    const { world, minji, tabs } = await two();
    const second = await minji.tab("minji");
    await world.pass();
    tabs[0].client.presence("workspace").store.getState().setOpen("c1");
    second.client.presence("workspace").store.getState().setEditing({ entity: "c2", field: "due" });
    await world.pass();
    const [person] = tabs[1].client.presence("workspace").store.getState().people;
    expect(person?.editing).toEqual({ entity: "c2", field: "due" });
    second.client.presence("workspace").store.getState().setEditing(null);
    await world.pass();
    const [still] = tabs[1].client.presence("workspace").store.getState().people;
    expect(still?.editing).toEqual({ entity: "c1", field: null });
  });

  it("[R1] send at most 20 states a second, the newest last", async () => {
    const { world, tabs } = await two();
    const mine = tabs[0].client.presence("workspace").store;
    const theirs = tabs[1].client.presence("workspace").store;
    let changes = 0;
    theirs.subscribe(() => {
      changes += 1;
    });
    for (let n = 0; n < 100; n += 1) {
      mine.getState().setDrag({ card: `c${n}`, slot: { column: "a", before: null } });
      await world.pass(10);
    }
    await world.pass();
    expect(changes).toBeLessThanOrEqual(21);
    expect(theirs.getState().people[0]?.drag).toMatchObject({ card: "c99" });
  });

  it("are nobody while there is no server", async () => {
    const { world, tabs } = await two();
    world.hub.down = true;
    world.hub.cut();
    await world.pass(10);
    expect(tabs[0].client.presence("workspace").store.getState().people).toEqual([]);
  });

  it("are where their tabs say, in front first, and nowhere when the tab is gone", async () => {
    const { world, minji, tabs } = await two();
    const seen = () => tabs[1].client.presence("workspace").store.getState().people[0]?.places;
    const say = (tab: Tab, document: string, entity: string | null, front: boolean) =>
      tab.client.presence("workspace").store.getState().setAt({ document, entity, front });
    expect(seen()).toEqual([]);
    say(tabs[0], "project/launch", "c1", false);
    const second = await minji.tab("minji");
    say(second, "page/home", null, true);
    await world.pass();
    expect(seen()).toEqual([
      { document: "page/home", entity: null, front: true },
      { document: "project/launch", entity: "c1", front: false },
    ]);
    await second.die();
    await world.pass();
    expect(seen()).toEqual([{ document: "project/launch", entity: "c1", front: false }]);
  });

  it("are in one place when two of their tabs are in one document", async () => {
    const { world, minji, tabs } = await two();
    const second = await minji.tab("minji");
    for (const [tab, entity, front] of [
      [tabs[0], "c1", false],
      [second, "c2", true],
    ] as const)
      tab.client.presence("workspace").store.getState().setAt({
        document: "project/launch",
        entity,
        front,
      });
    await world.pass();
    const [person] = tabs[1].client.presence("workspace").store.getState().people;
    expect(person?.places).toEqual([{ document: "project/launch", entity: "c2", front: true }]);
  });
});
