import { describe, expect, it } from "vitest";
import vectors from "../../../../tests/vectors/filter.json";
import { readFilter } from "../../core/card_filter";
import type { Card, Column, Member } from "../../store/types";
import { cardMatcher, filterOrder, type Names } from "./filter";

function card(id: string, more: Partial<Card> = {}): Card {
  return {
    id,
    title: "",
    column: "todo",
    key: "V",
    number: null,
    labels: [],
    members: [],
    priority: null,
    start: null,
    due: null,
    deleted: null,
    ...more,
  } as Card;
}

const NAMES: Names = {
  columns: [],
  me: "seo",
  today: "2026-11-28",
  labels: [{ id: "sec", name: "Security", colour: "red" }],
  members: { seo: { id: "seo", name: "박서연", colour: "violet" } },
};

function passes(filter: string, one: Card): boolean {
  return cardMatcher(readFilter(filter), NAMES)(one);
}

function vectorNames(): Names {
  const { labels, members, columns, me, today } = vectors;
  const named = (all: object) => Object.entries(all).map(([id, name]) => ({ id, name }));
  return {
    labels: named(labels).map((label) => ({ ...label, colour: "red" })),
    members: Object.fromEntries(
      named(members).map((member): [string, Member] => [member.id, { ...member, colour: "red" }]),
    ),
    columns: Object.entries(columns).map(
      ([id, status]) => ({ id, name: id, key: "V", status, limit: null }) as Column,
    ),
    me,
    today,
  };
}

describe("a filter", () => {
  const one = card("a", { title: "Fix the Login", number: 142, labels: ["sec"], members: ["seo"] });

  it.each(["login", "SECURITY", "서연", "#142", "login 서연 #142", "  fix "])(
    "lets a card through for %s",
    (filter) => {
      expect(passes(filter, one)).toBe(true);
    },
  );

  it.each(["logout", "#14", "login #1", "민지"])("holds it back for %s", (filter) => {
    expect(passes(filter, one)).toBe(false);
  });

  it("finds Korean that was typed in pieces", () => {
    expect(passes("서연".normalize("NFD"), one)).toBe(true);
  });

  it("does not look at a label that was deleted", () => {
    expect(cardMatcher(readFilter("security"), { ...NAMES, labels: [] })(one)).toBe(false);
  });

  it.each(vectors.match)("shows the cards of the vectors for $filter", ({ filter, shown }) => {
    const matches = cardMatcher(readFilter(filter), vectorNames());
    const cards = vectors.cards.map((fields) => card(fields.id, fields as Partial<Card>));
    expect(cards.filter(matches).map(({ id }) => id)).toEqual(shown);
  });

  it("keeps the order and counts what is left", () => {
    const cards = { a: one, b: card("b", { title: "Other" }), c: card("c", { title: "login 2" }) };
    const order = { todo: ["c", "b", "a"], done: [] };
    expect(filterOrder(order, cards, "login", NAMES)).toEqual({
      order: { todo: ["c", "a"], done: [] },
      shown: 2,
      all: 3,
    });
  });

  it("gives the very same order back when there is nothing to filter", () => {
    const order = { todo: ["a"] };
    expect(filterOrder(order, {}, " ", NAMES).order).toBe(order);
  });
});
