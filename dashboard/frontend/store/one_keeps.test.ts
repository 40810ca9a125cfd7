/** Several tabs of one browser: one of them keeps what the server sends, and nothing gets lost by that. */

import { IDBObjectStore } from "fake-indexeddb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KEEP_AFTER_MS, PATIENCE_MS } from "../core/kept_content";
import { add, begun, project, stored, titles, waiting } from "../testing/board_tab";
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

/** A project of somebody else, open in as many tabs of a browser; the first leads. */
async function watched(by: Browser, count: number) {
  const { tab: author, id, card } = await begun(world, world.browser());
  const tabs: Tab[] = [];
  for (let n = 0; n < count; n += 1) {
    const tab = await by.tab();
    project(tab, id);
    tabs.push(tab);
  }
  await world.pass(2 * PATIENCE_MS);
  return { author, id, card, tabs: tabs as [Tab, Tab, ...Tab[]] };
}

function setTitle(tab: Tab, id: string, card: string, title: string): Promise<void> {
  project(tab, id).setCard(card, { title });
  return world.pass(50);
}

/** What a page shows that is opened here without a server, once all others died at one moment. */
async function shownOffline(tabs: readonly Tab[], id: string): Promise<string[]> {
  // The first lead: nobody is left that could be the next.
  for (const tab of [...tabs].reverse()) tab.kill();
  world.goOffline();
  const page = await browser.tab();
  project(page, id);
  await world.pass();
  return titles(project(page, id));
}

function added(): { content: () => number } {
  const spy = vi.spyOn(IDBObjectStore.prototype, "add");
  const names = () => spy.mock.contexts.map((store) => (store as IDBObjectStore).name);
  return { content: () => names().filter((name) => name === "content").length };
}

describe("what the server sends", () => {
  const EDITS = 6;

  async function writes(by: Browser, count: number): Promise<number> {
    const { author, id, card } = await watched(by, count);
    await setTitle(author, id, card, "begun");
    await world.pass(2 * PATIENCE_MS);
    const { content } = added();
    for (let n = 0; n < EDITS; n += 1) {
      await setTitle(author, id, card, `title ${n}`);
      await world.pass(2_000);
    }
    await world.pass(2 * PATIENCE_MS);
    // The author's browser writes its own.
    return content() - EDITS;
  }

  it("is written once by five tabs", async () => {
    expect(await writes(browser, 5)).toBe(EDITS);
  });

  it("is written by each tab where they cannot agree, or cannot hear each other", async () => {
    expect(await writes(world.browser({ tabs: false }), 3)).toBe(3 * EDITS);
    vi.restoreAllMocks();
    world = new World();
    const apart = world.browser({ tabs: false, locks: false });
    expect(await writes(apart, 3)).toBe(3 * EDITS);
  });

  it("is written by the next tab at once when the leader is killed before it wrote", async () => {
    const { author, id, card, tabs } = await watched(browser, 3);
    await setTitle(author, id, card, "just before");
    tabs[0].kill();
    await world.pass(0);
    expect(await shownOffline(tabs, id)).toEqual(["just before"]);
  });

  it("is written by the next tab when the leader closes, and from then on", async () => {
    const { author, id, card, tabs } = await watched(browser, 3);
    await tabs[0].die();
    await setTitle(author, id, card, "after it");
    await world.pass(KEEP_AFTER_MS + 100);
    expect(await shownOffline(tabs, id)).toEqual(["after it"]);
  });

  it("is written by another tab while the leader sleeps, within seconds", async () => {
    const { author, id, card, tabs } = await watched(browser, 3);
    tabs[0].sleep();
    await setTitle(author, id, card, "while it slept");
    await world.pass(PATIENCE_MS);
    const { content } = added();
    await setTitle(author, id, card, "in its place");
    await world.pass(KEEP_AFTER_MS + 100);
    expect(content()).toBe(2);
    tabs[0].wake();
    await setTitle(author, id, card, "awake again");
    await world.pass(2 * PATIENCE_MS);
    expect(content()).toBe(4);
    expect(await shownOffline(tabs, id)).toEqual(["awake again"]);
  });

  it("is on this device with an own edit that hangs on it, as soon as that is saved", async () => {
    const { author, id, tabs } = await watched(browser, 2);
    tabs[0].sleep();
    const card = add(author, id, "made by another");
    await world.pass(20);
    await setTitle(tabs[1], id, card, "renamed here");
    expect(waiting(tabs[1])).toBe(0);
    expect(await shownOffline(tabs, id)).toEqual(["first", "renamed here"]);
  });

  it("is on this device in the end, whatever tabs came, slept and died", async () => {
    const { author, id, card, tabs } = await watched(browser, 3);
    const living: Tab[] = [...tabs];
    for (let n = 0; n < 12; n += 1) {
      await setTitle(author, id, card, `title ${n}`);
      await world.pass(n * 70);
      if (n % 3 === 0) living.shift()?.kill();
      else if (n % 3 === 1) living[0]?.sleep();
      const next = await browser.tab();
      project(next, id);
      living.push(next);
      await world.pass(n * 130);
    }
    await world.pass(PATIENCE_MS);
    expect(await shownOffline(living, id)).toEqual(["title 11"]);
  });
});

