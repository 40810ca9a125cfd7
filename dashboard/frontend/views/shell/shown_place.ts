/** What an address shows: `/` is the first page of the workspace, else its first project. */

import { useMemo } from "react";
import { useStore } from "zustand";
import type { MoimClient, WorkspaceState } from "../../store/types";
import type { Place, Route } from "./route";

type Entries = Pick<WorkspaceState, "pages" | "projects" | "calendars">;

/** Null when the workspace holds nothing that could be shown. */
export function placeOf(route: Route, { pages, projects, calendars }: Entries): Place | null {
  if (route.kind !== "home") return route;
  if (pages[0]) return { kind: "page", id: pages[0].id, entity: null };
  if (projects[0]) return { kind: "project", id: projects[0].id, entity: null };
  if (calendars[0]) return { kind: "calendar", id: calendars[0].id, entity: null };
  return null;
}

export function useShownPlace(client: MoimClient, route: Route): Place | null {
  const pages = useStore(client.workspace, (state) => state.pages);
  const projects = useStore(client.workspace, (state) => state.projects);
  const calendars = useStore(client.workspace, (state) => state.calendars);
  return useMemo(
    () => placeOf(route, { pages, projects, calendars }),
    [route, pages, projects, calendars],
  );
}
