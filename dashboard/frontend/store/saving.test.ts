import { IDBDatabase } from "fake-indexeddb";
import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { countStructs } from "../core/cut";
import { Database } from "../core/database";
import { type Browser, type Tab, World } from "../testing/world";
import type { Card, ProjectState } from "./types";

let world: World;
let browser: Browser;

beforeEach(() => {
  world = new World();
  browser = world.browser();
});

/** A tab with an open project of one card, saved. */
async function begun(from = browser): Promise<{ tab: Tab; id: string; card: string }> {
  const tab = await from.tab();
  await world.pass();
  const id = tab.client.workspace.getState().addProject("Launch", "teal");
  const card = add(tab, id, "first");
  await world.pass();
  expect(waiting(tab)).toBe(0);
  return { tab, id, card };
}

function project(tab: Tab, id: string): ProjectState {
  return tab.client.project(id).store.getState();
}

function add(tab: Tab, id: string, title: string): string {
  const [column] = project(tab, id).columns;
  return project(tab, id).addCard({ column: column?.id ?? "", before: null }, title);
}

function connection(tab: Tab) {
  return tab.client.connection.getState();
}

function waiting(tab: Tab): number {
  return connection(tab).waiting;
}

function titles(state: { cards: ProjectState["cards"] }): string[] {
  return Object.values(state.cards)
    .map((card: Card) => card.title)
    .sort();
}

/** What the hub has on its disk. */
function stored(id: string): Record<string, { title: string; deleted?: unknown }> {
  return world.hub.room(`project/${id}`).doc.getMap("cards").toJSON();
}

