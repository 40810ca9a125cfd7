import { IDBDatabase } from "fake-indexeddb";
import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { countStructs } from "../core/cut";
import { add, begun, connection, project, stored, titles, waiting } from "../testing/board_tab";
import { type Browser, World } from "../testing/world";

let world: World;
let browser: Browser;

beforeEach(() => {
  world = new World();
  browser = world.browser();
});

describe("a page", () => {
  it("that finds no server says at once that it is offline, and goes on when one comes", async () => {
    world.hub.down = true;
    const tab = await browser.tab();
    await world.pass(100);
    expect(connection(tab)).toMatchObject({ state: "offline", transport: null });
    world.hub.down = false;
    await world.pass(3_000);
    expect(connection(tab)).toMatchObject({ state: "saved", transport: "websocket" });
  });

  it("that loses its server says so after 3 s", async () => {
    const tab = await browser.tab();
    await world.pass(100);
    world.hub.down = true;
    world.hub.cut();
    await world.pass(2_900);
    expect(connection(tab).state).toBe("saved");
    await world.pass(200);
    expect(connection(tab).state).toBe("offline");
  });
});

describe("an edit", () => {
  it("[A1] waits until its ACK comes, however long the server has had it", async () => {
    const { tab, id, card } = await begun(world, browser);
    world.hub.losesAcks = true;
    project(tab, id).setCard(card, { title: "second" });
    await world.pass(1_000);
    expect(stored(world, id)[card]?.title).toBe("second");
    expect(connection(tab)).toMatchObject({ waiting: 1, state: "saving" });
  });

  it("[P1] is dropped by cs_durable when its ACK was lost with the connection", async () => {
    const { tab, id, card } = await begun(world, browser);
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
    const { tab, id, card } = await begun(world, browser);
    world.hub.ignoresPushes = true;
    project(tab, id).setCard(card, { title: "second" });
    await world.pass();
    const first = world.hub.pushes.at(-1);
    world.hub.cut();
    world.hub.ignoresPushes = false;
    await world.pass(1_000);
    expect(world.hub.pushes.at(-1)).toEqual(first);
    expect([stored(world, id)[card]?.title, waiting(tab)]).toEqual(["second", 0]);
  });

  it("F12: is not called saved by a connection that comes back and breaks before the upload", async () => {
    const { tab, id, card } = await begun(world, browser);
    world.hub.cut();
    project(tab, id).setCard(card, { title: "offline" });
    world.hub.ignoresPushes = true;
    await world.pass(1_000);
    expect(connection(tab).connected).toBe(true);
    world.hub.cut();
    await world.pass(1_000);
    expect(waiting(tab)).toBe(1);
    expect(stored(world, id)[card]?.title).toBe("first");
  });

  it("F19: arrives when it only deletes, which moves no state vector", async () => {
    const { tab, id, card } = await begun(world, browser);
    const doc = world.hub.room(`project/${id}`).doc;
    project(tab, id).setCard(card, { estimate: 3 });
    await world.pass();
    const before = Y.encodeStateVector(doc);
    world.hub.cut();
    project(tab, id).setCard(card, { estimate: null });
    await world.pass(1_000);
    expect(Y.encodeStateVector(doc)).toEqual(before);
    expect(stored(world, id)[card]).not.toHaveProperty("estimate");
    expect(waiting(tab)).toBe(0);
  });

  it("[P2] says which registers it set and what its author had seen", async () => {
    const { tab, id, card } = await begun(world, browser);
    const { seq } = world.hub.room(`project/${id}`);
    project(tab, id).setCard(card, { title: "second", due: "2026-12-03" });
    project(tab, id).toggleLabel(card, "urgent");
    await world.pass();
    const [first, second] = world.hub.pushes.slice(-2);
    expect(first?.touched).toEqual([`cards/${card}/title`, `cards/${card}/due`]);
    expect(second?.touched).toEqual([`cards/${card}/label/urgent`]);
    expect(first?.values).toEqual(['"second"', '"2026-12-03"']);
    expect(first?.base_seq).toBe(seq);
  });

  it("[P2] leaves apart from one whose author had seen less", async () => {
    const { tab, id, card } = await begun(world, browser);
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
    const pushes = world.hub.pushes.filter(({ touched }) => /estimate|due/.test(`${touched}`));
    expect(pushes.slice(-2).map(({ base_seq, touched }) => [base_seq, touched])).toEqual([
      [before, [`cards/${card}/estimate`]],
      [before + 3, [`cards/${card}/due`]],
    ]);
  });

  it("names an entity that it makes, not each of its registers", async () => {
    const { tab, id } = await begun(world, browser);
    const card = add(tab, id, "another");
    await world.pass();
    expect(world.hub.pushes.at(-1)?.touched).toEqual([`cards/${card}`]);
  });

  it("is one of many that leave together after a time offline, each as a PUSH of its own", async () => {
    const { tab, id, card } = await begun(world, browser);
    world.hub.cut();
    for (let n = 0; n < 500; n += 1) project(tab, id).setCard(card, { title: `title ${n}` });
    expect(waiting(tab)).toBe(500);
    const pushes = world.hub.pushes.length;
    await world.pass(1_000);
    const sent = world.hub.pushes.slice(pushes);
    expect(sent.map(({ values }) => values[0])).toEqual(
      Array.from({ length: 500 }, (_, n) => `"title ${n}"`),
    );
    expect([stored(world, id)[card]?.title, waiting(tab)]).toEqual(["title 499", 0]);
  });

  it("is cut into several PUSHes when it is large", async () => {
    const { tab, id } = await begun(world, browser);
    world.hub.cut();
    const made = tab.client.project(id).store.getState();
    made.together(() => {
      for (let n = 0; n < 700; n += 1) add(tab, id, `card ${n}`);
    });
    const pushes = world.hub.pushes.length;
    await world.pass(2_000);
    const sent = world.hub.pushes.slice(pushes);
    expect(sent.length).toBeGreaterThan(2);
    for (const push of sent) {
      expect(push.update.byteLength).toBeLessThanOrEqual(262_144);
      expect(countStructs(push.update)).toBeLessThanOrEqual(2_000);
      expect(push.touched.length).toBeLessThanOrEqual(256);
    }
    expect(Object.keys(stored(world, id)).length).toBe(701);
    expect(waiting(tab)).toBe(0);
  });

  it.each([4413, 4400])(
    "stays in the outbox when the server refuses it for good (%i)",
    async (code) => {
      const { tab, id, card } = await begun(world, browser);
      world.hub.closesPushes = code;
      project(tab, id).setCard(card, { title: "refused" });
      await world.pass(10_000);
      expect(connection(tab)).toMatchObject({ waiting: 1, state: "offline", stopped: { code } });
      world.hub.closesPushes = null;
      connection(tab).retryNow();
      await world.pass();
      expect([stored(world, id)[card]?.title, waiting(tab)]).toEqual(["refused", 0]);
    },
  );

  it("[P3] that hangs on what the server lacks brings that along after RESYNC", async () => {
    const { tab, id, card } = await begun(world, browser);
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
    expect([stored(world, id)[card]?.title, waiting(tab)]).toEqual(["third", 0]);
  });

  it("[P3] waits with all others while the server asks again and again for what it lacks", async () => {
    const { tab, id, card } = await begun(world, browser);
    const pushes = world.hub.pushes.length;
    world.hub.lacksItems = true;
    for (let n = 0; n < 40; n += 1) {
      project(tab, id).setCard(card, { title: `title ${n}` });
      await world.pass(100);
    }
    expect(world.hub.pushes.length - pushes).toBeLessThan(10);
    world.hub.lacksItems = false;
    world.hub.ping(1);
    await world.pass(6_000);
    expect([stored(world, id)[card]?.title, waiting(tab)]).toEqual(["title 39", 0]);
  });
});

