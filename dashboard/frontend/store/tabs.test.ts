import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as Y from "yjs";
import { Database } from "../core/database";
import { add, begun, connection, project, stored, titles, waiting } from "../testing/board_tab";
import { type Browser, type Tab, World } from "../testing/world";

let world: World;
let browser: Browser;

beforeEach(() => {
  world = new World();
  browser = world.browser();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a tab", () => {
  it("that closes offline leaves its edits to the next one", async () => {
    const { tab, id, card } = await begun(world, browser);
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
    expect(stored(world, id)[card]?.title).toBe("offline");
    expect(waiting(next)).toBe(0);
  });

  it("sends what an earlier one left, also of a document that nobody opens", async () => {
    const { tab, id, card } = await begun(world, browser);
    world.hub.down = true;
    world.hub.cut();
    project(tab, id).setCard(card, { title: "offline" });
    await tab.die();
    world.hub.down = false;
    const next = await browser.tab();
    await world.pass(1_000);
    expect(stored(world, id)[card]?.title).toBe("offline");
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
    expect(Object.values(stored(world, id)).map((card) => card.title)).toEqual(["its first card"]);
  });

  it("does not fight with a second one of the same browser", async () => {
    const { tab, id, card } = await begun(world, browser);
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
    expect(stored(world, id)[card]).toMatchObject({ title: "from one", due: "2026-12-01" });
    expect([waiting(tab), waiting(second)]).toEqual([0, 0]);
    expect(project(tab, id).cards[card]).toEqual(project(second, id).cards[card]);
  });

  it("shows what another one does without a server, and sends its own edits only", async () => {
    const { tab, id, card } = await begun(world, browser);
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
    expect(stored(world, id)[card]?.title).toBe("on top of it");
    expect([waiting(tab), waiting(second)]).toEqual([0, 0]);
  });

  it("sends soon what another one left by closing, with a server there", async () => {
    const { tab, id, card } = await begun(world, browser);
    const second = await browser.tab();
    world.hub.ignoresPushes = true;
    project(tab, id).setCard(card, { title: "closed too early" });
    await world.pass(5);
    world.hub.ignoresPushes = false;
    await tab.die();
    await world.pass(600);
    await world.pass();
    expect(stored(world, id)[card]?.title).toBe("closed too early");
    expect(waiting(second)).toBe(0);
  });

  it("sends at once what another one left that died without a word", async () => {
    const mute = world.browser({ tabs: false });
    const { tab, id, card } = await begun(world, mute);
    const second = await mute.tab();
    await world.pass();
    world.hub.ignoresPushes = true;
    project(tab, id).setCard(card, { title: "killed too early" });
    await world.pass(5);
    world.hub.ignoresPushes = false;
    await tab.die();
    await world.pass();
    await world.pass();
    expect(stored(world, id)[card]?.title).toBe("killed too early");
    expect(waiting(second)).toBe(0);
  });

  it("sends what another one left that it cannot see, within half a minute", async () => {
    const mute = world.browser({ tabs: false, locks: false });
    const { tab, id, card } = await begun(world, mute);
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
    expect(stored(world, id)[card]?.title).toBe("killed too early");
  });

  it("sends what another one left that died while it lived", async () => {
    const { tab, id, card } = await begun(world, browser);
    const second = await browser.tab();
    await world.pass();
    world.hub.down = true;
    world.hub.cut();
    project(tab, id).setCard(card, { title: "from the dead" });
    await tab.die();
    world.hub.down = false;
    await world.pass(3_000);
    expect(stored(world, id)[card]?.title).toBe("from the dead");
    expect(waiting(second)).toBe(0);
  });

  it("takes a replica of this browser that is free, and makes one only beside a living tab", async () => {
    const replicas = () =>
      new Database(browser.indexedDB, "moim moim.test/sync", world.clock).read((transaction) =>
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
    const { tab, id, card } = await begun(world, plain);
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
    expect(stored(world, id)[card]).toMatchObject({ title: "offline", due: "2026-12-01" });
    expect(waiting(second)).toBe(0);
  });

  it("works without anything kept on this device", async () => {
    const { tab, id, card } = await begun(world, world.browser({ keeps: false }));
    project(tab, id).setCard(card, { title: "second" });
    await world.pass();
    expect([stored(world, id)[card]?.title, waiting(tab)]).toEqual(["second", 0]);
  });
});

describe("a browser whose database never opens", () => {
  it("is worked in all the same, and says so", async () => {
    const said = vi.spyOn(console, "error").mockImplementation(() => {});
    const deaf = world.browser();
    deaf.indexedDB.open = () => ({}) as IDBOpenDBRequest;
    const tab = await deaf.tab();
    await world.pass(10_000);
    expect(connection(tab)).toMatchObject({ connected: true, waiting: 0 });
    expect(connection(tab).deviceError).toContain("did not open");
    expect(said).toHaveBeenCalled();
    const id = tab.client.workspace.getState().addProject("Launch", "teal");
    await world.pass(10_000);
    expect(Object.keys(world.hub.room(`project/${id}`).doc.getMap("columns").toJSON()).length).toBe(
      3,
    );
  });
});

describe("a document of another lineage", () => {
  it("[S4] F9, F10: is never merged; unsent edits are offered to be done again", async () => {
    const { tab, id, card } = await begun(world, browser);
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
    expect(stored(world, id)).toEqual({});
    expect(connection(tab)).toMatchObject({ waiting: 0, movedAside: 0 });
    const change = { path: `cards/${card}/title`, before: "first", after: "never sent" };
    const offered = { code: "lineage", hard: true, changes: [{ ...change, isText: false }] };
    expect(connection(tab).refused).toMatchObject([offered]);
    const file = JSON.parse(await (await connection(tab).exportOutbox()).text());
    expect(file.refused).toMatchObject([offered]);
    expect(file.refused[0].updates.length).toBe(1);
    add(tab, id, "goes on");
    await world.pass();
    expect(Object.values(stored(world, id)).map(({ title }) => title)).toEqual(["goes on"]);
  });

  it("stays aside when the page is opened again", async () => {
    const { tab, id } = await begun(world, browser);
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

describe("what this device keeps", () => {
  it("F21: does not grow over 200 reloads of two tabs", async () => {
    const { tab, id, card } = await begun(world, browser);
    const rows = async () =>
      (
        await new Database(browser.indexedDB, "moim moim.test/sync", world.clock).read((t) =>
          t.list("content"),
        )
      ).length;
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