describe("an edit", () => {
  it("[A1] waits until its ACK comes, however long the server has had it", async () => {
    const { tab, id, card } = await begun();
    world.hub.losesAcks = true;
    project(tab, id).setCard(card, { title: "second" });
    await world.pass(1_000);
    expect(stored(id)[card]?.title).toBe("second");
    expect(connection(tab)).toMatchObject({ waiting: 1, state: "saving" });
  });

  it("[P1] is dropped by cs_durable when its ACK was lost with the connection", async () => {
    const { tab, id, card } = await begun();
    world.hub.losesAcks = true;
    project(tab, id).setCard(card, { title: "second" });
    await world.pass();
    const pushes = world.hub.pushes.length;
    world.hub.cut();
    world.hub.losesAcks = false;
    await world.pass(1_000);
    expect(waiting(tab)).toBe(0);
    expect(world.hub.pushes.length).toBe(pushes);
  });

  it("[P1] is pushed again, under the same number, when the server never had it", async () => {
    const { tab, id, card } = await begun();
    world.hub.ignoresPushes = true;
    project(tab, id).setCard(card, { title: "second" });
    await world.pass();
    const first = world.hub.pushes.at(-1);
    world.hub.cut();
    world.hub.ignoresPushes = false;
    await world.pass(1_000);
    expect(world.hub.pushes.at(-1)).toEqual(first);
    expect([stored(id)[card]?.title, waiting(tab)]).toEqual(["second", 0]);
  });

  it("F12: is not called saved by a connection that comes back and breaks before the upload", async () => {
    const { tab, id, card } = await begun();
    world.hub.cut();
    project(tab, id).setCard(card, { title: "offline" });
    world.hub.ignoresPushes = true;
    await world.pass(1_000);
    expect(connection(tab).connected).toBe(true);
    world.hub.cut();
    await world.pass(1_000);
    expect(waiting(tab)).toBe(1);
    expect(stored(id)[card]?.title).toBe("first");
  });

  it("F19: arrives when it only deletes, which moves no state vector", async () => {
    const { tab, id, card } = await begun();
    const doc = world.hub.room(`project/${id}`).doc;
    project(tab, id).setCard(card, { estimate: 3 });
    await world.pass();
    const before = Y.encodeStateVector(doc);
    world.hub.cut();
    project(tab, id).setCard(card, { estimate: null });
    await world.pass(1_000);
    expect(Y.encodeStateVector(doc)).toEqual(before);
    expect(stored(id)[card]).not.toHaveProperty("estimate");
    expect(waiting(tab)).toBe(0);
  });

  it("[P2] says which registers it set and what its author had seen", async () => {
    const { tab, id, card } = await begun();
    const { seq } = world.hub.room(`project/${id}`);
    project(tab, id).setCard(card, { title: "second", due: "2026-12-03" });
    project(tab, id).toggleLabel(card, "urgent");
    await world.pass();
    const [first, second] = world.hub.pushes.slice(-2);
    expect(first?.touched).toEqual([`cards/${card}/title`, `cards/${card}/due`]);
    expect(second?.touched).toEqual([`cards/${card}/label/urgent`]);
    expect(first?.base_seq).toBe(seq);
  });

  it("[P2] leaves apart from one whose author had seen less", async () => {
    const { tab, id, card } = await begun();
    const other = await world.browser().tab();
    project(other, id);
    await world.pass();
    const room = world.hub.room(`project/${id}`);
    const before = room.seq;
    world.hub.losesAcks = true;
    project(tab, id).setCard(card, { title: "in flight" });
    project(tab, id).setCard(card, { estimate: 1 });
    await world.pass(10);
    project(other, id).setCard(card, { priority: "high" });
    await world.pass(10);
    project(tab, id).setCard(card, { due: "2026-12-01" });
    world.hub.losesAcks = false;
    world.hub.cut();
    await world.pass(1_000);
    const pushes = world.hub.pushes.slice(-2);
    expect(pushes.map(({ base_seq, touched }) => [base_seq, touched])).toEqual([
      [before, [`cards/${card}/estimate`]],
      [before + 2, [`cards/${card}/due`]],
    ]);
  });

  it("names an entity that it makes, not each of its registers", async () => {
    const { tab, id } = await begun();
    const card = add(tab, id, "another");
    await world.pass();
    expect(world.hub.pushes.at(-1)?.touched).toEqual([`cards/${card}`]);
  });

  it("is one of many that leave together after a time offline", async () => {
    const { tab, id, card } = await begun();
    world.hub.cut();
    for (let n = 0; n < 50; n += 1) project(tab, id).setCard(card, { title: `title ${n}` });
    expect(waiting(tab)).toBe(50);
    const pushes = world.hub.pushes.length;
    await world.pass(1_000);
    expect(world.hub.pushes.length - pushes).toBe(1);
    expect([stored(id)[card]?.title, waiting(tab)]).toEqual(["title 49", 0]);
  });

  it("is cut into several PUSHes when it is large", async () => {
    const { tab, id } = await begun();
    world.hub.cut();
    for (let n = 0; n < 700; n += 1) add(tab, id, `card ${n}`);
    const pushes = world.hub.pushes.length;
    await world.pass(2_000);
    const sent = world.hub.pushes.slice(pushes);
    expect(sent.length).toBeGreaterThan(2);
    for (const push of sent) {
      expect(push.update.byteLength).toBeLessThanOrEqual(262_144);
      expect(countStructs(push.update)).toBeLessThanOrEqual(2_000);
      expect(push.touched.length).toBeLessThanOrEqual(256);
    }
    expect(Object.keys(stored(id)).length).toBe(701);
    expect(waiting(tab)).toBe(0);
  });

  it.each([4413, 4400])(
    "stays in the outbox when the server refuses it for good (%i)",
    async (code) => {
      const { tab, id, card } = await begun();
      world.hub.closesPushes = code;
      project(tab, id).setCard(card, { title: "refused" });
      await world.pass(10_000);
      expect(connection(tab)).toMatchObject({ waiting: 1, state: "offline", stopped: { code } });
      world.hub.closesPushes = null;
      connection(tab).retryNow();
      await world.pass();
      expect([stored(id)[card]?.title, waiting(tab)]).toEqual(["refused", 0]);
    },
  );

  it("[P3] that hangs on what the server lacks brings that along after RESYNC", async () => {
    const { tab, id, card } = await begun();
    const other = new Y.Doc();
    const room = world.hub.room(`project/${id}`);
    Y.applyUpdate(other, Y.encodeStateAsUpdate(room.doc));
    project(tab, id).setCard(card, { title: "second" });
    await world.pass();
    // the server is set back to before that edit, as by a lost write
    const back = new Y.Doc();
    Y.applyUpdate(back, Y.encodeStateAsUpdate(other));
    world.hub.rooms.set(`project/${id}`, { ...room, doc: back });
    world.hub.cut();
    await world.pass(1_000);
    project(tab, id).setCard(card, { title: "third" });
    await world.pass();
    expect([stored(id)[card]?.title, waiting(tab)]).toEqual(["third", 0]);
  });
});

