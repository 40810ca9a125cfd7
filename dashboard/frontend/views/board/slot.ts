/** Where a dragged card would land: pure arithmetic over ids and heights. */

import type { Slot } from "../../store/types";

export type Order = Readonly<Record<string, readonly string[]>>;

export const CARD_GAP_PX = 8;

/**
 * The index at which a card whose top edge is at `top` px stands among `ids`, laid out from 0 without
 * any slot. Comparing the top edge with the middles of the layout *without* the slot makes the answer
 * independent of where the slot is shown now, so that it cannot flicker.
 */
export function slotIndexAt(
  ids: readonly string[],
  heightOf: (id: string) => number,
  top: number,
): number {
  let y = 0;
  for (const [index, id] of ids.entries()) {
    const height = heightOf(id);
    if (top < y + height / 2) return index;
    y += height + CARD_GAP_PX;
  }
  return ids.length;
}

/** The slot at `index` of a column, as the neighbour that the person sees below it. */
export function slotAt(column: string, ids: readonly string[], index: number): Slot {
  return { column, before: ids[index] ?? null };
}

export function indexOfSlot(ids: readonly string[], slot: Slot): number {
  const index = slot.before === null ? -1 : ids.indexOf(slot.before);
  return index < 0 ? ids.length : index;
}

export function without(ids: readonly string[], card: string): readonly string[] {
  return ids.includes(card) ? ids.filter((id) => id !== card) : ids;
}

/** Where a card is now, as a slot. */
export function slotOf(order: Order, card: string): Slot | null {
  for (const [column, ids] of Object.entries(order)) {
    const index = ids.indexOf(card);
    if (index >= 0) return slotAt(column, ids, index + 1);
  }
  return null;
}

export function sameSlot(one: Slot | null, other: Slot | null): boolean {
  return one?.column === other?.column && one?.before === other?.before;
}

/**
 * The slot to write when the order changed during the drag: beside the nearest neighbour that the
 * person saw and that is still in that column, first below, then above.
 */
export function settledSlot(slot: Slot, seen: Order, now: Order, card: string): Slot {
  const before = without(seen[slot.column] ?? [], card);
  const here = without(now[slot.column] ?? [], card);
  const index = indexOfSlot(before, slot);
  const below = before[index];
  if (below !== undefined && here.includes(below)) return { column: slot.column, before: below };
  const above = before.slice(0, index).findLast((id) => here.includes(id));
  if (above !== undefined) return slotAt(slot.column, here, here.indexOf(above) + 1);
  const next = before.slice(index).find((id) => here.includes(id));
  return { column: slot.column, before: next ?? null };
}

export type Step = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

/** One arrow key with a lifted card: along the column, or to the same height in the next one. */
export function steppedSlot(
  slot: Slot,
  step: Step,
  columns: readonly string[],
  order: Order,
  card: string,
): Slot {
  const ids = without(order[slot.column] ?? [], card);
  const index = indexOfSlot(ids, slot);
  if (step === "ArrowUp") return slotAt(slot.column, ids, Math.max(0, index - 1));
  if (step === "ArrowDown") return slotAt(slot.column, ids, Math.min(ids.length, index + 1));
  const at = columns.indexOf(slot.column) + (step === "ArrowLeft" ? -1 : 1);
  const column = columns[at];
  if (column === undefined) return slot;
  const others = without(order[column] ?? [], card);
  return slotAt(column, others, Math.min(index, others.length));
}

/** What the focus goes to with an arrow key and nothing lifted; null at the board's edge. */
export function steppedFocus(
  card: string,
  step: Step,
  columns: readonly string[],
  order: Order,
): string | null {
  const column = columns.find((id) => order[id]?.includes(card));
  if (column === undefined) return null;
  const ids = order[column] ?? [];
  const index = ids.indexOf(card);
  if (step === "ArrowUp") return ids[index - 1] ?? null;
  if (step === "ArrowDown") return ids[index + 1] ?? null;
  const side = step === "ArrowLeft" ? -1 : 1;
  for (let at = columns.indexOf(column) + side; at >= 0 && at < columns.length; at += side) {
    const there = order[columns[at] ?? ""] ?? [];
    if (there.length > 0) return there[Math.min(index, there.length - 1)] ?? null;
  }
  return null;
}
