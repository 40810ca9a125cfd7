/** What others moved, read out: one sentence per 5 s, so that a busy board does not drown a person. */

import { useEffect } from "react";
import type { ProjectState } from "../../store/types";
import { useWords, type Words } from "../language";
import type { BoardContext } from "./session";

const BATCH_MS = 5_000;

/** Cards that stand in another column than before. */
export function movedCards(
  now: Pick<ProjectState, "cards">,
  before: Pick<ProjectState, "cards">,
): readonly string[] {
  return Object.values(now.cards)
    .filter(({ id, column }) => {
      const old = before.cards[id];
      return old !== undefined && old.column !== column;
    })
    .map(({ id }) => id);
}

/** One sentence for a batch of moves; empty when there is nothing left to say. */
export function newsOf(moved: readonly string[], project: ProjectState, { t }: Words): string {
  const [first] = moved;
  const card = first === undefined ? undefined : project.cards[first];
  if (!card || card.deleted) return "";
  if (moved.length > 1) return t("other.movedMany", { n: moved.length });
  const ids = project.order[card.column] ?? [];
  const column = project.columns.find(({ id }) => id === card.column)?.name ?? "";
  const title = card.title || t("card.untitled");
  const place = { n: ids.indexOf(card.id) + 1, of: ids.length };
  return t("other.moved", { card: title, column, ...place });
}

/** Reads out moves of others into a polite live region. */
export function useNews(board: BoardContext, say: (text: string) => void): void {
  const words = useWords();
  useEffect(() => {
    const waiting = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
      timer = undefined;
      say(newsOf([...waiting], board.project.getState(), words));
      waiting.clear();
    };
    const stop = board.project.subscribe((now, before) => {
      if (now.order === before.order) return;
      for (const card of movedCards(now, before)) if (!board.mine.delete(card)) waiting.add(card);
      if (waiting.size > 0) timer ??= setTimeout(tell, BATCH_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [board, say, words]);
}
