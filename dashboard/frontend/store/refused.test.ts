import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import type { Push } from "../core/messages";
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
import { type Browser, type Tab, World } from "../testing/world";
import type { ProjectState } from "./types";

let world: World;
let browser: Browser;

beforeEach(() => {
  world = new World();
  browser = world.browser();
});

/** Says which PUSHes hold a word. */
function holds(word: string) {
  return ({ update }: Push) => new TextDecoder().decode(update).includes(word);
}

function refuse(word: string, hard: boolean, code = "schema"): void {
  const isBad = holds(word);
  world.hub.judge = (push) => {
    const paths = push.touched.map((path) => ({
      path,
      expected: "a good title",
      got: "a bad one",
    }));
    return isBad(push) ? { hard, code, message: "not so", paths } : null;
  };
}

describe("an edit that the server takes back", () => {
  it("[E1] goes from the document and the outbox, is shown with its reason, and stays after a reload", async () => {
    const { tab, id, card } = await begun(world, browser);
    refuse("bad", false);
    project(tab, id).setCard(card, { title: "bad" });
    await world.pass();
    expect([project(tab, id).cards[card]?.title, waiting(tab)]).toEqual(["first", 0]);
    const path = `cards/${card}/title`;
    const shown = {
      document: `project/${id}`,
      hard: false,
      code: "schema",
      message: "not so",
      paths: [{ path, expected: "a good title" }],
      changes: [{ path, before: "first", after: "bad", isText: false }],
    };
    expect(connection(tab).refused).toMatchObject([shown]);
    const next = await browser.reopened(tab);
    expect(connection(next).refused).toMatchObject([shown]);
    project(next, id);
    await world.pass();
    expect([project(next, id).cards[card]?.title, waiting(next)]).toEqual(["first", 0]);
  });

  it("F28: never blocks the queue: of 50 made offline 47 are saved and 3 are shown", async () => {
    const { tab, id } = await begun(world, browser);
    refuse("bad", false);
    world.goOffline();
    for (let n = 0; n < 50; n += 1) add(tab, id, n % 20 === 5 ? `bad ${n}` : `card ${n}`);
    expect(waiting(tab)).toBe(50);
    await world.goOnline();
    expect(titles({ cards: stored(world, id) as ProjectState["cards"] }).length).toBe(1 + 47);
    expect(titles(project(tab, id)).filter((title) => title.startsWith("card")).length).toBe(47);
    expect(refusedValues(tab)).toMatchObject([
      { title: "bad 5" },
      { title: "bad 25" },
      { title: "bad 45" },
    ]);
    expect(waiting(tab)).toBe(0);
    expect(connection(tab).state).toBe("saved");
  });

  it("[E3] F28: is no reason to lose good ones when there are many: they go slower", async () => {
    const { tab, id } = await begun(world, browser);
    refuse("bad", false);
    world.goOffline();
    for (let n = 0; n < 300; n += 1) add(tab, id, n % 15 === 7 ? `bad ${n}` : `card ${n}`);
    await world.goOnline();
    for (let n = 0; n < 8; n += 1) {
      world.hub.ping(n);
      await world.pass(5_000);
    }
    expect(Object.keys(stored(world, id)).length).toBe(1 + 280);
    expect(connection(tab).refused.filter(({ hard }) => hard)).toEqual([]);
    expect(connection(tab)).toMatchObject({ waiting: 0, refused: { length: 20 } });
  });

  it("is done again as one new edit, once, when the person says so", async () => {
    const { tab, id, card } = await begun(world, browser);
    refuse("bad", false);
    project(tab, id).setCard(card, { title: "bad", due: "2026-12-01" });
    await world.pass();
    world.hub.judge = () => null;
    const key = connection(tab).refused[0]?.key ?? "";
    expect(tab.client.applyAgain(key)).toBe(true);
    expect(waiting(tab)).toBe(1);
    await world.pass();
    expect(stored(world, id)[card]).toMatchObject({ title: "bad", due: "2026-12-01" });
    expect([connection(tab).refused, tab.client.applyAgain(key)]).toEqual([[], false]);
  });

  it("is forgotten when the person says so, also by the other tabs and after a reload", async () => {
    const { tab, id, card } = await begun(world, browser);
    const second = await browser.tab();
    await world.pass();
    refuse("bad", false);
    project(tab, id).setCard(card, { title: "bad" });
    await world.pass();
    expect(connection(second).refused.length).toBe(1);
    second.client.forgetRefused(connection(second).refused[0]?.key ?? "");
    await world.pass();
    expect([connection(tab).refused, connection(second).refused]).toEqual([[], []]);
    expect(connection(await browser.reopened(tab)).refused).toEqual([]);
  });

  it("comes back whole when it made something: registers, sets and the text of notes", async () => {
    const { tab, id } = await begun(world, browser);
    world.hub.judge = () => ({ hard: false, code: "schema" });
    const made = project(tab, id).together(() => {
      const card = add(tab, id, "made");
      project(tab, id).addItem(card, "an item");
      return card;
    }).result;
    await world.pass();
    expect(project(tab, id).cards[made]).toBeUndefined();
    world.hub.judge = () => null;
    const key = connection(tab).refused[0]?.key ?? "";
    expect(tab.client.applyAgain(key)).toBe(true);
    await world.pass();
    expect(project(tab, id).cards[made]?.title).toBe("made");
    expect(project(tab, id).checklists[made]?.map(({ title }) => title)).toEqual(["an item"]);
    const text = tab.client.text(`project/${id}`, `cards/${made}/notes`);
    expect(text.store.getState()).toMatchObject({ exists: true, text: "" });
    text.release();
  });
});

