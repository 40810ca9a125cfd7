/** What was typed into a field and is not kept yet; an editor keeps or drops all when it closes. */

import { createContext, useContext, useEffect, useRef, useState } from "react";

interface Draft {
  readonly keep: () => void;
  readonly drop: () => void;
}

export class Drafts {
  readonly #open = new Set<Draft>();

  add(draft: Draft): () => void {
    this.#open.add(draft);
    return () => this.#open.delete(draft);
  }

  keepAll(): void {
    for (const draft of this.#open) draft.keep();
  }

  dropAll(): void {
    for (const draft of this.#open) draft.drop();
  }
}

export const DraftScope = createContext(new Drafts());

export interface DraftState<T> {
  /** What was typed, else the value. */
  readonly shown: T;
  readonly type: (typed: T) => void;
  /** Calls `keepTyped` once for what was typed; it says whether the field is done with it. */
  readonly keep: () => void;
}

/**
 * The draft stands in a ref too: leaving a field, closing its editor and Escape may all come in one
 * turn of the event loop, before anything is rendered again.
 */
export function useDraft<T>(value: T, keepTyped: (typed: T) => boolean): DraftState<T> {
  const drafts = useContext(DraftScope);
  const [typed, setTyped] = useState<{ readonly typed: T } | null>(null);
  const latest = useRef(typed);
  const keeper = useRef(keepTyped);
  keeper.current = keepTyped;
  const put = (next: { readonly typed: T } | null) => {
    latest.current = next;
    setTyped(next);
  };
  const keep = () => {
    const draft = latest.current;
    if (draft && keeper.current(draft.typed)) put(null);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: both work on refs only
  useEffect(() => drafts.add({ keep, drop: () => put(null) }), [drafts]);
  return { shown: typed ? typed.typed : value, type: (next) => put({ typed: next }), keep };
}