describe("a tab", () => {
  it("that closes offline leaves its edits to the next one", async () => {
    const { tab, id, card } = await begun();
    world.hub.down = true;
    world.hub.cut();
    project(tab, id).setCard(card, { title: "offline" });
    add(tab, id, "new offline");
    await tab.die();
    const next = await browser.tab();
    await world.pass(1_000);
    expect(titles(project(next, id))).toEqual(["new offline", "offline"]);
    expect(waiting(next)).toBe(2);
    world.hub.down = false;
    await world.pass(4_000);
    expect(stored(id)[card]?.title).toBe("offline");
    expect(waiting(next)).toBe(0);
  });

  it("sends what an earlier one left, also of a document that nobody opens", async () => {
    const { tab, id, card } = await begun();
    world.hub.down = true;
    world.hub.cut();
    project(tab, id).setCard(card, { title: "offline" });
    await tab.die();
    world.hub.down = false;
    const next = await browser.tab();
    await world.pass(1_000);
    expect(stored(id)[card]?.title).toBe("offline");
    expect(waiting(next)).toBe(0);
  });

  it("makes a project offline that arrives with all it holds", async () => {
    const tab = await browser.tab();
    await world.pass();
    world.hub.down = true;
    world.hub.cut();
    const id = tab.client.workspace.getState().addProject("Made offline", "pink");
    add(tab, id, "its first card");
    await world.pass(100);
    await tab.die();
    world.hub.down = false;
    await browser.tab();
    await world.pass(1_000);
    expect(Object.values(stored(id)).map((card) => card.title)).toEqual(["its first card"]);
  });

  it("does not fight with a second one of the same browser", async () => {
    const { tab, id, card } = await begun();
    const second = await browser.tab();
    await world.pass();
    project(second, id);
    await world.pass();
    world.hub.down = true;
    world.hub.cut();
    project(tab, id).setCard(card, { title: "from one" });
    project(second, id).setCard(card, { due: "2026-12-01" });
    world.hub.down = false;
    await world.pass(3_000);
    expect(stored(id)[card]).toMatchObject({ title: "from one", due: "2026-12-01" });
    expect([waiting(tab), waiting(second)]).toEqual([0, 0]);
    expect(project(tab, id).cards[card]).toEqual(project(second, id).cards[card]);
  });

  it("shows what another one does without a server, and sends its own edits only", async () => {
    const { tab, id, card } = await begun();
    const second = await browser.tab();
    project(second, id);
    await world.pass();
    world.hub.down = true;
    world.hub.cut();
    project(tab, id).setCard(card, { title: "from one" });
    await world.pass(10);
    expect(project(second, id).cards[card]?.title).toBe("from one");
    expect([waiting(tab), waiting(second)]).toEqual([1, 0]);
    project(second, id).setCard(card, { title: "on top of it" });
    world.hub.down = false;
    await world.pass(4_000);
    expect(stored(id)[card]?.title).toBe("on top of it");
    expect([waiting(tab), waiting(second)]).toEqual([0, 0]);
  });

  it("sends soon what another one left by closing, with a server there", async () => {
    const { tab, id, card } = await begun();
    const second = await browser.tab();
    world.hub.ignoresPushes = true;
    project(tab, id).setCard(card, { title: "closed too early" });
    await world.pass(5);
    world.hub.ignoresPushes = false;
    await tab.die();
    await world.pass(600);
    await world.pass();
    expect(stored(id)[card]?.title).toBe("closed too early");
    expect(waiting(second)).toBe(0);
  });

  it("sends at once what another one left that died without a word", async () => {
    const mute = world.browser({ tabs: false });
    const { tab, id, card } = await begun(mute);
    const second = await mute.tab();
    await world.pass();
    world.hub.ignoresPushes = true;
    project(tab, id).setCard(card, { title: "killed too early" });
    await world.pass(5);
    world.hub.ignoresPushes = false;
    await tab.die();
    await world.pass();
    await world.pass();
    expect(stored(id)[card]?.title).toBe("killed too early");
    expect(waiting(second)).toBe(0);
  });

  it("sends what another one left that it cannot see, within half a minute", async () => {
    const mute = world.browser({ tabs: false, locks: false });
    const { tab, id, card } = await begun(mute);
    await mute.tab();
    world.hub.ignoresPushes = true;
    project(tab, id).setCard(card, { title: "killed too early" });
    await world.pass(5);
    world.hub.ignoresPushes = false;
    await tab.die();
    for (let n = 0; n < 7; n += 1) {
      world.hub.ping(n);
      await world.pass(5_000);
    }
    expect(stored(id)[card]?.title).toBe("killed too early");
  });

  it("sends what another one left that died while it lived", async () => {
    const { tab, id, card } = await begun();
    const second = await browser.tab();
    await world.pass();
    world.hub.down = true;
    world.hub.cut();
    project(tab, id).setCard(card, { title: "from the dead" });
    await tab.die();
    world.hub.down = false;
    await world.pass(3_000);
    expect(stored(id)[card]?.title).toBe("from the dead");
    expect(waiting(second)).toBe(0);
  });

  it("takes a replica of this browser that is free, and makes one only beside a living tab", async () => {
    const replicas = () =>
      new Database(browser.indexedDB, "moim /sync").read((transaction) =>
        transaction.list("replicas"),
      );
    for (let n = 0; n < 3; n += 1) await (await browser.tab()).die();
    expect((await replicas()).length).toBe(1);
    await browser.tab();
    await browser.tab();
    expect((await replicas()).length).toBe(2);
  });

  it("loses nothing without Web Locks, where tabs cannot see each other", async () => {
    const plain = world.browser({ locks: false });
    const { tab, id, card } = await begun(plain);
    world.hub.down = true;
    world.hub.cut();
    project(tab, id).setCard(card, { title: "offline" });
    await world.pass(10);
    const second = await plain.tab();
    await world.pass(10);
    project(second, id).setCard(card, { due: "2026-12-01" });
    await tab.die();
    world.hub.down = false;
    await world.pass(4_000);
    expect(stored(id)[card]).toMatchObject({ title: "offline", due: "2026-12-01" });
    expect(waiting(second)).toBe(0);
  });

  it("works without anything kept on this device", async () => {
    const { tab, id, card } = await begun(world.browser({ keeps: false }));
    project(tab, id).setCard(card, { title: "second" });
    await world.pass();
    expect([stored(id)[card]?.title, waiting(tab)]).toEqual(["second", 0]);
  });
});

