/** The lines of several documents, which are open as long as a search goes on. */

import { useEffect, useMemo, useState } from "react";
import type { DocumentClient } from "../../store/client";
import { holdSearchable, type Line } from "../../store/searchable";

export interface Lines {
  readonly lines: readonly Line[];
  /** How many of the documents are not here (yet). */
  readonly absent: number;
}

type Searchable = ReturnType<typeof holdSearchable>;

export function useLines(client: DocumentClient, documents: readonly string[]): Lines {
  const names = documents.join(" ");
  const [held, setHeld] = useState<readonly Searchable[]>([]);
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const all = names
      .split(" ")
      .filter(Boolean)
      .map((name) => holdSearchable(client, name));
    const stops = all.map(({ store }) => store.subscribe(() => setVersion((count) => count + 1)));
    setHeld(all);
    return () => {
      for (const stop of stops) stop();
      for (const { release } of all) release();
    };
  }, [client, names]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version means other lines
  return useMemo(() => {
    const states = held.map(({ store }) => store.getState());
    return {
      lines: states.flatMap((state) => state.lines()),
      absent: states.filter(({ ready }) => !ready).length,
    };
  }, [held, version]);
}
