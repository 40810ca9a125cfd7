/** The workspace as the navigation reads it: its projects in order, its members. */

import * as Y from "yjs";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { SharedDocument } from "../core/document";
import { comparePlaced, insertAt } from "../core/place";
import { newNamedId } from "./ids";
import { type Author, MIDDLE } from "./project_actions";
import { WORKSPACE } from "./schema";
import { entities, fieldsOf, listed, setFields, shared, type View } from "./shared";
import type { Hue, Member, ProjectEntry, WorkspaceState } from "./types";

type Fields = Readonly<Record<string, unknown>>;

export interface WorkspaceOptions extends Author {
  /** Makes the document of a new project. */
  readonly createProject: (id: string, name: string) => void;
}

export function workspaceStore(
  document: SharedDocument,
  options: WorkspaceOptions,
): StoreApi<WorkspaceState> {
  return createStore<WorkspaceState>()(
    shared(document, WORKSPACE_VIEW, (write, get) => ({
      addProject(name, colour) {
        checkAll("projects", { name, colour });
        const id = newNamedId(name, options.random);
        const keys = get().projects.map((project) => project.key);
        const { key: place } = insertAt(keys, keys.length, options.random);
        const fields = { name, colour, place, created: options.now() };
        write((doc) => doc.getMap("projects").set(id, new Y.Map(Object.entries(fields))));
        options.createProject(id, name);
        return id;
      },

      setProject(id, patch) {
        checkAll("projects", patch);
        write((doc) => setFields(fieldsOf(doc, "projects", id) ?? new Y.Map(), patch));
      },

      deleteProject(id) {
        const deleted = [options.me(), options.now()];
        write((doc) => fieldsOf(doc, "projects", id)?.set("deleted", deleted));
      },

      setWorkspace(patch) {
        checkAll("info", patch);
        write((doc) => setFields(doc.getMap("info"), patch));
      },
    })),
  );
}

/** Notes who writes here, so that others can see a name and give them a card. */
export function addMember(doc: Y.Doc, { id, name, colour }: Member): void {
  checkAll("members", { name, colour });
  doc.transact(() => {
    const known = fieldsOf(doc, "members", id);
    if (known) setFields(known, { name, colour });
    else doc.getMap("members").set(id, new Y.Map(Object.entries({ name, colour })));
  });
}

const WORKSPACE_VIEW: View<WorkspaceState> = {
  content(doc, previous, changes) {
    const name = WORKSPACE.info.read("name", doc.getMap("info").get("name"));
    return {
      name: typeof name === "string" ? name : "",
      projects: listed(
        doc,
        "projects",
        previous?.projects ?? [],
        changes,
        readProject,
        comparePlaced,
      ),
      members: entities(doc, "members", previous?.members ?? {}, changes, readMember),
    };
  },

  status: (document) => ({ ready: document.ready }),
};

function readProject(id: string, fields: Y.Map<unknown>): ProjectEntry | null {
  const read = (name: string) => WORKSPACE.projects.read(name, fields.get(name));
  if (read("deleted") !== null) return null;
  return {
    id,
    name: String(read("name") ?? ""),
    colour: (read("colour") ?? "blue") as Hue,
    key: String(read("place") ?? MIDDLE),
  };
}

function readMember(id: string, fields: Y.Map<unknown>): Member {
  const read = (name: string) => WORKSPACE.members.read(name, fields.get(name));
  return { id, name: String(read("name") ?? ""), colour: (read("colour") ?? "blue") as Hue };
}

function checkAll(root: keyof typeof WORKSPACE, patch: Fields): void {
  for (const [name, value] of Object.entries(patch))
    if (value !== undefined) WORKSPACE[root].check(name, value);
}