/** Of the project; who edits also joins the workspace. */
function pushed(id: string): number {
  const { channel } = world.hub.room(`project/${id}`);
  return world.hub.pushes.filter((push) => push.channel === channel).length;
}

describe("edits that a dead tab left", () => {
  async function left() {
    const { id, card, tabs } = await watched(browser, 4);
    const [leader, author] = tabs;
    world.hub.ignoresPushes = true;
    await setTitle(author, id, card, "left behind");
    world.hub.ignoresPushes = false;
    world.hub.pushes.length = 0;
    return { id, card, leader, author };
  }

  it("are sent by the leader alone", async () => {
    const { id, card, author } = await left();
    author.kill();
    await world.pass(2 * PATIENCE_MS);
    expect(stored(world, id)[card]?.title).toBe("left behind");
    expect(pushed(id)).toBe(1);
  });

  it("are sent by others when the leader does not", async () => {
    const { id, card, leader, author } = await left();
    leader.sleep();
    world.hub.cut();
    author.kill();
    await world.pass(2 * PATIENCE_MS);
    expect(stored(world, id)[card]?.title).toBe("left behind");
  });
});

describe("an edit that hangs on what another tab has not sent", () => {
  /** The server knows no card whose column was never made. */
  function refuseUnknownColumns(id: string): void {
    const { doc } = world.hub.room(`project/${id}`);
    world.hub.judge = ({ touched, update }) => {
      if (!touched.some((path) => /^cards\/[^/]+$/.test(path))) return null;
      const said = new TextDecoder().decode(update);
      const isKnown = [...doc.getMap("columns").keys()].some((column) => said.includes(column));
      return isKnown ? null : { hard: false, code: "schema" };
    };
  }

  it("goes after it, sent by its own tab as well", async () => {
    const { tab: first, id } = await begun(world, browser);
    const second = await browser.tab();
    project(second, id);
    await world.pass();
    refuseUnknownColumns(id);
    world.goOffline();
    first.sleep();
    const column = project(first, id).addColumn("Made by the first", "review");
    await world.pass(20);
    const made = project(second, id).addCard({ column, before: null }, "in it");
    await world.pass(20);
    await world.goOnline();
    expect(stored(world, id)[made]?.title).toBe("in it");
    expect(second.client.connection.getState().refused).toEqual([]);
    expect(waiting(second)).toBe(0);
    first.wake();
    await world.pass(4_000);
    expect(waiting(first)).toBe(0);
    expect(first.client.connection.getState().refused).toEqual([]);
  });

  it("goes after it also when its page was opened anew meanwhile", async () => {
    const { tab: first, id } = await begun(world, browser);
    const second = await browser.tab();
    project(second, id);
    await world.pass();
    refuseUnknownColumns(id);
    world.goOffline();
    first.sleep();
    const column = project(first, id).addColumn("Made by the first", "review");
    await world.pass(20);
    const made = project(second, id).addCard({ column, before: null }, "in it");
    const again = await browser.reopened(second);
    project(again, id);
    await world.goOnline();
    expect(stored(world, id)[made]?.title).toBe("in it");
    expect(again.client.connection.getState().refused).toEqual([]);
  });

  it("waits for nothing that is there: an edit of another tab that is saved is not sent again", async () => {
    const { tab: first, id, card } = await begun(world, browser);
    const second = await browser.tab();
    project(second, id);
    await world.pass();
    await setTitle(first, id, card, "from the first");
    world.hub.pushes.length = 0;
    await setTitle(second, id, card, "from the second");
    expect(pushed(id)).toBe(1);
  });

  it("goes alone where this device gives no answer, as when a tab froze while it wrote", async () => {
    const { tab: first, id } = await begun(world, browser);
    const second = await browser.tab();
    project(second, id);
    await world.pass();
    world.goOffline();
    project(first, id).addColumn("Made by the first", "review");
    await world.pass(20);
    first.sleep();
    const thaw = await frozenWrite();
    const made = add(second, id, "by the second");
    await world.goOnline();
    expect(stored(world, id)[made]?.title).toBe("by the second");
    thaw();
    await world.pass(4_000);
    expect(waiting(second)).toBe(0);
  });

  /** A transaction over all that does not end until it is told to. */
  function frozenWrite(): Promise<() => void> {
    return new Promise((begins) => {
      const opened = browser.indexedDB.open("moim moim.test/sync");
      opened.onsuccess = () => {
        const database = opened.result;
        const transaction = database.transaction([...database.objectStoreNames], "readwrite");
        let goesOn = true;
        const step = () => {
          if (goesOn) transaction.objectStore("outbox").count().onsuccess = step;
          else database.close();
        };
        step();
        begins(() => {
          goesOn = false;
        });
      };
    });
  }
});
