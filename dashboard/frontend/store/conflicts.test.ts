import { beforeEach, describe, expect, it } from "vitest";
import { begun, connection, project, stored, waiting } from "../testing/board_tab";
import { type Browser, type Tab, World } from "../testing/world";

let world: World;
let browser: Browser;
let tab: Tab;
let id: string;
let card: string;
let document: string;

beforeEach(async () => {
  world = new World();
  browser = world.browser();
  ({ tab, id, card } = await begun(world, browser));
  document = `project/${id}`;
});

/** Joon's value stayed. */
async function lose(field: string, mine: unknown, theirs: unknown, told: object = {}) {
  const entity = `cards/${card}`;
  const path = `${entity}/${field}`;
  world.hub.conflict(document, { entity, path, mine, theirs, timestamp: 7, version: 3, ...told });
  await world.pass();
}

async function reopened(): Promise<Tab> {
  await tab.die();
  const next = await browser.tab();
  await world.pass(1_000);
  return next;
}

describe("a conflict [C1]", () => {
  it("is shown to the person whose value did not stay, also after a reload", async () => {
    await lose("title", "mine", "theirs");
    const shown = {
      id: "c1",
      document,
      entity: `cards/${card}`,
      path: `cards/${card}/title`,
      strategy: "last-write-wins",
      version: 3,
      atMs: 7,
      by: { id: "joon", name: "Joon" },
      mine: "mine",
      theirs: "theirs",
    };
    expect(connection(tab).conflicts).toMatchObject([shown]);
    expect(connection(await reopened()).conflicts).toMatchObject([shown]);
  });

  it("has my value from the outbox when the server does not know it", async () => {
    world.hub.ignoresPushes = true;
    project(tab, id).setCard(card, { title: "large" });
    await world.pass();
    await lose("title", null, "theirs", { cs: world.hub.pushes.at(-1)?.cs });
    expect(connection(tab).conflicts[0]?.mine).toBe("large");
  });

  it("goes when it was settled in another window", async () => {
    const second = await browser.tab();
    await world.pass();
    await lose("title", "mine", "theirs");
    expect(connection(second).conflicts.length).toBe(1);
    world.hub.resolved(document, "c1");
    await world.pass();
    expect([connection(tab).conflicts, connection(second).conflicts]).toEqual([[], []]);
    expect(connection(await reopened()).conflicts).toEqual([]);
  });
});

describe("a decision about a conflict [C3]", () => {
  it("for mine writes my value again, as an edit that can be taken back", async () => {
    project(tab, id).setCard(card, { title: "theirs" });
    await lose("title", "mine", "theirs");
    const undo = tab.client.resolveConflict("c1", "mine");
    expect([project(tab, id).cards[card]?.title, connection(tab).conflicts]).toEqual(["mine", []]);
    await world.pass();
    expect(stored(world, id)[card]?.title).toBe("mine");
    expect(world.hub.decisions).toEqual([{ id: "c1", action: "mine" }]);
    undo?.();
    expect(project(tab, id).cards[card]?.title).toBe("theirs");
  });

  it("for mine takes a register out where I had taken it out", async () => {
    project(tab, id).setCard(card, { due: "2026-12-01" });
    await lose("due", null, "2026-12-01");
    tab.client.resolveConflict("c1", "mine");
    expect(project(tab, id).cards[card]?.due).toBeNull();
  });

  it("[C2] for mine restores what somebody deleted", async () => {
    project(tab, id).deleteCard(card);
    await lose("deleted", null, ["joon", 7]);
    tab.client.resolveConflict("c1", "mine");
    expect(project(tab, id).cards[card]?.deleted).toBeNull();
  });

  it("for mine deletes again what somebody restored", async () => {
    await lose("deleted", ["minji", 3], null);
    tab.client.resolveConflict("c1", "mine");
    expect(project(tab, id).cards[card]?.deleted).toEqual(["minji", 3]);
  });

  it("for both writes both, no longer than the schema allows", async () => {
    await lose("title", "m".repeat(400), "t".repeat(400));
    tab.client.resolveConflict("c1", "both");
    const title = project(tab, id).cards[card]?.title ?? "";
    expect(title).toBe(`${"t".repeat(400)} / ${"m".repeat(97)}`);
  });

  it("for both is none where two values are not one: nothing is written, and it stays open", async () => {
    await lose("due", "2026-12-01", "2026-12-02");
    expect(tab.client.resolveConflict("c1", "both")).toBeNull();
    expect(project(tab, id).cards[card]?.due).toBeNull();
    expect([connection(tab).conflicts.length, world.hub.decisions]).toEqual([1, []]);
  });

  it.each(["theirs", "seen"] as const)("for %s writes nothing", async (action) => {
    await lose("title", "mine", "theirs");
    expect(tab.client.resolveConflict("c1", action)).toBeNull();
    await world.pass();
    expect([project(tab, id).cards[card]?.title, waiting(tab)]).toEqual(["first", 0]);
    expect(world.hub.decisions).toEqual([{ id: "c1", action }]);
  });

  it("made offline is told when there is a server again, also by the next page", async () => {
    await lose("title", "mine", "theirs");
    world.hub.down = true;
    world.hub.cut();
    tab.client.resolveConflict("c1", "theirs");
    const next = await reopened();
    expect(connection(next).conflicts).toEqual([]);
    world.hub.down = false;
    await world.pass(4_000);
    expect(world.hub.decisions).toEqual([{ id: "c1", action: "theirs" }]);
  });

  it("does not stand for a newer conflict at the same place", async () => {
    await lose("title", "mine", "theirs");
    world.hub.ignoresDecisions = true;
    tab.client.resolveConflict("c1", "theirs");
    await world.pass();
    await lose("title", "mine again", "theirs again", { version: 9 });
    expect(connection(tab).conflicts).toMatchObject([{ mine: "mine again", version: 9 }]);
  });

  it("is told again until the server has confirmed it, and the conflict is not shown again", async () => {
    await lose("title", "mine", "theirs");
    world.hub.ignoresDecisions = true;
    tab.client.resolveConflict("c1", "theirs");
    await world.pass();
    await lose("title", "mine", "theirs");
    expect(connection(tab).conflicts).toEqual([]);
    world.hub.ignoresDecisions = false;
    world.hub.cut();
    await world.pass(1_000);
    expect(world.hub.decisions.length).toBe(2);
    world.hub.cut();
    await world.pass(1_000);
    expect(world.hub.decisions.length).toBe(2);
  });
});
