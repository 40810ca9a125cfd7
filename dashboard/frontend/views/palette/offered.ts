/** What can be done on the view at hand, offered by it to the palette and to the page's keys. */

import { createContext, useContext, useEffect, useRef } from "react";
import type { WordKey } from "../language";
import type { ShortcutName } from "../shortcuts";

export interface Action {
  readonly title: WordKey;
  /** The keys that do the same; null: none. */
  readonly shortcut: ShortcutName | null;
  readonly run: () => void;
}

/** Asked when it is needed, so that what is offered is of that moment. */
export class Offered {
  readonly #sources = new Set<() => readonly Action[]>();

  get actions(): readonly Action[] {
    return [...this.#sources].flatMap((source) => source());
  }

  /** Gives the way to take it back. */
  add(source: () => readonly Action[]): () => void {
    this.#sources.add(source);
    return () => this.#sources.delete(source);
  }
}

/** Null where a view is one of several (a page's cells), or in somebody else's page. */
export const OfferedScope = createContext<Offered | null>(null);

/** Offers actions as long as the component is mounted. */
export function useOffer(actions: readonly Action[]): void {
  const offered = useContext(OfferedScope);
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => offered?.add(() => latest.current), [offered]);
}
