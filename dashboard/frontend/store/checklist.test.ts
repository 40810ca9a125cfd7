import { beforeEach, describe, expect, it } from "vitest";
import { type TwoPeople, twoPeople } from "../testing/two_people";
import { InvalidValue } from "./schema";
import type { ProjectState } from "./types";

let two: TwoPeople;

beforeEach(async () => {
  two = await twoPeople();
});

function list(state: ProjectState): string[] {
  return (state.checklists[two.card] ?? []).map((item) => item.title);
}

async function filled(...titles: string[]): Promise<string[]> {
  const ids = titles.map((title) => two.minji().addItem(two.card, title));
  await two.meet();
  return ids;
}

describe("a checklist", () => {
  it("keeps what two people add at once, in the same order for both", async () => {
    await filled("first");
    two.minji().addItem(two.card, "hers");
    two.joon().addItem(two.card, "그의 것 🌱");
    await two.meet();
    expect(list(two.minji()).toSorted()).toEqual(["first", "hers", "그의 것 🌱"].toSorted());
    expect(list(two.joon())).toEqual(list(two.minji()));
    expect(list(two.minji())[0]).toBe("first");
  });

  it("has every item once after both moved the same one, and both see one order", async () => {
    const [a = "", b = "", c = ""] = await filled("a", "b", "c");
    two.minji().moveItem(c, a);
    two.joon().moveItem(c, b);
    await two.meet();
    expect(list(two.joon())).toEqual(list(two.minji()));
    expect(list(two.minji()).toSorted()).toEqual(["a", "b", "c"]);
    two.joon().moveItem(a, null);
    await two.meet();
    expect(list(two.minji()).at(-1)).toBe("a");
  });

  it("has both moves when two people move different items", async () => {
    const [a = "", , , d = ""] = await filled("a", "b", "c", "d");
    two.minji().moveItem(a, null);
    two.joon().moveItem(d, a);
    await two.meet();
    expect(list(two.minji())).toEqual(["d", "b", "c", "a"]);
    expect(list(two.joon())).toEqual(["d", "b", "c", "a"]);
  });

  it("finds room after any number of moves to the same place", async () => {
    const [a = "", b = "", c = ""] = await filled("a", "b", "c");
    for (let n = 0; n < 200; n += 1) two.minji().moveItem(n % 2 ? a : c, b);
    expect(list(two.minji()).toSorted()).toEqual(["a", "b", "c"]);
    const keys = two.minji().checklists[two.card]?.map((item) => item.key.length) ?? [];
    expect(Math.max(...keys)).toBeLessThan(49);
  });

  it("says who ticked an item, and forgets it when it is not done after all", async () => {
    const [a = ""] = await filled("a");
    two.joon().tickItem(a, true);
    await two.meet();
    expect(two.minji().checklists[two.card]?.[0]?.done).toEqual(["joon", expect.any(Number)]);
    two.minji().tickItem(a, false);
    await two.meet();
    expect(two.joon().checklists[two.card]?.[0]?.done).toBeNull();
  });

  it("has both people whom two people gave one item", async () => {
    const [a = ""] = await filled("a");
    two.minji().toggleItemMember(a, "minji");
    two.joon().toggleItemMember(a, "joon");
    await two.meet();
    expect(two.minji().checklists[two.card]?.[0]?.members).toEqual(["joon", "minji"]);
  });

  it("gives back a deleted item with the name that somebody gave it meanwhile", async () => {
    const [a = ""] = await filled("a", "b");
    two.minji().deleteItem(a);
    two.joon().setItem(a, { title: "renamed" });
    await two.meet();
    expect(list(two.joon())).toEqual(["b"]);
    two.minji().restoreItem(a);
    await two.meet();
    expect(list(two.joon())).toEqual(["renamed", "b"]);
  });

  it("refuses a title that is too long, and writes nothing", async () => {
    expect(() => two.minji().addItem(two.card, "x".repeat(501))).toThrow(InvalidValue);
    expect(list(two.minji())).toEqual([]);
  });

  it("of one card stays the same object when another card's changes", async () => {
    await filled("a");
    const before = two.minji().checklists[two.card];
    const [column] = two.minji().columns;
    const other = two.minji().addCard({ column: column?.id ?? "", before: null }, "other");
    two.minji().addItem(other, "elsewhere");
    expect(two.minji().checklists[two.card]).toBe(before);
  });
});
