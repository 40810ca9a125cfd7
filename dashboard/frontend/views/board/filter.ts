/** Which cards a filter lets through: every term of it must be true of the card. */

import { type CardFilter, folded, readFilter, type Term, type Than } from "../../core/card_filter";
import type { Card, Column, Label, Member } from "../../store/types";

/** What a filter's words mean, to this person on this day. */
export interface Names {
  readonly labels: readonly Label[];
  readonly members: Readonly<Record<string, Member>>;
  readonly columns: readonly Column[];
  /** The person's id. */
  readonly me: string;
  /** `YYYY-MM-DD` where the person is. */
  readonly today: string;
}

export function isFiltering(filter: string): boolean {
  return filter.trim() !== "";
}

interface Known {
  readonly labels: ReadonlyMap<string, string>;
  readonly members: ReadonlyMap<string, string>;
  readonly done: ReadonlySet<string>;
  readonly me: string;
  readonly today: string;
}

/** Gives the test that a card must pass; read the names once, not per card. */
export function cardMatcher({ terms }: CardFilter, names: Names): (card: Card) => boolean {
  const known: Known = {
    labels: new Map(names.labels.map((label) => [label.id, folded(label.name)])),
    members: new Map(Object.values(names.members).map(({ id, name }) => [id, folded(name)])),
    done: new Set(names.columns.filter(({ status }) => status === "done").map(({ id }) => id)),
    me: names.me,
    today: names.today,
  };
  return (card) => terms.every((term) => isTrue(term, card, known) !== term.not);
}

function isTrue(term: Term, card: Card, known: Known): boolean {
  switch (term.kind) {
    case "word":
      return hasWord(card, term.value, known);
    case "number":
      return card.number === term.value;
    case "person":
      return hasPerson(card, term.value, known);
    case "label":
      return hasLabel(card, term.value, known);
    case "priority":
      return (card.priority ?? "none") === term.value;
    case "is":
      return known.done.has(card.column) === (term.value === "done");
    case "due":
      return isDue(term, card, known);
  }
}

function hasWord(card: Card, word: string, { labels, members }: Known): boolean {
  return (
    folded(card.title).includes(word) ||
    card.labels.some((id) => labels.get(id)?.includes(word)) ||
    card.members.some((id) => members.get(id)?.includes(word))
  );
}

function hasPerson(card: Card, name: string, { members, me }: Known): boolean {
  if (name === "me") return card.members.includes(me);
  if (name === "none") return card.members.length === 0;
  return card.members.some((id) => members.get(id)?.includes(name));
}

/** A label that was deleted is none. */
function hasLabel(card: Card, name: string, { labels }: Known): boolean {
  if (name === "none") return !card.labels.some((id) => labels.has(id));
  return card.labels.some((id) => labels.get(id)?.includes(name));
}

function isDue(term: Extract<Term, { kind: "due" }>, card: Card, { done, today }: Known): boolean {
  const { due } = card;
  if ("value" in term) {
    if (term.value === "none") return due === null;
    if (term.value === "any") return due !== null;
    return due !== null && due < today && !done.has(card.column);
  }
  const day = "date" in term ? term.date : daysAfter(today, term.days);
  return due !== null && compares(due, term.than, day);
}

/** Days are compared as text: `2026-11-28` sorts as it comes. */
function compares(due: string, than: Than, day: string): boolean {
  switch (than) {
    case ":":
      return due === day;
    case "<":
      return due < day;
    case "<=":
      return due <= day;
    case ">":
      return due > day;
    case ">=":
      return due >= day;
  }
}

function daysAfter(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** The ids that pass, by column, and how many of all that is. */
export interface Filtered {
  readonly order: Readonly<Record<string, readonly string[]>>;
  readonly shown: number;
  readonly all: number;
}

export function filterOrder(
  order: Readonly<Record<string, readonly string[]>>,
  cards: Readonly<Record<string, Card>>,
  filter: string,
  names: Names,
): Filtered {
  const all = Object.values(order).reduce((sum, ids) => sum + ids.length, 0);
  if (!isFiltering(filter)) return { order, shown: all, all };
  const matches = cardMatcher(readFilter(filter), names);
  const kept = Object.entries(order).map(([column, ids]): [string, readonly string[]] => [
    column,
    ids.filter((id) => {
      const card = cards[id];
      return card !== undefined && matches(card);
    }),
  ]);
  const shown = kept.reduce((sum, [, ids]) => sum + ids.length, 0);
  return { order: Object.fromEntries(kept), shown, all };
}
