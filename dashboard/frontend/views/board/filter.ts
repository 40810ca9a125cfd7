/** Which cards a filter text lets through: every word must be in the title, a label, a person or be `#number`. */

import type { Card, Label, Member } from "../../store/types";

export interface Names {
  readonly labels: readonly Label[];
  readonly members: Readonly<Record<string, Member>>;
}

/** Compared without case; NFC because some systems type Korean in pieces (NFD). */
function folded(text: string): string {
  return text.normalize("NFC").toLocaleLowerCase();
}

function wordsOf(filter: string): readonly string[] {
  return folded(filter).split(/\s+/).filter(Boolean);
}

export function isFiltering(filter: string): boolean {
  return filter.trim() !== "";
}

/** Gives the test that a card must pass; read the names once, not per card. */
export function cardMatcher(filter: string, names: Names): (card: Card) => boolean {
  const words = wordsOf(filter);
  const labels = new Map(names.labels.map((label) => [label.id, folded(label.name)]));
  const members = new Map(
    Object.values(names.members).map((member) => [member.id, folded(member.name)]),
  );
  return (card) => words.every((word) => hasWord(card, word, labels, members));
}

function hasWord(
  card: Card,
  word: string,
  labels: ReadonlyMap<string, string>,
  members: ReadonlyMap<string, string>,
): boolean {
  if (/^#\d+$/.test(word)) return card.number === Number(word.slice(1));
  return (
    folded(card.title).includes(word) ||
    card.labels.some((id) => labels.get(id)?.includes(word)) ||
    card.members.some((id) => members.get(id)?.includes(word))
  );
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
  const matches = cardMatcher(filter, names);
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
