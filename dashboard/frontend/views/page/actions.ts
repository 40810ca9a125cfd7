/** What a person can do with the cells of a page, from any input. */

import type { CellKind } from "../../store/page_types";
import type { Words } from "../language";
import { KINDS } from "./kinds";
import type { OpenPage } from "./session";

/** The cell that one let go at `y` would stand before; null: the end. */
export function aimAt(list: HTMLElement, y: number): string | null {
  for (const cell of list.querySelectorAll<HTMLElement>(':scope > [data-moim="cell"]')) {
    const { top, height } = cell.getBoundingClientRect();
    if (y < top + height / 2) return cell.dataset.id ?? null;
  }
  return null;
}

/** The place of a cell as it can be read out: position and count, from 1. */
export function placeInWords({ store }: OpenPage, cell: string): { n: number; of: number } {
  const { cells } = store.getState();
  return { n: cells.findIndex(({ id }) => id === cell) + 1, of: cells.length };
}

/** One step up or down; nothing beyond the ends. */
export function stepCell(page: OpenPage, cell: string, step: number, { t }: Words): void {
  const { cells, moveCell } = page.store.getState();
  const ids = cells.map(({ id }) => id);
  const to = ids.indexOf(cell) + step;
  if (to < 0 || to >= ids.length) return;
  const others = ids.filter((id) => id !== cell);
  moveCell(cell, others[to] ?? null);
  page.announce(t("cell.moved", placeInWords(page, cell)));
}

export function addCell(page: OpenPage, kind: CellKind, before: string | null): void {
  const fields = KINDS[kind].begin(page.client.workspace.getState());
  const id = page.store.getState().addCell(kind, before, fields);
  if (kind === "note") page.session.setState({ writing: id });
}

export function deleteCell(page: OpenPage, cell: string, name: string, { t }: Words): void {
  const state = page.store.getState();
  const { undo } = state.together(() => state.deleteCell(cell));
  page.toasts.setState({
    toast: {
      text: t("cell.deleted", { name }),
      action: { name: t("app.undo"), run: undo },
    },
  });
}
