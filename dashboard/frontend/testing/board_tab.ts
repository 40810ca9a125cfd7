/** What a test asks of a tab with a board. */

import { expect } from "vitest";
import type { Card, ConnectionState, ProjectState } from "../store/types";
import type { Browser, Tab, World } from "./world";

/** A tab with an open project of one card, saved. */
export async function begun(
  world: World,
  browser: Browser,
): Promise<{ tab: Tab; id: string; card: string }> {
  const tab = await browser.tab();
  await world.pass();
  const id = tab.client.workspace.getState().addProject("Launch", "teal");
  const card = add(tab, id, "first");
  await world.pass();
  expect(waiting(tab)).toBe(0);
  return { tab, id, card };
}

export function project(tab: Tab, id: string): ProjectState {
  return tab.client.project(id).store.getState();
}

export function add(tab: Tab, id: string, title: string): string {
  const [column] = project(tab, id).columns;
  return project(tab, id).addCard({ column: column?.id ?? "", before: null }, title);
}

export function connection(tab: Tab): ConnectionState {
  return tab.client.connection.getState();
}

/** What the refused edits of a tab set. */
export function refusedValues(tab: Tab): unknown[] {
  return connection(tab).refused.flatMap(({ changes }) => changes.map(({ after }) => after));
}

export function waiting(tab: Tab): number {
  return connection(tab).waiting;
}

export function titles(state: { cards: ProjectState["cards"] }): string[] {
  return Object.values(state.cards)
    .map((card: Card) => card.title)
    .sort();
}

/** What the hub has on its disk. */
export function stored(world: World, id: string): Record<string, { readonly title: string }> {
  return world.hub.room(`project/${id}`).doc.getMap("cards").toJSON();
}
