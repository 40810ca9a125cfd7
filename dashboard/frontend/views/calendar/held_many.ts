/** Holds stores of several documents at once, and reads them as one snapshot. */

import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { Held } from "../../store/types";

type Stores<State> = ReadonlyMap<string, StoreApi<State>>;

/** Documents that stay in the list stay open while others come and go. */
export function useHeldMany<State>(
  ids: readonly string[],
  hold: (id: string) => Held<State>,
): Stores<State> {
  const held = useRef(new Map<string, Held<State>>());
  const [stores, setStores] = useState<Stores<State>>(() => new Map());
  const wanted = ids.join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ids as one word; `hold` is a closure
  useEffect(() => {
    const known = held.current;
    for (const id of ids) if (!known.has(id)) known.set(id, hold(id));
    for (const [id, one] of known)
      if (!ids.includes(id)) {
        known.delete(id);
        one.release();
      }
    setStores(new Map(ids.flatMap((id) => pairOf(id, known.get(id)))));
  }, [wanted]);
  useEffect(() => {
    const known = held.current;
    return () => {
      for (const one of known.values()) one.release();
      known.clear();
    };
  }, []);
  return stores;
}

function pairOf<State>(id: string, held: Held<State> | undefined): [string, StoreApi<State>][] {
  return held ? [[id, held.store]] : [];
}

/** The states of all stores; the same map as long as none of them changed. */
export function useStates<State>(stores: Stores<State>): ReadonlyMap<string, State> {
  const last = useRef<ReadonlyMap<string, State>>(new Map());
  const subscribe = useCallback(
    (listener: () => void) => {
      const stops = [...stores.values()].map((store) => store.subscribe(listener));
      return () => {
        for (const stop of stops) stop();
      };
    },
    [stores],
  );
  const snapshot = () => {
    const next = new Map([...stores].map(([id, store]) => [id, store.getState()]));
    if (!sameMap(last.current, next)) last.current = next;
    return last.current;
  };
  return useSyncExternalStore(subscribe, snapshot);
}

function sameMap<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): boolean {
  return a.size === b.size && [...b].every(([id, value]) => a.get(id) === value);
}
