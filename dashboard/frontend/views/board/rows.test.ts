import { describe, expect, it } from "vitest";
import type { Person } from "../../store/types";
import { type MyDrag, rowsOf } from "./rows";

const ids = ["a", "b", "c"];

function keys(column: string, mine: MyDrag | null, others: readonly Person[] = []): string[] {
  return rowsOf(column, ids, mine, others).map((row) => row.key);
}

function mine(by: MyDrag["by"], column: string, before: string | null): MyDrag {
  return { card: "b", by, slot: { column, before }, heightPx: 70 };
}

function mover(card: string, column: string, before: string | null): Person {
  const drag = { card, slot: { column, before } };
  return {
    id: "minji",
    name: "김민지",
    colour: "pink",
    tabs: 1,
    idle: false,
    drag,
    editing: null,
    places: [],
  };
}

describe("the rows of a column", () => {
  it("show an empty slot for the pointer, and not the card it carries", () => {
    expect(keys("todo", mine("pointer", "todo", "a"))).toEqual(["slot", "a", "c"]);
    expect(keys("todo", mine("pointer", "done", null))).toEqual(["a", "c"]);
  });

  it("show the card itself where the keyboard moved it", () => {
    expect(keys("todo", mine("keyboard", "todo", null))).toEqual(["a", "c", "b"]);
  });

  it("show a ghost where somebody aims, and leave their card where it is", () => {
    expect(keys("todo", null, [mover("x", "todo", "b")])).toEqual(["a", "ghost minji", "b", "c"]);
    expect(keys("todo", null, [mover("a", "todo", null)])).toEqual(["a", "b", "c", "ghost minji"]);
  });

  it("show no ghost where the card already stands", () => {
    expect(keys("todo", null, [mover("a", "todo", "b")])).toEqual(ids);
    expect(keys("todo", null, [mover("c", "todo", null)])).toEqual(ids);
  });

  it("hold still for the person who drags: no ghosts come between", () => {
    expect(keys("todo", mine("pointer", "todo", "a"), [mover("x", "todo", "b")])).toEqual([
      "slot",
      "a",
      "c",
    ]);
  });
});