describe("a document of another lineage", () => {
  it("[S4] is never merged: the copy and its unsent edits stay aside", async () => {
    const { tab, id, card } = await begun();
    world.hub.down = true;
    world.hub.cut();
    project(tab, id).setCard(card, { title: "never sent" });
    await world.pass(10);
    const fresh = new Y.Doc();
    fresh.getMap("columns").set(
      "c",
      new Y.Map([
        ["name", "New"],
        ["place", "V"],
      ]),
    );
    const room = world.hub.room(`project/${id}`);
    world.hub.rooms.set(`project/${id}`, { ...room, doc: fresh, lineage: "b".repeat(32), seq: 1 });
    world.hub.down = false;
    await world.pass(4_000);
    expect(titles(project(tab, id))).toEqual([]);
    expect(project(tab, id).columns.map((column) => column.name)).toEqual(["New"]);
    expect(stored(id)).toEqual({});
    expect(connection(tab)).toMatchObject({ waiting: 0, movedAside: 1 });
    const file = JSON.parse(await (await connection(tab).exportOutbox()).text());
    expect(file.set_aside.map((edit: { touched: string[] }) => edit.touched)).toEqual([
      [`cards/${card}/title`],
    ]);
    add(tab, id, "goes on");
    await world.pass();
    expect(Object.values(stored(id)).map(({ title }) => title)).toEqual(["goes on"]);
  });

  it("stays aside when the page is opened again", async () => {
    const { tab, id } = await begun();
    const room = world.hub.room(`project/${id}`);
    const lineage = "b".repeat(32);
    world.hub.rooms.set(`project/${id}`, { ...room, doc: new Y.Doc(), lineage, seq: 0 });
    world.hub.cut();
    await world.pass(1_000);
    expect(titles(project(tab, id))).toEqual([]);
    await tab.die();
    const next = await browser.tab();
    project(next, id);
    await world.pass(1_000);
    expect(titles(project(next, id))).toEqual([]);
  });
});

