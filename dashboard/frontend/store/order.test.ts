import { describe, expect, it } from "vitest";
import { comparePlaced } from "../core/place";
import { seeded } from "../testing/seeded";
import { type Order, orderAfter } from "./order";
import type { Card, Column } from "./types";

const COLUMNS = ["a", "b"].map((id) => ({ id, key: id }) as Column);

function card(id: string, column: string, key: string, deleted = false): Card {
  return { id, column, key, deleted: deleted ? ["minji", 0] : null } as unknown as Card;
}

function byId(cards: readonly Card[]): Record<string, Card> {
  return Object.fromEntries(cards.map((one) => [one.id, one]));
}

function sorted(cards: Readonly<Record<string, Card>>): Order {
  return orderAfter({}, { cards: {}, columns: [] }, { cards, columns: COLUMNS }, null);
}

describe("the order after a change", () => {
  it("is right when neighbours change places at once", () => {
    const cards = byId([card("x", "a", "B"), card("y", "a", "D"), card("z", "a", "F")]);
    const swapped = { ...cards, ...byId([card("x", "a", "G"), card("z", "a", "A")]) };
    const order = orderAfter(
      sorted(cards),
      { cards, columns: COLUMNS },
      { cards: swapped, columns: COLUMNS },
      new Set(["x", "z"]),
    );
    expect(order).toEqual({ a: ["z", "y", "x"], b: [] });
  });

  it.each([1, 2, 3, 4])("is what sorting all anew would give (seed %i)", (seed) => {
    const random = seeded(seed);
    const draw = (below: number) => Math.floor(random() * below);
    const drawn = (id: string) =>
      card(id, ["a", "b", "gone"][draw(3)] ?? "", `k${1 + draw(9)}`, draw(6) === 0);
    let cards: Record<string, Card> = {};
    let order = sorted(cards);
    for (let step = 0; step < 300; step += 1) {
      const ids = Array.from({ length: 1 + draw(5) }, () => `c${draw(20)}`);
      const next = { ...cards, ...byId(ids.map(drawn)) };
      const now = { cards: next, columns: COLUMNS };
      order = orderAfter(order, { cards, columns: COLUMNS }, now, new Set(ids));
      cards = next;
      expect(order).toEqual(sorted(cards));
    }
    for (const ids of Object.values(order)) {
      const placed = ids.map((id) => cards[id] as Card);
      expect(placed.toSorted(comparePlaced)).toEqual(placed);
    }
  });
});
