/** What a column shows, top to bottom: cards, the slot of my drag, the ghosts of others' drags. */

import type { CardDrag, Person, Slot } from "../../store/types";
import { indexOfSlot, without } from "./slot";

export type Row =
  | { readonly type: "card"; readonly key: string; readonly card: string }
  | { readonly type: "slot"; readonly key: string; readonly heightPx: number }
  | {
      readonly type: "ghost";
      readonly key: string;
      readonly card: string;
      readonly person: Person;
    };

export interface MyDrag {
  readonly card: string;
  readonly by: "pointer" | "keyboard";
  readonly slot: Slot;
  readonly heightPx: number;
}

/** What somebody moves on a board; null also for what they move on a calendar. */
export function cardDrag({ drag }: Person): CardDrag | null {
  return drag !== null && "card" in drag ? drag : null;
}

function inserted(rows: readonly Row[], at: number, row: Row): readonly Row[] {
  return [...rows.slice(0, at), row, ...rows.slice(at)];
}

function cardRow(card: string): Row {
  return { type: "card", key: card, card };
}

/** A pointer drags a copy, so its place is an empty slot; the keyboard moves the card itself. */
export function rowsOf(
  column: string,
  ids: readonly string[],
  mine: MyDrag | null,
  others: readonly Person[],
): readonly Row[] {
  const staying = mine ? without(ids, mine.card) : ids;
  let rows: readonly Row[] = staying.map(cardRow);
  if (mine?.slot.column === column) {
    const row: Row =
      mine.by === "keyboard"
        ? cardRow(mine.card)
        : { type: "slot", key: "slot", heightPx: mine.heightPx };
    rows = inserted(rows, indexOfSlot(staying, mine.slot), row);
  }
  if (mine) return rows;
  for (const person of others) rows = withGhost(rows, column, ids, person);
  return rows;
}

function withGhost(
  rows: readonly Row[],
  column: string,
  ids: readonly string[],
  person: Person,
): readonly Row[] {
  const drag = cardDrag(person);
  if (drag?.slot.column !== column || isInPlace(ids, drag.card, drag.slot.before)) return rows;
  const at = rows.findIndex((row) => row.type === "card" && row.card === drag.slot.before);
  const ghost: Row = { type: "ghost", key: `ghost ${person.id}`, card: drag.card, person };
  return inserted(rows, at < 0 ? rows.length : at, ghost);
}

function isInPlace(ids: readonly string[], card: string, before: string | null): boolean {
  const index = ids.indexOf(card);
  return index >= 0 && (before === card || (ids[index + 1] ?? null) === before);
}
