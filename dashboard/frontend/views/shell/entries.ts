/** Projects, calendars and pages as the shell handles them: one table a kind. */

import type { Hue, PageEntry, WorkspaceState } from "../../store/types";
import type { Place, PlaceKind } from "./route";

/** What the navigation lists; pages have no colour. */
export interface Entry extends PageEntry {
  readonly colour?: Hue;
}

const ROOTS = { project: "projects", calendar: "calendars", page: "pages" } as const;

export function entriesOf(workspace: WorkspaceState, kind: PlaceKind): readonly Entry[] {
  return workspace[ROOTS[kind]];
}

export function entryOf(workspace: WorkspaceState, place: Place | null): Entry | undefined {
  return place === null
    ? undefined
    : entriesOf(workspace, place.kind).find(({ id }) => id === place.id);
}