describe("the state of saving", () => {
  it("goes saved, saving, device and back, from acks", async () => {
    const { tab, id, card } = await begun(world, browser);
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
    const { tab, id, card } = await begun(world, browser);
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
    const { tab, id, card } = await begun(world, browser);
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
    const { tab, id, card } = await begun(world, browser);
    await whileFull(async () => {
      world.hub.down = true;
      world.hub.cut();
      project(tab, id).setCard(card, { title: "offline" });
      await world.pass(10);
      expect(connection(tab).deviceError).toContain("QuotaExceededError");
    });
    await world.pass(5_100);
    expect(connection(tab).deviceError).toBeNull();
    await tab.die();
    const next = await browser.tab();
    await world.pass(10);
    expect(titles(project(next, id))).toEqual(["offline"]);
    await world.pass(10);
    expect(waiting(next)).toBe(1);
  });

  it("never says saved for what neither the server nor this device has", async () => {
    const { tab, id, card } = await begun(world, browser);
    const said: string[] = [];
    await whileFull(async () => {
      world.hub.ignoresPushes = true;
      project(tab, id).setCard(card, { title: "nowhere" });
      await world.pass(500);
      for (let n = 0; n < 4; n += 1) {
        world.hub.ping(n);
        said.push(connection(tab).state);
        await world.pass(2_000);
      }
      expect(connection(tab).deviceError).toContain("QuotaExceededError");
    });
    expect(said.slice(0, 1)).toEqual(["saving"]);
    expect([said.includes("saved"), waiting(tab)]).toEqual([false, 1]);
  });

  it("shows a refused edit that this device cannot keep yet, and keeps it when it can", async () => {
    const { tab, id, card } = await begun(world, browser);
    world.hub.judge = () => ({ hard: false, code: "schema" });
    await whileFull(async () => {
      project(tab, id).setCard(card, { title: "bad" });
      await world.pass(100);
      expect(connection(tab).refused.length).toBe(1);
      expect(connection(tab).deviceError).toContain("QuotaExceededError");
    });
    await world.pass(5_100);
    expect(connection(tab)).toMatchObject({ deviceError: null, waiting: 0 });
    await tab.die();
    const next = await browser.tab();
    await world.pass(10);
    expect(connection(next).refused.length).toBe(1);
    expect(waiting(next)).toBe(0);
  });
});

/** The browser takes no more, whatever is asked of its database. */
async function whileFull(run: () => Promise<void>): Promise<void> {
  const transaction = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  try {
    await run();
  } finally {
    IDBDatabase.prototype.transaction = transaction;
  }
}
