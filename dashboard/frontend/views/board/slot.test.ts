import { describe, expect, it } from "vitest";
import { CARD_GAP_PX, settledSlot, slotIndexAt, slotOf, steppedFocus, steppedSlot } from "./slot";

const HEIGHT_PX = 80;
const STEP_PX = HEIGHT_PX + CARD_GAP_PX;
const ids = ["a", "b", "c"];

function indexAt(top: number): number {
  return slotIndexAt(ids, () => HEIGHT_PX, top);
}

describe("the slot under a dragged card", () => {
  it("is before a card until the card's middle is passed", () => {
    expect(indexAt(-500)).toBe(0);
    expect(indexAt(HEIGHT_PX / 2 - 1)).toBe(0);
    expect(indexAt(HEIGHT_PX / 2)).toBe(1);
    expect(indexAt(STEP_PX + HEIGHT_PX / 2 - 1)).toBe(1);
    expect(indexAt(STEP_PX + HEIGHT_PX / 2)).toBe(2);
  });

  it("is the end below all cards, and 0 in an empty column", () => {
    expect(indexAt(10_000)).toBe(3);
    expect(slotIndexAt([], () => HEIGHT_PX, 300)).toBe(0);
  });

  it("never goes up while the card goes down", () => {
    const heights: Record<string, number> = { a: 40, b: 200, c: 61 };
    let last = 0;
    for (let top = -50; top < 400; top += 1) {
      const index = slotIndexAt(ids, (id) => heights[id] ?? 0, top);
      expect(index).toBeGreaterThanOrEqual(last);
      last = index;
    }
  });
});

describe("the slot that is written after the others changed things", () => {
  const seen = { todo: ["a", "b", "c"], done: ["x"] };

  it("is the one that was seen when nothing changed", () => {
    const slot = { column: "todo", before: "b" };
    expect(settledSlot(slot, seen, seen, "x")).toEqual(slot);
  });

  it("stays beside the neighbour below when cards came between", () => {
    const now = { todo: ["a", "new", "b", "c"], done: ["x"] };
    expect(settledSlot({ column: "todo", before: "b" }, seen, now, "x").before).toBe("b");
  });

  it("stays beside the neighbour above when the one below has left", () => {
    const now = { todo: ["a", "new", "c"], done: ["x", "b"] };
    expect(settledSlot({ column: "todo", before: "b" }, seen, now, "x").before).toBe("new");
  });

  it("at the end follows the neighbour above, not the end", () => {
    const now = { todo: ["c", "a", "b", "late"], done: ["x"] };
    expect(settledSlot({ column: "todo", before: null }, seen, now, "x").before).toBe("a");
  });

  it("is the end of a column that has emptied", () => {
    const now = { todo: [], done: ["x"] };
    expect(settledSlot({ column: "todo", before: "a" }, seen, now, "x").before).toBeNull();
  });

  it("never names the card itself", () => {
    expect(settledSlot({ column: "todo", before: null }, seen, seen, "c").before).toBeNull();
    const now = { todo: ["c", "a", "b"], done: [] };
    expect(settledSlot({ column: "todo", before: "b" }, seen, now, "c").before).toBe("b");
  });
});

describe("an arrow key", () => {
  const columns = ["todo", "doing", "done"];
  const order = { todo: ["a", "b", "c"], doing: [], done: ["x"] };
  const start = slotOf(order, "b") ?? { column: "", before: null };

  it("moves a lifted card along its column and stops at the ends", () => {
    const up = steppedSlot(start, "ArrowUp", columns, order, "b");
    expect(up).toEqual({ column: "todo", before: "a" });
    expect(steppedSlot(up, "ArrowUp", columns, order, "b")).toEqual(up);
    const down = steppedSlot(start, "ArrowDown", columns, order, "b");
    expect(down).toEqual({ column: "todo", before: null });
  });

  it("moves it to the same height in the next column, or that column's end", () => {
    const right = steppedSlot(start, "ArrowRight", columns, order, "b");
    expect(right).toEqual({ column: "doing", before: null });
    expect(steppedSlot(start, "ArrowLeft", columns, order, "b")).toEqual(start);
  });

  it("moves the focus over an empty column", () => {
    expect(steppedFocus("c", "ArrowRight", columns, order)).toBe("x");
    expect(steppedFocus("x", "ArrowLeft", columns, order)).toBe("a");
    expect(steppedFocus("c", "ArrowDown", columns, order)).toBeNull();
  });
});
