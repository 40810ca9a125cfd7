import { beforeEach, describe, expect, it } from "vitest";
import { type Tab, World } from "../testing/world";
import { InvalidValue } from "./schema";
import type { ProjectState } from "./types";

let world: World;
let tab: Tab;
let id: string;

beforeEach(async () => {
  world = new World();
  tab = await world.browser({ keeps: false }).tab("minji");
  await world.pass();
  id = tab.client.workspace.getState().addProject("Launch site", "teal");
});

function board(): ProjectState {
  return tab.client.project(id).store.getState();
}

function columnId(at: number): string {
  return board().columns[at]?.id ?? "";
}

function add(title: string, at = 0): string {
  return board().addCard({ column: columnId(at), before: null }, title);
}

function order(at = 0): string[] {
  return (board().order[columnId(at)] ?? []).map((card) => board().cards[card]?.title ?? "?");
}

describe("a new project", () => {
  it("has three columns, a prefix and nothing else", () => {
    expect(board().columns.map(({ name, status }) => [name, status])).toEqual([
      ["To do", "ready"],
      ["Doing", "doing"],
      ["Done", "done"],
    ]);
    expect([board().prefix, board().cards, board().ready]).toEqual(["LS", {}, true]);
  });

  it("has an id that can be read, and one without letters when its name has none", () => {
    expect(id).toMatch(/^launch-site-[0-9a-z]{6}$/);
    const korean = tab.client.workspace.getState().addProject("고객 연구", "pink");
    expect(korean).toMatch(/^[0-9a-z]{12}$/);
  });
});

describe("a card", () => {
  it("is numbered from 1 and unset where nothing was set", () => {
    const [first, second] = [add("first"), add("둘째 🌱")];
    expect(board().cards[first]).toMatchObject({
      number: 1,
      estimate: null,
      due: null,
      labels: [],
    });
    expect(board().cards[second]).toMatchObject({ number: 2, title: "둘째 🌱", deleted: null });
  });

  it("knows registers that only the schema names", () => {
    const card = add("first");
    board().setCard(card, { estimate: 2.5, start: "2026-11-23", priority: "urgent" });
    expect(board().cards[card]).toMatchObject({ estimate: 2.5, start: "2026-11-23" });
    board().setCard(card, { estimate: null });
    expect(board().cards[card]?.estimate).toBeNull();
  });

  it.each([
    { estimate: 1_001 },
    { due: "tomorrow" },
    { title: "x".repeat(501) },
    { priority: "high!" as "high" },
  ])("refuses what the schema refuses: %o", (patch) => {
    const card = add("first");
    expect(() => board().setCard(card, patch)).toThrow(InvalidValue);
    expect(board().cards[card]?.title).toBe("first");
  });

  it("has each label and member once, and loses it when toggled again", () => {
    const card = add("first");
    board().toggleLabel(card, "b");
    board().toggleLabel(card, "a");
    board().toggleMember(card, "minji");
    expect(board().cards[card]).toMatchObject({ labels: ["a", "b"], members: ["minji"] });
    board().toggleLabel(card, "b");
    expect(board().cards[card]?.labels).toEqual(["a"]);
  });

  it("leaves the order when it is deleted, and comes back where it was", () => {
    for (const title of ["a", "b", "c"]) add(title);
    const card = board().order[columnId(0)]?.[1] ?? "";
    board().deleteCard(card);
    expect(order()).toEqual(["a", "c"]);
    expect(board().cards[card]?.deleted).toEqual(["minji", world.clock.now()]);
    board().restoreCard(card);
    expect(order()).toEqual(["a", "b", "c"]);
  });
});

describe("moving", () => {
  it("puts a card before the neighbour that was seen, else at the end", () => {
    const [a = "", b = "", c = ""] = ["a", "b", "c"].map((title) => add(title));
    board().moveCard(c, { column: columnId(0), before: b });
    expect(order()).toEqual(["a", "c", "b"]);
    board().moveCard(a, { column: columnId(0), before: null });
    expect(order()).toEqual(["c", "b", "a"]);
    board().moveCard(b, { column: columnId(1), before: null });
    expect([order(), order(1)]).toEqual([["c", "a"], ["b"]]);
  });

  it("writes nothing when the card is already there", () => {
    const [a = "", b = ""] = ["a", "b"].map((title) => add(title));
    const before = board();
    before.moveCard(a, { column: columnId(0), before: b });
    before.moveCard(b, { column: columnId(0), before: null });
    expect(board()).toBe(before);
  });

  it("finds room after any number of moves to the same place", () => {
    const [a = "", b = "", c = ""] = ["a", "b", "c"].map((title) => add(title));
    for (let n = 0; n < 200; n += 1) {
      board().moveCard(n % 2 ? a : c, { column: columnId(0), before: b });
    }
    expect(order().sort()).toEqual(["a", "b", "c"]);
    expect(Math.max(...Object.values(board().cards).map((card) => card.key.length))).toBeLessThan(
      49,
    );
  });

  it("orders columns", () => {
    board().moveColumn(columnId(2), columnId(0));
    expect(board().columns.map((column) => column.name)).toEqual(["Done", "To do", "Doing"]);
  });

  it("gives the cards of a deleted column to its neighbour, in order", () => {
    add("in todo");
    for (const title of ["a", "b", "c"]) add(title, 1);
    board().deleteColumn(columnId(1));
    expect(board().columns.map((column) => column.name)).toEqual(["To do", "Done"]);
    expect(order()).toEqual(["in todo", "a", "b", "c"]);
  });

  it("keeps the last column", () => {
    for (let n = 0; n < 3; n += 1) board().deleteColumn(columnId(0));
    expect(board().columns.length).toBe(1);
  });
});

describe("snapshots", () => {
  it("change for the card that changed, and stay the same objects for all others", () => {
    const [a = "", b = ""] = ["a", "b"].map((title) => add(title));
    add("elsewhere", 1);
    const before = board();
    before.setCard(a, { title: "A" });
    const after = board();
    expect(after.cards[a]).not.toBe(before.cards[a]);
    expect(after.cards[b]).toBe(before.cards[b]);
    expect(
      [after.order, after.columns, after.labels].map((part, at) =>
        Object.is(part, [before.order, before.columns, before.labels][at]),
      ),
    ).toEqual([false, true, true]);
    for (const column of before.columns)
      expect(after.order[column.id]).toBe(before.order[column.id]);
  });

  it("of columns stay the same objects when another one is renamed", () => {
    const before = board().columns;
    board().setColumn(columnId(1), { name: "진행 중" });
    expect(board().columns.map((column, at) => column === before[at])).toEqual([true, false, true]);
  });

  it("change the order of the two columns between which a card moved only", () => {
    const [a = ""] = ["a", "b"].map((title) => add(title));
    add("in done", 2);
    const before = board();
    before.moveCard(a, { column: columnId(1), before: null });
    const same = before.columns.map((c) => board().order[c.id] === before.order[c.id]);
    expect(same).toEqual([false, false, true]);
  });

  it("show the cards of a column that somebody deleted meanwhile in the first one", () => {
    const card = add("lost?", 1);
    board().deleteColumn(columnId(2));
    board().moveCard(card, { column: "gone", before: null });
    expect(order()).toEqual(["lost?"]);
  });
});
