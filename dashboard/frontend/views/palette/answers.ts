/** What the palette lists for what was typed; without a word, where one was and what one can do. */

import type { Line } from "../../store/searchable";
import { addressOf, documentOf, type Place, samePlace } from "../shell/route";
import {
  actionItems,
  documentItem,
  type Group,
  type Item,
  lineItem,
  type PaletteContext,
  peopleItems,
  placesOf,
} from "./items";
import { excerpt, type Query } from "./matching";
import { best, preparedLine, type Ranked } from "./ranking";

const MOST: Readonly<Record<Group, number>> = {
  recent: 5,
  actions: 6,
  go: 6,
  found: 20,
  people: 4,
};
/** A word that is a document's name means the document, not one of many cards that hold it. */
const AHEAD: Readonly<Record<Group, number>> = {
  recent: 0,
  go: 6,
  actions: 3,
  people: 2,
  found: 0,
};

export interface Section {
  readonly group: Group;
  readonly items: readonly Item[];
}

/** Without a word: recent places, actions, and all documents. */
export function everything(
  context: PaletteContext,
  recent: readonly Place[],
  lines: readonly Line[],
): readonly Section[] {
  const workspace = context.client.workspace.getState();
  const places = recent.filter((one) => context.place === null || !samePlace(one, context.place));
  const sections: Section[] = [
    { group: "recent", items: recentItems(context, places, lines).slice(0, MOST.recent) },
    { group: "actions", items: actionItems(context) },
    {
      group: "go",
      items: placesOf(workspace).flatMap((place) => documentItem(place, "go", context) ?? []),
    },
  ];
  return sections.filter(({ items }) => items.length > 0);
}

function recentItems(
  context: PaletteContext,
  places: readonly Place[],
  lines: readonly Line[],
): readonly Item[] {
  const byAddress = new Map(lines.map((line) => [`${line.document} ${line.entity}`, line]));
  return places.flatMap((place) => {
    if (place.entity === null) return documentItem(place, "recent", context) ?? [];
    const line = byAddress.get(`${documentOf(place)} ${place.entity}`);
    return line ? (lineItem(line, preparedLine(line), "recent", "", context) ?? []) : [];
  });
}

/** The best answers, a section a group, the group with the best first. */
export function answersTo(
  query: Query,
  context: PaletteContext,
  recent: readonly Place[],
  lines: readonly Line[],
): readonly Section[] {
  const workspace = context.client.workspace.getState();
  const documents = placesOf(workspace).flatMap(
    (place) => documentItem(place, "go", context) ?? [],
  );
  const visited = new Set(recent.map(addressOf));
  const found: Ranked<Item>[] = [
    ...bestItems(documents, query, "go"),
    ...bestItems(actionItems(context), query, "actions"),
    ...bestItems(peopleItems(context), query, "people"),
    ...bestLines(lines, query, visited, context),
  ];
  return sectioned(found);
}

function bestItems(items: readonly Item[], query: Query, group: Group): readonly Ranked<Item>[] {
  return best(items, query, MOST[group], ({ prepared }) => prepared);
}

function bestLines(
  lines: readonly Line[],
  query: Query,
  visited: ReadonlySet<string>,
  context: PaletteContext,
): readonly Ranked<Item>[] {
  const ranked = best(lines, query, MOST.found, preparedLine).flatMap(({ of: line, score }) => {
    const detail = excerpt(query, line.title, line.text);
    const item = lineItem(line, preparedLine(line), "found", detail, context);
    if (item === null) return [];
    return { of: item, score: score + (visited.has(item.key.split(" ")[1] ?? "") ? 5 : 0) };
  });
  return ranked.sort((one, other) => other.score - one.score);
}

function sectioned(found: readonly Ranked<Item>[]): readonly Section[] {
  const groups = new Map<Group, Ranked<Item>[]>();
  for (const one of found) {
    const of = groups.get(one.of.group) ?? [];
    of.push(one);
    groups.set(one.of.group, of);
  }
  const top = ([group, ranked]: [Group, Ranked<Item>[]]) => (ranked[0]?.score ?? 0) + AHEAD[group];
  return [...groups]
    .sort((one, other) => top(other) - top(one))
    .map(([group, ranked]) => ({ group, items: ranked.map(({ of }) => of) }));
}
