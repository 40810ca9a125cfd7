/** Holds a store of the client as long as a component is mounted. */

import { useEffect, useState } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { CalendarState } from "../store/calendar_types";
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

export function useCalendarPresence(
  client: MoimClient,
  id: string,
): StoreApi<PresenceState> | null {
  return useHeld(() => client.presence(`calendar/${id}`), client, id);
}

/** Null too as long as there is no project to be present in. */
export function usePresence(
  client: MoimClient,
  project: string | null,
): StoreApi<PresenceState> | null {
  const hold = () => (project === null ? null : client.presence(`project/${project}`));
  return useHeld(hold, client, project);
}
