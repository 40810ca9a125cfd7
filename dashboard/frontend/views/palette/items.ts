/** What the palette lists: places, actions and people, and how each is chosen. */

import {
  CalendarDays,
  CircleUserRound,
  FileText,
  History,
  Keyboard,
  Languages,
  Link,
  type LucideIcon,
  NotebookText,
  Plus,
  SquareKanban,
  SunMoon,
  Undo2,
  UserRound,
  Zap,
} from "lucide-react";
import type { StoreApi } from "zustand/vanilla";
import type { Line } from "../../store/searchable";
import type { EntryKind, MoimClient, WorkspaceState } from "../../store/types";
import type { BoardFrame } from "../board/frame";
import { languageStore, setLanguage, type WordKey, type Words } from "../language";
import { mayEdit } from "../role";
import { copyLink } from "../shell/copy_link";
import { addEntry, entriesOf, entryOf, KINDS } from "../shell/entries";
import { addressOf, documentOf, type Place, placeIn, type RouteStore } from "../shell/route";
import { keysOf, type ShortcutName } from "../shortcuts";
import { setTheme, themeStore } from "../theme";
import type { ToastState } from "../toast";
import { type Prepared, prepare } from "./matching";
import type { Offered } from "./offered";

export type Group = "recent" | "actions" | "go" | "found" | "people";

/** One line of the palette. */
export interface Item {
  readonly key: string;
  readonly group: Group;
  readonly icon: LucideIcon;
  readonly title: string;
  /** Where it is, or what it says. */
  readonly detail: string;
  readonly keys: readonly string[];
  readonly prepared: Prepared;
  readonly run: () => void;
}

/** What the palette works with. */
export interface PaletteContext {
  readonly client: MoimClient;
  readonly routes: RouteStore;
  readonly frame: BoardFrame;
  readonly place: Place | null;
  readonly toasts: StoreApi<ToastState>;
  readonly offered: Offered;
  readonly words: Words;
  readonly onSheet: () => void;
}

const KIND_ICONS: Readonly<Record<EntryKind, LucideIcon>> = {
  page: NotebookText,
  project: SquareKanban,
  calendar: CalendarDays,
};
const LINE_ICONS: Readonly<Record<EntryKind, LucideIcon>> = {
  page: FileText,
  project: FileText,
  calendar: CalendarDays,
};
const ORDER: readonly EntryKind[] = ["page", "project", "calendar"];

/** All documents of the workspace, in the order of the navigation. */
export function placesOf(workspace: WorkspaceState): readonly Place[] {
  return ORDER.flatMap((kind) =>
    entriesOf(workspace, kind).map(({ id }) => ({ kind, id, entity: null })),
  );
}

/** A document of the workspace; null when it is none (any more). */
export function documentItem(place: Place, group: Group, context: PaletteContext): Item | null {
  const { client, words, routes } = context;
  const entry = entryOf(client.workspace.getState(), place);
  if (entry === undefined) return null;
  const title = entry.name || words.t("nav.untitled");
  return {
    key: `${group} ${addressOf(place)}`,
    group,
    icon: group === "recent" ? History : KIND_ICONS[place.kind],
    title,
    detail: words.t(KINDS[place.kind].words.heading),
    keys: [],
    prepared: prepare(title),
    run: () => routes.go(place),
  };
}

/** A card, an event or a cell; `detail` says what was found in it, else where it is. */
export function lineItem(
  line: Line,
  prepared: Prepared,
  group: Group,
  detail: string,
  { client, words, routes }: PaletteContext,
): Item | null {
  const place = placeIn(line.document, line.entity);
  const entry = place && entryOf(client.workspace.getState(), place);
  if (!place || !entry) return null;
  const where = line.number === null ? entry.name : `${entry.name} #${line.number}`;
  return {
    key: `${group} ${addressOf(place)}`,
    group,
    icon: group === "recent" ? History : LINE_ICONS[place.kind],
    title: line.title || words.t("nav.untitled"),
    detail: detail === "" ? where : `${where} · ${detail}`,
    keys: [],
    prepared,
    run: () => routes.go(place),
  };
}

export function actionItems(context: PaletteContext): readonly Item[] {
  const { offered, words, toasts } = context;
  const undo = toasts.getState().toast?.action;
  return [
    ...offered.actions.map(({ title, shortcut, run }) => action(words, title, Zap, run, shortcut)),
    ...(undo ? [action(words, "app.undo", Undo2, () => takeBack(toasts), "undo")] : []),
    ...documentActions(context),
    ...pageActions(context),
  ];
}

function takeBack(toasts: StoreApi<ToastState>): void {
  const undo = toasts.getState().toast?.action;
  toasts.setState({ toast: null });
  undo?.run();
}

/** Making documents, and the address of this one. */
function documentActions({ client, routes, place, toasts, words }: PaletteContext): Item[] {
  const workspace = client.workspace.getState();
  const makes = mayEdit(workspace) ? ORDER : [];
  const made = makes.map((kind) => {
    const name = KINDS[kind].words.add;
    return action(words, name, Plus, () => {
      const id = addEntry(workspace, kind, words.t(name));
      routes.go({ kind, id, entity: null });
    });
  });
  if (place === null) return made;
  return [action(words, "app.copyLink", Link, () => void copyLink(place, toasts, words)), ...made];
}

function pageActions({ client, words, onSheet }: PaletteContext): Item[] {
  const isDark = themeStore.getState().theme === "dark";
  const isKorean = languageStore.getState().language === "ko";
  const found = [
    action(words, isDark ? "app.themeLight" : "app.themeDark", SunMoon, () =>
      setTheme(isDark ? "light" : "dark"),
    ),
    action(words, "app.switchLanguage", Languages, () => setLanguage(isKorean ? "en" : "ko")),
    action(words, "palette.shortcuts", Keyboard, onSheet, "sheet"),
  ];
  if (client.connection.getState().signedIn)
    found.push(action(words, "app.account", CircleUserRound, () => location.assign("/account")));
  return found;
}

function action(
  { t }: Words,
  name: WordKey,
  icon: LucideIcon,
  run: () => void,
  shortcut: ShortcutName | null = null,
): Item {
  const title = t(name);
  const keys = shortcut === null ? [] : keysOf(shortcut);
  const prepared = prepare(title);
  return { key: `action ${name}`, group: "actions", icon, title, detail: "", keys, prepared, run };
}

/** Members: choosing one shows their cards, on the board at hand or on the first. */
export function peopleItems({ client, routes, frame, place, words }: PaletteContext): Item[] {
  const { members, projects } = client.workspace.getState();
  const project = place?.kind === "project" ? place.id : projects[0]?.id;
  if (project === undefined) return [];
  return Object.values(members).map(({ id, name }) => ({
    key: `person ${id}`,
    group: "people",
    icon: UserRound,
    title: name,
    detail: words.t("palette.cardsOf"),
    keys: [],
    prepared: prepare(name),
    run: () => {
      frame.setState({ project, selection: null, isOpen: false, filter: name });
      routes.go({ kind: "project", id: project, entity: null });
    },
  }));
}

/** The documents that are looked through, those of recent places first. */
export function documentsToSearch(
  workspace: WorkspaceState,
  recent: readonly Place[],
  most: number,
): { readonly searched: readonly string[]; readonly left: number } {
  const all = placesOf(workspace).map(documentOf);
  const known = new Set(all);
  const first = recent.map(documentOf).filter((document) => known.has(document));
  const ordered = [...new Set([...first, ...all])];
  return { searched: ordered.slice(0, most), left: Math.max(0, ordered.length - most) };
}
