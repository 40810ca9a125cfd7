/** The documents that notices are about: opened while one looks at them, to call things by name. */

import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { CalendarState } from "../../store/calendar_types";
import type { PageState } from "../../store/page_types";
import type {
  Column,
  Held,
  Label,
  MoimClient,
  ProjectState,
  WorkspaceState,
} from "../../store/types";
import { useWords, type Words } from "../language";
import { useToday } from "../today";
import { type Register, registerOf } from "./registers";
import { bringRuleWords, type Known } from "./value_words";

/** Parts of whichever kind of state a document has; those of other kinds are not there. */
export type AnyState = Partial<
  Pick<ProjectState, "role" | "cards" | "columns" | "labels" | "checklists" | "comments"> &
    Pick<CalendarState, "events"> &
    Pick<PageState, "cells">
>;

const NOTHING: StoreApi<AnyState> = createStore<AnyState>(() => ({}));
const NO_COLUMNS: readonly Column[] = [];
const NO_LABELS: readonly Label[] = [];

/** Calendars come with code of their own, which a page with a board only has not loaded. */
async function hold(client: MoimClient, document: string): Promise<Held<AnyState> | null> {
  const [kind, id = ""] = document.split("/");
  if (kind === "project") return client.project(id) as Held<AnyState>;
  if (kind === "page") return client.page(id) as Held<AnyState>;
  if (kind !== "calendar") return null;
  const [rules] = await Promise.all([
    import("../calendar/rule_words"),
    import("../../store/page_calendars"),
  ]);
  bringRuleWords(rules.describeRule);
  return client.calendar(id) as Held<AnyState>;
}

export function useAnyState(client: MoimClient, document: string): AnyState {
  const [store, setStore] = useState(NOTHING);
  useEffect(() => {
    let isOver = false;
    let release = () => {};
    void hold(client, document).then((held) => {
      if (held === null) return;
      if (isOver) return held.release();
      release = held.release;
      setStore(held.store);
    });
    return () => {
      isOver = true;
      release();
      setStore(NOTHING);
    };
  }, [client, document]);
  return useStore(store);
}

/** What values of a document point at, by name. */
export function useKnown(client: MoimClient, { columns, labels }: AnyState): Known {
  const words = useWords();
  const today = useToday();
  const members = useStore(client.workspace, (state) => state.members);
  const projects = useStore(client.workspace, (state) => state.projects);
  const calendars = useStore(client.workspace, (state) => state.calendars);
  return useMemo(
    () => ({
      words,
      today,
      members,
      columns: columns ?? NO_COLUMNS,
      labels: labels ?? NO_LABELS,
      entries: [...projects, ...calendars],
    }),
    [words, today, members, columns, labels, projects, calendars],
  );
}

/** The card that an item or a comment belongs to; null for all else. */
export function cardOf({ root, id }: Register, state: AnyState): string | null {
  if (root === "cards") return id;
  if (root === "items") return keyOf(state.checklists ?? {}, id);
  return root === "comments" ? keyOf(state.comments ?? {}, id) : null;
}

/** The list that holds an entity. */
function keyOf(
  lists: Readonly<Record<string, readonly { readonly id: string }[]>>,
  id: string,
): string | null {
  const found = Object.entries(lists).find(([, all]) => all.some((entity) => entity.id === id));
  return found?.[0] ?? null;
}

/** The title of the card, event or cell that a path is about; null for what has none. */
function titleOf(register: Register, state: AnyState, { t }: Words): string | null {
  const card = cardOf(register, state);
  if (card !== null) {
    const known = state.cards?.[card];
    return known ? known.title || t("card.untitled") : null;
  }
  const { root, id } = register;
  if (root === "events" || root === "exceptions") {
    const event = state.events?.[id];
    return event ? event.title || t("event.untitled") : null;
  }
  if (root === "columns") return state.columns?.find((column) => column.id === id)?.name ?? null;
  return root === "cells" ? (state.cells?.find((cell) => cell.id === id)?.title ?? null) : null;
}

/** The name of a document in the workspace. */
function nameOf(document: string, workspace: WorkspaceState, { t }: Words): string {
  const [kind, id] = document.split("/");
  const { projects, calendars, pages } = workspace;
  const entries = { project: projects, calendar: calendars, page: pages }[kind ?? ""];
  if (!entries) return workspace.name || t("app.workspace");
  return entries.find((entry) => entry.id === id)?.name || t("nav.untitled");
}

/** "Book the venue · Launch": where a path lies, for people. */
export function whereWords(
  document: string,
  path: string | null,
  state: AnyState,
  workspace: WorkspaceState,
  words: Words,
): string {
  const place = nameOf(document, workspace, words);
  const title = path === null ? null : titleOf(registerOf(document, path), state, words);
  return title ? `${title} · ${place}` : place;
}
