/** Cards in order by column: only the columns that a change concerns become other arrays. */

import { comparePlaced } from "../core/place";
import { sameList } from "./shared";
import type { Card, Column } from "./types";

export type Order = Readonly<Record<string, readonly string[]>>;
type Cards = Readonly<Record<string, Card>>;

/** More changed cards than this, and sorting all anew costs less. */
const MANY = 64;

/** Cards of a column that is gone are shown in the first one: nothing disappears with a column. */
function homeOf(card: Card | undefined, columns: readonly Column[]): string | null {
  if (card === undefined || card.deleted !== null) return null;
  const home = columns.some((column) => column.id === card.column);
  return home ? card.column : (columns[0]?.id ?? null);
}

/** Gives the order after a change; `ids` are the cards that changed, null: any may have. */
export function orderAfter(
  previous: Order,
  before: { readonly cards: Cards; readonly columns: readonly Column[] },
  now: { readonly cards: Cards; readonly columns: readonly Column[] },
  ids: ReadonlySet<string> | null,
): Order {
  if (ids === null || ids.size > MANY || before.columns !== now.columns) {
    return sorted(previous, now.cards, now.columns);
  }
  const moved = [...ids].filter((id) => hasMoved(before.cards[id], now.cards[id], now.columns));
  const next: Record<string, readonly string[]> = { ...previous };
  // All are taken out before any is put in: a place is found only among cards that are in order.
  for (const id of moved) {
    const from = homeOf(before.cards[id], now.columns);
    if (from !== null) next[from] = (next[from] ?? []).filter((other) => other !== id);
  }
  for (const id of moved) {
    const card = now.cards[id];
    const to = homeOf(card, now.columns);
    if (card && to !== null) next[to] = inserted(next[to] ?? [], card, now.cards);
  }
  return next;
}

function hasMoved(
  old: Card | undefined,
  card: Card | undefined,
  columns: readonly Column[],
): boolean {
  return homeOf(old, columns) !== homeOf(card, columns) || old?.key !== card?.key;
}

function inserted(ids: readonly string[], card: Card, cards: Cards): string[] {
  const at = ids.findIndex((id) => comparePlaced(card, cards[id] ?? card) < 0);
  return ids.toSpliced(at < 0 ? ids.length : at, 0, card.id);
}

function sorted(previous: Order, cards: Cards, columns: readonly Column[]): Order {
  const homes = new Set(columns.map((column) => column.id));
  const first = columns[0]?.id;
  const byColumn = new Map(columns.map((column): [string, Card[]] => [column.id, []]));
  for (const card of Object.values(cards)) {
    const home = homes.has(card.column) ? card.column : first;
    if (card.deleted === null && home !== undefined) byColumn.get(home)?.push(card);
  }
  return Object.fromEntries(
    [...byColumn].map(([column, list]) => {
      const ids = list.sort(comparePlaced).map((card) => card.id);
      const old = previous[column];
      return [column, old && sameList(old, ids) ? old : ids];
    }),
  );
}
