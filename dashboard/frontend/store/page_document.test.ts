import { describe, expect, it } from "vitest";
import { type Tab, World } from "../testing/world";
import type { PageState } from "./page_types";

function page(tab: Tab, id: string): PageState {
  return tab.client.page(id).store.getState();
}

function cellsOf(tab: Tab, id: string): string[] {
  return page(tab, id).cells.map((cell) => cell.id);
}

/** Two people at a page of three notes `a b c`, all saved. */
async function two(seed = 1) {
  const world = new World(seed);
  const minji = await world.browser().tab("minji");
  await world.pass();
  const id = minji.client.workspace.getState().addPage("Home");
  minji.client.page(id);
  await world.pass();
  const first = page(minji, id).cells[0]?.id ?? "";
  const second = page(minji, id).addCell("note", null);
  const third = page(minji, id).addCell("note", null);
  const joon = await world.browser().tab("joon");
  joon.client.page(id);
  await world.pass();
  return { world, minji, joon, id, a: first, b: second, c: third };
}

/** What each does without the other's edit, and then with it. */
async function apart(world: World, run: () => void): Promise<void> {
  world.hub.down = true;
  world.hub.cut();
  await world.pass();
  run();
  world.hub.down = false;
  await world.pass(10_000);
}

describe("a page", () => {
  it("begins with one empty note, and is seen by the other as it is", async () => {
    const { minji, joon, id, a, b, c } = await two();
    expect(cellsOf(minji, id)).toEqual([a, b, c]);
    expect(cellsOf(joon, id)).toEqual([a, b, c]);
    expect(page(joon, id).cells[0]).toMatchObject({ kind: "note", text: "", project: null });
  });

  it("puts a new cell before the one named, whole in one edit", async () => {
    const { world, minji, joon, id, a, b, c } = await two();
    const before = world.hub.pushes.length;
    const made = page(minji, id).addCell("calendar", b, {
      view: "list",
      calendars: ["team"],
      projects: ["launch"],
    });
    await world.pass();
    expect(cellsOf(joon, id)).toEqual([a, made, b, c]);
    expect(page(joon, id).cells[1]).toMatchObject({
      kind: "calendar",
      view: "list",
      calendars: ["team"],
      projects: ["launch"],
      text: null,
    });
    expect(world.hub.pushes.length).toBe(before + 1);
  });

  it("refuses what the schema refuses, and nothing of it is done", async () => {
    const { minji, id, a } = await two();
    const before = page(minji, id).cells;
    expect(() => page(minji, id).setCell(a, { height: 12 })).toThrow();
    expect(() => page(minji, id).addCell("board", null, { height: 99_999 })).toThrow();
    expect(page(minji, id).cells).toBe(before);
  });

  it("writes nothing when a cell is moved to where it stands", async () => {
    const { world, minji, id, a, b, c } = await two();
    const before = world.hub.pushes.length;
    page(minji, id).moveCell(a, a);
    page(minji, id).moveCell(a, b);
    page(minji, id).moveCell(c, null);
    await world.pass();
    expect(world.hub.pushes.length).toBe(before);
    expect(cellsOf(minji, id)).toEqual([a, b, c]);
  });

  it("keeps the other cells' objects when one changes", async () => {
    const { minji, id, a } = await two();
    const [, second, third] = page(minji, id).cells;
    page(minji, id).setCell(a, { title: "Hello" });
    expect(page(minji, id).cells[1]).toBe(second);
    expect(page(minji, id).cells[2]).toBe(third);
  });
});

describe("two people at one page", () => {
  it("have one cell in one place when both moved it", async () => {
    const { world, minji, joon, id, a, b, c } = await two();
    await apart(world, () => {
      page(minji, id).moveCell(a, null);
      page(joon, id).moveCell(a, c);
    });
    expect(cellsOf(minji, id)).toEqual(cellsOf(joon, id));
    expect(cellsOf(minji, id).toSorted()).toEqual([a, b, c].toSorted());
  });

  it("both keep a cell that they put in the same place", async () => {
    const { world, minji, joon, id, a, b, c } = await two();
    const made: string[] = [];
    await apart(world, () => {
      made.push(page(minji, id).addCell("note", b), page(joon, id).addCell("board", b));
    });
    expect(cellsOf(minji, id)).toEqual(cellsOf(joon, id));
    const [first, ...rest] = cellsOf(minji, id);
    expect(first).toBe(a);
    expect(rest.slice(0, 2).toSorted()).toEqual(made.toSorted());
    expect(rest.slice(2)).toEqual([b, c]);
  });

  it("lose nothing when one deletes what the other edits: it is restored with the edit", async () => {
    const { world, minji, joon, id, a, b, c } = await two();
    await apart(world, () => {
      page(minji, id).deleteCell(b);
      page(joon, id).setCell(b, { title: "Meanwhile" });
    });
    expect(cellsOf(joon, id)).toEqual([a, c]);
    page(joon, id).restoreCell(b);
    await world.pass();
    expect(cellsOf(minji, id)).toEqual([a, b, c]);
    expect(page(minji, id).cells[1]?.title).toBe("Meanwhile");
  });

  it("add to one calendar's list at the same time, and both are in it", async () => {
    const { world, minji, joon, id } = await two();
    const made = page(minji, id).addCell("calendar", null);
    await world.pass();
    await apart(world, () => {
      page(minji, id).toggleCalendar(made, "team");
      page(joon, id).toggleCalendar(made, "releases");
    });
    const shown = page(minji, id).cells.find((cell) => cell.id === made)?.calendars;
    expect(shown).toEqual(["releases", "team"]);
  });

  it.each([1, 2, 3])("agree after many moves, adds and deletes apart (seed %i)", async (seed) => {
    const { world, minji, joon, id } = await two(seed);
    for (const tab of [minji, joon])
      for (let n = 0; n < 5; n += 1) page(tab, id).addCell("note", null);
    await world.pass();
    await apart(world, () => {
      for (const [at, tab] of [minji, joon].entries())
        for (let n = 0; n < 8; n += 1) {
          const cells = cellsOf(tab, id);
          const [one, other] = [cells[(n * 3 + at) % cells.length], cells[n % cells.length]];
          if (n % 4 === 3) page(tab, id).deleteCell(one ?? "");
          else if (n % 4 === 2) page(tab, id).addCell("note", one ?? null);
          else page(tab, id).moveCell(one ?? "", other ?? null);
        }
    });
    expect(cellsOf(minji, id)).toEqual(cellsOf(joon, id));
    expect(new Set(cellsOf(minji, id)).size).toBe(cellsOf(minji, id).length);
    expect(page(minji, id).unsent.size + page(joon, id).unsent.size).toBe(0);
  });
});