describe("an edit whose REJECT was lost", () => {
  /** The server takes it back, and the connection breaks before it says so. */
  async function takenBackUnheard(): Promise<{ tab: Tab; id: string; card: string }> {
    const { tab, id, card } = await begun(world, browser);
    refuse("bad", false);
    world.hub.losesAcks = true;
    project(tab, id).setCard(card, { title: "bad" });
    project(tab, id).setCard(card, { due: "2026-12-01" });
    const pushed = world.hub.pushes.length + 2;
    while (world.hub.pushes.length < pushed) await world.clock.advance(1);
    return { tab, id, card };
  }

  it("is found to be taken back when the connection comes again", async () => {
    const { tab, id, card } = await takenBackUnheard();
    world.hub.cut();
    world.hub.losesAcks = false;
    await world.pass(1_000);
    expect(project(tab, id).cards[card]).toMatchObject({ title: "first", due: "2026-12-01" });
    expect(refusedValues(tab)).toEqual(["bad"]);
    expect(waiting(tab)).toBe(0);
  });

  it("is found to be taken back by the next page", async () => {
    const { tab, id, card } = await takenBackUnheard();
    const next = await browser.reopened(tab);
    world.hub.losesAcks = false;
    world.hub.cut();
    await world.pass(1_000);
    expect(refusedValues(next)).toEqual(["bad"]);
    expect([waiting(next), stored(world, id)[card]?.title]).toEqual([0, "first"]);
  });

  it("is not looked for where somebody else put the former value back", async () => {
    const { tab, id, card } = await begun(world, browser);
    const other = await world.browser().tab("joon");
    project(other, id);
    await world.pass();
    world.hub.losesAcks = true;
    project(tab, id).setCard(card, { title: "other" });
    await world.pass();
    project(other, id).setCard(card, { title: "first" });
    await world.pass();
    world.hub.losesAcks = false;
    project(tab, id).setCard(card, { due: "2026-12-01" });
    await world.pass();
    expect([waiting(tab), connection(tab).refused]).toEqual([0, []]);
  });

  it("is not looked for where its author went back by a later edit", async () => {
    const { tab, id, card } = await begun(world, browser);
    world.hub.losesAcks = true;
    project(tab, id).setCard(card, { title: "other" });
    project(tab, id).setCard(card, { title: "first" });
    await world.pass();
    world.hub.cut();
    world.hub.losesAcks = false;
    await world.pass(1_000);
    expect([waiting(tab), connection(tab).refused]).toEqual([0, []]);
  });
});

