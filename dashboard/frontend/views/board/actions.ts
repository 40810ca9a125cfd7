/** What a person can do on a board, from any input: lift, step, drop, cancel, rename, delete. */

import type { Slot } from "../../store/types";
import type { Words } from "../language";
import {
  type BoardContext,
  type CardPart,
  type ColumnPlace,
  type FrozenDrag,
  isReadonly,
} from "./session";
import {
  indexOfSlot,
  type Step,
  sameSlot,
  settledSlot,
  slotOf,
  steppedSlot,
  without,
} from "./slot";

export interface Place {
  readonly column: string;
  readonly n: number;
  readonly of: number;
}

/** The slot in words that can be read out: column name, position and count, from 1. */
function placeOf(board: BoardContext, card: string, slot: Slot): Place {
  const { order, columns } = board.visible;
  const seen = board.session.getState().drag?.seen ?? order;
  const ids = without(seen[slot.column] ?? [], card);
  const column = columns.find((one) => one.id === slot.column);
  return { column: column?.name ?? "", n: indexOfSlot(ids, slot) + 1, of: ids.length + 1 };
}

export function titleOf(board: BoardContext, card: string, { t }: Words): string {
  return board.project.getState().cards[card]?.title || t("card.untitled");
}

export function liftCard(
  board: BoardContext,
  card: string,
  by: "pointer" | "keyboard",
  words: Words,
): void {
  const seen = board.visible.order;
  const from = slotOf(seen, card);
  if (!from || isReadonly(board)) return;
  const heightPx = board.heights.get(card) ?? 64;
  board.session.setState({
    drag: { card, by, slot: from, from, seen, heightPx },
    popover: null,
    renaming: null,
  });
  board.presence.getState().setDrag({ card, slot: from });
  const name = titleOf(board, card, words);
  board.announce(words.t("drag.lifted", { card: name, ...placeOf(board, card, from) }));
}

export function moveSlot(board: BoardContext, slot: Slot, words: Words): void {
  const { drag } = board.session.getState();
  if (!drag || sameSlot(drag.slot, slot)) return;
  board.session.setState({ drag: { ...drag, slot } });
  board.presence.getState().setDrag({ card: drag.card, slot });
  board.announce(words.t("drag.over", { ...placeOf(board, drag.card, slot) }));
}

export function stepSlot(board: BoardContext, step: Step, words: Words): void {
  const { drag } = board.session.getState();
  if (!drag) return;
  const columns = board.visible.columns.map((column) => column.id);
  moveSlot(board, steppedSlot(drag.slot, step, columns, drag.seen, drag.card), words);
}

export function moveCard(board: BoardContext, card: string, slot: Slot): void {
  const project = board.project.getState();
  if (project.cards[card]?.column !== slot.column) board.mine.add(card);
  project.moveCard(card, slot);
}

export function dropCard(board: BoardContext, words: Words): void {
  const { drag } = board.session.getState();
  if (!drag) return;
  if (!canLand(board, drag)) return cancelDrag(board, words);
  const { card, slot, seen, from } = drag;
  const said = { card: titleOf(board, card, words), ...placeOf(board, card, slot) };
  const { order } = board.project.getState();
  if (!sameSlot(slot, from)) moveCard(board, card, settledSlot(slot, seen, order, card));
  letGo(board, card);
  board.announce(words.t("drag.dropped", said));
}

/** False when others deleted the card or its aim while it was in the air. */
function canLand(board: BoardContext, { card, slot }: FrozenDrag): boolean {
  const { cards, columns } = board.project.getState();
  return cards[card]?.deleted === null && columns.some(({ id }) => id === slot.column);
}

/** A card that changes its column is another element there: the focus has to follow it. */
function letGo(board: BoardContext, card: string): void {
  board.session.setState({ drag: null });
  board.presence.getState().setDrag(null);
  requestAnimationFrame(() => {
    const active = rootOf(board)?.activeElement;
    if (!active || active === document.body) focusCard(board, card);
  });
}

function rootOf(board: BoardContext): Document | ShadowRoot | undefined {
  const [place] = board.places.values();
  return place?.list.getRootNode() as Document | ShadowRoot | undefined;
}

export function cancelDrag(board: BoardContext, words: Words): void {
  const { drag } = board.session.getState();
  if (!drag) return;
  letGo(board, drag.card);
  board.announce(words.t("drag.cancelled", { card: titleOf(board, drag.card, words) }));
}

export function deleteCard(board: BoardContext, card: string, words: Words): void {
  const project = board.project.getState();
  const name = titleOf(board, card, words);
  const { undo } = project.together(() => project.deleteCard(card));
  board.session.setState({ popover: null, renaming: null });
  if (board.frame.getState().selection === card)
    board.frame.setState({ selection: null, isOpen: false });
  board.toasts.setState({
    toast: {
      text: words.t("card.deleted", { name }),
      action: { name: words.t("app.undo"), run: undo },
    },
  });
}

export function renameEntity(board: BoardContext, entity: string): void {
  if (isReadonly(board)) return;
  board.session.setState({ renaming: entity, popover: null });
}

export function openPart(board: BoardContext, card: string, part: CardPart, anchor: Element): void {
  if (isReadonly(board)) return;
  board.session.setState({ popover: { card, part, anchor } });
}

/** The card's panel; `byKey`: the focus goes there too. */
export function openCard(board: BoardContext, card: string, byKey: boolean): void {
  board.frame.setState({ selection: card, isOpen: true });
  board.session.setState({ popover: null, isEntering: byKey });
}

/** The selection stays, and with it the place on the board. */
export function closeCard(board: BoardContext): void {
  const { selection } = board.frame.getState();
  board.frame.setState({ isOpen: false });
  if (selection !== null) requestAnimationFrame(() => focusCard(board, selection));
}

/** The card before or after in reading order, over the columns; null at either end. */
export function neighbourOf(board: BoardContext, card: string, step: 1 | -1): string | null {
  const { order, columns } = board.visible;
  const all = columns.flatMap(({ id }) => order[id] ?? []);
  const at = all.indexOf(card);
  return at < 0 ? null : (all[at + step] ?? null);
}

function placeWith(board: BoardContext, card: string): ColumnPlace | undefined {
  const { order } = board.visible;
  const column = Object.keys(order).find((id) => order[id]?.includes(card));
  return column === undefined ? undefined : board.places.get(column);
}

/** Scrolls a card into sight, if it is not. */
export function revealCard(board: BoardContext, card: string): void {
  placeWith(board, card)?.reveal(card);
}

/** Puts the focus on a card, scrolling a virtualised column until the card is there. */
export function focusCard(board: BoardContext, card: string, tries = 5): void {
  const place = placeWith(board, card);
  if (!place) return;
  const element = rootOf(board)?.querySelector<HTMLElement>(
    `[data-moim="card"][data-id="${CSS.escape(card)}"]`,
  );
  if (element) {
    element.focus();
    board.frame.setState({ selection: card });
  } else if (tries > 0) {
    place.reveal(card);
    requestAnimationFrame(() => focusCard(board, card, tries - 1));
  }
}