describe("the state of saving", () => {
  it("goes saved, saving, device and back, from acks", async () => {
    const { tab, id, card } = await begun();
    const seen: string[] = [];
    tab.client.connection.subscribe(({ state }) => {
      if (seen.at(-1) !== state) seen.push(state);
    });
    world.hub.losesAcks = true;
    project(tab, id).setCard(card, { title: "slow" });
    await world.pass(350);
    expect(connection(tab).state).toBe("saved");
    await world.pass(100);
    expect(connection(tab).state).toBe("saving");
    for (let n = 0; n < 3; n += 1) {
      world.hub.ping(n);
      await world.pass(2_000);
    }
    expect(connection(tab).state).toBe("device");
    world.hub.losesAcks = false;
    world.hub.cut();
    await world.pass(1_000);
    expect(connection(tab)).toMatchObject({ state: "saved", waiting: 0 });
    expect(seen).toEqual(["saved", "saving", "device", "saved"]);
  });

  it("is offline after 3 s without a server, and tells what came and went afterwards", async () => {
    const { tab, id, card } = await begun();
    const other = await world.browser().tab();
    project(other, id);
    await world.pass();
    project(other, id).setCard(card, { estimate: 1 });
    await world.pass();
    const hidden = [...world.hub.peers][0];
    world.hub.down = true;
    hidden?.drop(1006);
    await world.pass(2_900);
    expect(connection(tab).state).toBe("saved");
    await world.pass(200);
    expect(connection(tab).state).toBe("offline");
    project(tab, id).setCard(card, { title: "one" });
    project(tab, id).setCard(card, { estimate: 2 });
    for (const n of [1, 2, 3]) {
      project(other, id).setCard(card, { priority: n % 2 ? "high" : "low" });
      await world.pass(10);
    }
    world.hub.down = false;
    await world.pass(3_000);
    expect(connection(tab)).toMatchObject({ state: "saved", caughtUp: { sent: 2, received: 3 } });
  });

  it("lists what waits, and marks the cards", async () => {
    const { tab, id, card } = await begun();
    world.hub.down = true;
    world.hub.cut();
    project(tab, id).setCard(card, { title: "offline" });
    expect(connection(tab).outbox.map(({ document, touched }) => [document, touched])).toEqual([
      [`project/${id}`, [`cards/${card}/title`]],
    ]);
    expect([...project(tab, id).unsent]).toEqual([card]);
    world.hub.down = false;
    await world.pass(3_000);
    expect(project(tab, id).unsent.size).toBe(0);
  });

  it("says when this device cannot keep an edit, and keeps it when it can again", async () => {
    const { tab, id, card } = await begun();
    const transaction = IDBDatabase.prototype.transaction;
    IDBDatabase.prototype.transaction = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    try {
      world.hub.down = true;
      world.hub.cut();
      project(tab, id).setCard(card, { title: "offline" });
      await world.pass(10);
      expect(connection(tab).deviceError).toContain("QuotaExceededError");
    } finally {
      IDBDatabase.prototype.transaction = transaction;
    }
    await world.pass(5_100);
    expect(connection(tab).deviceError).toBeNull();
    await tab.die();
    const next = await browser.tab();
    await world.pass(10);
    expect(titles(project(next, id))).toEqual(["offline"]);
    await world.pass(10);
    expect(waiting(next)).toBe(1);
  });
});

describe("what this device keeps", () => {
  it("F21: does not grow over 200 reloads of two tabs", async () => {
    const { tab, id, card } = await begun();
    const rows = async () =>
      (await new Database(browser.indexedDB, "moim /sync").read((t) => t.list("content"))).length;
    for (let n = 0; n < 100; n += 1) {
      const two = [await browser.tab(), await browser.tab()];
      for (const next of two) project(next, id);
      await world.pass(20);
      project(two[0] as Tab, id).setCard(card, { title: `title ${n}` });
      await world.pass(1_100);
      for (const next of two) await next.die();
    }
    expect(await rows()).toBeLessThan(40);
    expect(project(tab, id).cards[card]?.title).toBe("title 99");
  }, 60_000);
});