describe("an edit that the server never applies", () => {
  it("[E2] takes all later ones along to the shelf, and leaves the server's document", async () => {
    const { tab, id, card } = await begun(world, browser);
    refuse("broken", true, "broken");
    world.goOffline();
    project(tab, id).setCard(card, { due: "2026-12-01" });
    project(tab, id).setCard(card, { title: "broken" });
    project(tab, id).setCard(card, { title: "later" });
    add(tab, id, "last");
    await world.goOnline();
    expect(project(tab, id).cards[card]).toMatchObject({ title: "first", due: "2026-12-01" });
    expect(titles(project(tab, id))).toEqual(["first"]);
    expect(stored(world, id)[card]).toMatchObject({ title: "first", due: "2026-12-01" });
    expect(connection(tab)).toMatchObject({ waiting: 0, state: "saved" });
    expect(connection(tab).refused).toMatchObject([
      { code: "broken", hard: true, changes: [{ after: "broken" }] },
      { code: "broken", hard: true, changes: [{ after: "later" }] },
      { code: "broken", hard: true, changes: [{ after: { title: "last" } }] },
    ]);
  });

  it("[E2] leaves a document of a new client id that goes on", async () => {
    const { tab, id, card } = await begun(world, browser);
    refuse("broken", true, "broken");
    project(tab, id).setCard(card, { title: "broken" });
    await world.pass();
    world.hub.judge = () => null;
    project(tab, id).setCard(card, { title: "goes on" });
    await world.pass();
    const last = world.hub.pushes.filter(holds("goes on"));
    const before = world.hub.pushes.filter(holds("broken"));
    const writer = ({ update }: Push) => Y.decodeUpdate(update).structs[0]?.id.client;
    expect(writer(last[0] as Push)).not.toBe(writer(before[0] as Push));
    expect([stored(world, id)[card]?.title, waiting(tab)]).toEqual(["goes on", 0]);
  });

  it("[E2] keeps the rows on this device together: shelf and outbox never both lack it", async () => {
    const { tab, id, card } = await begun(world, browser);
    refuse("broken", true, "broken");
    project(tab, id).setCard(card, { title: "broken" });
    await world.pass();
    const next = await browser.reopened(tab);
    expect(refusedValues(next)).toEqual(["broken"]);
    expect(waiting(next)).toBe(0);
    expect(world.hub.pushes.filter(holds("broken")).length).toBe(1);
  });

  it("[E2] leaves what was pushed before it in the document and the outbox until that is saved", async () => {
    const { tab, id, card } = await begun(world, browser);
    const room = world.hub.room(`project/${id}`);
    const before = new Y.Doc();
    Y.applyUpdate(before, Y.encodeStateAsUpdate(room.doc));
    refuse("broken", true, "broken");
    world.hub.losesAcks = true;
    const pushed = world.hub.pushes.length + 2;
    project(tab, id).setCard(card, { due: "2026-12-01" });
    project(tab, id).setCard(card, { title: "broken" });
    while (world.hub.pushes.length < pushed) await world.clock.advance(1);
    // the server dies after it has said no, and before it has committed the first of the two
    world.hub.rooms.set(`project/${id}`, { ...room, doc: before, durable: new Map() });
    world.hub.losesAcks = false;
    await world.pass(1_000);
    expect(project(tab, id).cards[card]).toMatchObject({ title: "first", due: "2026-12-01" });
    expect([stored(world, id)[card]?.title, waiting(tab)]).toEqual(["first", 0]);
    expect(before.getMap("cards").toJSON()[card]).toMatchObject({ due: "2026-12-01" });
  });

  it("[E2] goes from the other tabs of its browser too", async () => {
    const { tab, id, card } = await begun(world, browser);
    const second = await browser.tab();
    project(second, id);
    await world.pass();
    refuse("broken", true, "broken");
    world.goOffline();
    project(tab, id).setCard(card, { title: "broken" });
    await world.pass(10);
    expect(project(second, id).cards[card]?.title).toBe("broken");
    await world.goOnline();
    expect(project(second, id).cards[card]?.title).toBe("first");
    project(second, id).setCard(card, { title: "goes on" });
    await world.pass();
    expect(stored(world, id)[card]?.title).toBe("goes on");
  });

  it("makes one of what was typed, without what was taken back while typing", async () => {
    const { tab, id, card } = await begun(world, browser);
    world.goOffline();
    const text = tab.client.text(`project/${id}`, `cards/${card}/notes`);
    const { text: shared } = text as unknown as { text: Y.Text };
    for (const letter of "hellx") shared.insert(shared.length, letter);
    shared.delete(4, 1);
    shared.insert(4, "o 👋");
    world.hub.judge = (push) =>
      push.touched.some((path) => path.endsWith("notes")) ? { hard: true, code: "role" } : null;
    await world.goOnline();
    expect(text.store.getState().text).toBe("");
    expect(connection(tab).refused).toMatchObject([
      { code: "role", changes: [{ path: `cards/${card}/notes`, after: "hello 👋", isText: true }] },
    ]);
    world.hub.judge = () => null;
    expect(tab.client.applyAgain(connection(tab).refused[0]?.key ?? "")).toBe(true);
    await world.pass();
    expect(text.store.getState().text).toBe("hello 👋");
    text.release();
  });
});
