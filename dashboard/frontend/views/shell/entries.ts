/** Projects, calendars and pages as the navigation handles them: one table, a row a kind. */

import type { EntryKind, Hue, PageEntry, WorkspaceState } from "../../store/types";
import type { WordKey } from "../language";
import type { Place } from "./route";

/** What the navigation lists; pages have no colour. */
export interface Entry extends PageEntry {
  readonly colour?: Hue;
}

export const HUES: readonly Hue[] = [
  "violet",
  "orange",
  "yellow",
  "teal",
  "blue",
  "pink",
  "green",
  "red",
];

interface KindRow {
  /** In order of the navigation. */
  readonly root: "pages" | "projects" | "calendars";
  readonly words: Readonly<Record<"heading" | "add" | "name" | "deleted" | "deletedBy", WordKey>>;
  readonly add: (workspace: WorkspaceState, name: string, colour: Hue) => string;
  readonly set: (workspace: WorkspaceState, id: string, patch: EntryPatch) => void;
  readonly remove: (workspace: WorkspaceState, id: string) => void;
}

export type EntryPatch = Partial<Pick<Entry, "name" | "colour">>;

export const KINDS: Readonly<Record<EntryKind, KindRow>> = {
  page: {
    root: "pages",
    words: {
      heading: "nav.pages",
      add: "nav.newPage",
      name: "nav.pageName",
      deleted: "nav.pageDeleted",
      deletedBy: "gone.page",
    },
    add: (workspace, name) => workspace.addPage(name),
    set: (workspace, id, { name }) => workspace.setPage(id, name === undefined ? {} : { name }),
    remove: (workspace, id) => workspace.deletePage(id),
  },
  project: {
    root: "projects",
    words: {
      heading: "nav.projects",
      add: "nav.newProject",
      name: "nav.projectName",
      deleted: "nav.projectDeleted",
      deletedBy: "gone.project",
    },
    add: (workspace, name, colour) => workspace.addProject(name, colour),
    set: (workspace, id, patch) => workspace.setProject(id, patch),
    remove: (workspace, id) => workspace.deleteProject(id),
  },
  calendar: {
    root: "calendars",
    words: {
      heading: "nav.calendars",
      add: "nav.newCalendar",
      name: "nav.calendarName",
      deleted: "nav.calendarDeleted",
      deletedBy: "gone.calendar",
    },
    add: (workspace, name, colour) => workspace.addCalendar(name, colour),
    set: (workspace, id, patch) => workspace.setCalendar(id, patch),
    remove: (workspace, id) => workspace.deleteCalendar(id),
  },
};

export function entriesOf(workspace: WorkspaceState, kind: EntryKind): readonly Entry[] {
  return workspace[KINDS[kind].root];
}

export function entryOf(workspace: WorkspaceState, place: Place | null): Entry | undefined {
  return place === null
    ? undefined
    : entriesOf(workspace, place.kind).find(({ id }) => id === place.id);
}

/** Makes a document of a kind in the next colour; gives its id. */
export function addEntry(workspace: WorkspaceState, kind: EntryKind, name: string): string {
  const hue = HUES[entriesOf(workspace, kind).length % HUES.length] ?? "violet";
  return KINDS[kind].add(workspace, name, hue);
}
