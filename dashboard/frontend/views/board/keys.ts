/** Keys on a focused card, as `views/shortcuts.ts` names them. */

import type { KeyboardEvent } from "react";
import type { Words } from "../language";
import { isComposing } from "../name_field";
import { isPressed, type ShortcutName, shortcutIn } from "../shortcuts";
import {
  cancelDrag,
  closeCard,
  deleteCard,
  dropCard,
  focusCard,
  liftCard,
  openCard,
  openPart,
  renameEntity,
  stepSlot,
} from "./actions";
import { type BoardContext, type CardPart, isReadonly } from "./session";
import { type Step, steppedFocus } from "./slot";

const PARTS: Readonly<Partial<Record<ShortcutName, CardPart>>> = {
  cardFields: "fields",
  cardLabels: "labels",
  cardMembers: "members",
};

function isStep(key: string): key is Step {
  return key === "ArrowUp" || key === "ArrowDown" || key === "ArrowLeft" || key === "ArrowRight";
}

/** Returns true when the key did something. */
function act(event: KeyboardEvent, card: string, board: BoardContext, words: Words): boolean {
  const lifted = board.session.getState().drag?.by === "keyboard";
  if (isPressed("liftCard", event)) {
    if (lifted) dropCard(board, words);
    else liftCard(board, card, "keyboard", words);
    return true;
  }
  if (isStep(event.key)) {
    if (lifted) stepSlot(board, event.key, words);
    else moveFocus(event.key, card, board);
    return true;
  }
  if (isPressed("closeCard", event)) {
    if (lifted) cancelDrag(board, words);
    else if (board.frame.getState().isOpen) closeCard(board);
    else board.frame.setState({ selection: null });
    return true;
  }
  if (lifted) {
    if (event.key === "Tab") cancelDrag(board, words);
    return false;
  }
  return actOnResting(event, card, board, words);
}

function actOnResting(
  event: KeyboardEvent,
  card: string,
  board: BoardContext,
  words: Words,
): boolean {
  const name = shortcutIn("card", event);
  const part = name && PARTS[name];
  if (name === "openCard") openCard(board, card, true);
  else if (name === "renameCard") renameEntity(board, card);
  else if (part) openPart(board, card, part, event.currentTarget);
  else if (name === "deleteCard") {
    if (isReadonly(board)) return false;
    const next = neighbour(card, board);
    deleteCard(board, card, words);
    if (next) focusCard(board, next);
  } else return false;
  return true;
}

function columnsOf(board: BoardContext): readonly string[] {
  return board.visible.columns.map((column) => column.id);
}

function neighbour(card: string, board: BoardContext): string | null {
  const { order } = board.visible;
  const columns = columnsOf(board);
  return (
    steppedFocus(card, "ArrowDown", columns, order) ?? steppedFocus(card, "ArrowUp", columns, order)
  );
}

function moveFocus(step: Step, card: string, board: BoardContext): void {
  const next = steppedFocus(card, step, columnsOf(board), board.visible.order);
  if (next) focusCard(board, next);
}

export function onCardKey(
  event: KeyboardEvent,
  card: string,
  board: BoardContext,
  words: Words,
): void {
  const isElsewhere = event.target !== event.currentTarget;
  if (isElsewhere || isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (act(event, card, board, words)) event.preventDefault();
}
