/** Holds a store of the client as long as a component is mounted. */

import { useEffect, useState } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { CalendarState } from "../store/calendar_types";
import type { PageState } from "../store/page_types";
import type { Held, MoimClient, PresenceState, ProjectState } from "../store/types";

function useHeld<State>(hold: () => Held<State> | null, client: MoimClient, id: string | null) {
  const [store, setStore] = useState<StoreApi<State> | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `hold` is a closure over these two
  useEffect(() => {
    const held = hold();
    if (!held) return;
    setStore(held.store);
    return () => {
      setStore(null);
      held.release();
    };
  }, [client, id]);
  return store;
}

export function useProject(client: MoimClient, id: string): StoreApi<ProjectState> | null {
  return useHeld(() => client.project(id), client, id);
}

export function useCalendar(client: MoimClient, id: string): StoreApi<CalendarState> | null {
  return useHeld(() => client.calendar(id), client, id);
}

export function usePage(client: MoimClient, id: string): StoreApi<PageState> | null {
  return useHeld(() => client.page(id), client, id);
}

/** Null too as long as there is no project to be present in. */
export function usePresence(
  client: MoimClient,
  project: string | null,
): StoreApi<PresenceState> | null {
  return useDocumentPresence(client, project === null ? null : `project/${project}`);
}

/** Null too as long as there is no document to be present in. */
export function useDocumentPresence(
  client: MoimClient,
  document: string | null,
): StoreApi<PresenceState> | null {
  const hold = () => (document === null ? null : client.presence(document));
  return useHeld(hold, client, document);
}
