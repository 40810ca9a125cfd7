import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { Database, type OutboxRow } from "../core/database";
import {
  add,
  begun,
  connection,
  project,
  refusedValues,
  stored,
  titles,
  waiting,
} from "../testing/board_tab";
import { type Browser, World } from "../testing/world";

let world: World;
let browser: Browser;

beforeEach(() => {
  world = new World();
  browser = world.browser();
});

function replaceOnServer(id: string, doc: Y.Doc): void {
  const room = world.hub.room(`project/${id}`);
  world.hub.rooms.set(`project/${id}`, { ...room, doc, lineage: "b".repeat(32), seq: 1 });
}

describe("a document that is another one now", () => {
  function restored(id: string, extra: (doc: Y.Doc) => void): Y.Doc {
    const doc = new Y.Doc();
    const cards = doc.getMap("cards");
    for (const [key, card] of Object.entries(stored(world, id)))
      cards.set(key, new Y.Map([...Object.entries(card), ["notes", new Y.Text()]]));
    extra(doc);
    return doc;
  }

  it("F9: gets what was unsent as a difference, and nothing twice", async () => {
    const { tab, id, card } = await begun(world, browser);
    world.goOffline();
    project(tab, id).setCard(card, { title: "never sent" });
    const made = add(tab, id, "made offline");
    const both = add(tab, id, "there already");
    await world.pass(10);
    replaceOnServer(
      id,
      restored(id, (doc) =>
        doc.getMap("cards").set(both, new Y.Map(Object.entries({ title: "renamed since" }))),
      ),
    );
    await world.goOnline();
    expect(titles(project(tab, id))).toEqual(["first", "renamed since"]);
    for (const { key } of connection(tab).refused) expect(tab.client.applyAgain(key)).toBe(true);
    await world.pass();
    expect(stored(world, id)[card]?.title).toBe("never sent");
    expect(stored(world, id)[made]?.title).toBe("made offline");
    expect(stored(world, id)[both]?.title).toBe("renamed since");
    expect(Object.keys(stored(world, id)).length).toBe(3);
    expect(connection(tab)).toMatchObject({ waiting: 0, movedAside: 0, refused: [] });
  });

  it("F9: gets no text twice that it holds already", async () => {
    const { tab, id, card } = await begun(world, browser);
    const text = tab.client.text(`project/${id}`, `cards/${card}/notes`);
    world.goOffline();
    (text as unknown as { text: Y.Text }).text.insert(0, "said once");
    await world.pass(10);
    const notes = (doc: Y.Doc) => (doc.getMap("cards").get(card) as Y.Map<Y.Text>).get("notes");
    replaceOnServer(
      id,
      restored(id, (doc) => notes(doc)?.insert(0, "They have said once.")),
    );
    await world.goOnline();
    expect(tab.client.applyAgain(connection(tab).refused[0]?.key ?? "")).toBe(true);
    expect(text.store.getState().text).toBe("They have said once.");
    text.release();
  });

  it("F10: has every unsent edit listed, also of a tab that died before", async () => {
    const { tab, id, card } = await begun(world, browser);
    world.goOffline();
    project(tab, id).setCard(card, { title: "of a dead tab" });
    await tab.die();
    const second = await browser.tab();
    project(second, id);
    await world.pass(10);
    project(second, id).setCard(card, { due: "2026-12-01" });
    await world.pass(10);
    replaceOnServer(
      id,
      restored(id, () => {}),
    );
    await world.goOnline();
    expect(refusedValues(second)).toEqual(["of a dead tab", "2026-12-01"]);
    expect(waiting(second)).toBe(0);
    expect(refusedValues(await browser.reopened(second))).toEqual(["of a dead tab", "2026-12-01"]);
  });

  it("F10: has it listed also where this device keeps nothing", async () => {
    const { tab, id, card } = await begun(world, world.browser({ keeps: false }));
    world.goOffline();
    project(tab, id).setCard(card, { title: "never sent" });
    replaceOnServer(
      id,
      restored(id, () => {}),
    );
    await world.goOnline();
    expect(refusedValues(tab)).toEqual(["never sent"]);
  });

  it("F10: keeps what the former document had for good, when the new one comes before it is told so", async () => {
    const { tab, id, card } = await begun(world, browser);
    world.hub.losesAcks = true;
    project(tab, id).setCard(card, { title: "saved, unheard" });
    await world.pass();
    const doc = restored(id, (copy) =>
      (copy.getMap("cards").get(card) as Y.Map<unknown>).set("title", "new"),
    );
    let isCut = false;
    tab.client.connection.subscribe(({ connected, waiting: count }) => {
      if (isCut || !connected || count > 0) return;
      isCut = true;
      replaceOnServer(id, doc);
      world.hub.cut();
    });
    world.hub.cut();
    await world.pass(3_000);
    expect(isCut).toBe(true);
    expect(project(tab, id).cards[card]?.title).toBe("new");
    expect(refusedValues(tab)).toEqual(["saved, unheard"]);
    const database = new Database(browser.indexedDB, "moim moim.test/sync", world.clock);
    const rows = await database.read((transaction) => transaction.list("content"));
    const kept = new Y.Doc();
    for (const { row } of rows) if (row.lineage === "b".repeat(32)) Y.applyUpdate(kept, row.update);
    expect([kept.store.pendingStructs, kept.getMap("cards").size]).toEqual([null, 1]);
  });

  it("F10: has it listed also when a tab died after another had met the new document", async () => {
    const { tab, id, card } = await begun(world, browser);
    await tab.die();
    const path = `cards/${card}/title`;
    const change = { path, before: "first", after: "of a dead tab", isText: false };
    await keepRow(id, { touched: [path], changes: [change] });
    const next = await browser.tab();
    await world.pass(1_000);
    expect(connection(next)).toMatchObject({ movedAside: 0, waiting: 0 });
    expect(connection(next).refused).toMatchObject([{ code: "lineage", changes: [change] }]);
    expect(refusedValues(await browser.reopened(next))).toEqual(["of a dead tab"]);
  });

  /** A row of another lineage than the document has. */
  async function keepRow(id: string, of: Pick<OutboxRow, "touched" | "changes">): Promise<void> {
    const row = {
      replica: "0".repeat(32),
      document: `project/${id}`,
      lineage: "c".repeat(32),
      base_seq: 1,
      update: new Uint8Array([0, 0]),
      atMs: 0,
      ...of,
    };
    const database = new Database(browser.indexedDB, "moim moim.test/sync", world.clock);
    await database.write(async (transaction) => {
      await transaction.add("outbox", row);
    });
    await database.close();
  }

  it("F10: leaves what an earlier version of this program kept where it is, counted and exported", async () => {
    const { tab, id, card } = await begun(world, browser);
    await tab.die();
    const touched = [`cards/${card}/title`];
    await keepRow(id, { touched });
    const next = await browser.tab();
    await world.pass(1_000);
    expect(connection(next)).toMatchObject({ movedAside: 1, refused: [], waiting: 0 });
    const file = JSON.parse(await (await connection(next).exportOutbox()).text());
    expect(file.set_aside).toMatchObject([{ touched, changes: [] }]);
  });

  it("does nothing again where what it was about is not there, and keeps it", async () => {
    const { tab, id, card } = await begun(world, browser);
    world.goOffline();
    project(tab, id).setCard(card, { title: "of a lost card" });
    await world.pass(10);
    replaceOnServer(id, new Y.Doc());
    await world.goOnline();
    expect(tab.client.applyAgain(connection(tab).refused[0]?.key ?? "")).toBe(false);
    expect(refusedValues(tab)).toEqual(["of a lost card"]);
  });
});
