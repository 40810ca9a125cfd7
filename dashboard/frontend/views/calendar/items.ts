/** Entries, others' drags and the cursor as the grid draws them. */

import type { Person } from "../../store/types";
import { addDays, type Span } from "./dates";
import type { CardEntry, Entry, EventEntry } from "./entries";
import type { GridItem } from "./grid";
import { rangeOf } from "./moves";
import type { Cursor, Lift } from "./session";

const ITEMS = new WeakMap<Entry, GridItem>();

/** The same item as long as the entry is the same. */
export function itemOf(entry: Entry, today: string): GridItem {
  const known = ITEMS.get(entry);
  if (known) return known;
  const item = entry.kind === "card" ? cardItem(entry, today) : eventItem(entry);
  ITEMS.set(entry, item);
  return item;
}

function eventItem(entry: EventEntry): GridItem {
  const { status, title } = entry.occurrence;
  const mood = status === "tentative" ? "maybe" : status === "cancelled" ? "cancelled" : "";
  return {
    key: entry.key,
    kind: "event",
    className: `h-${entry.colour} ${mood}`,
    isMovable: true,
    id: entry.event,
    recurrenceId: entry.recurrenceId,
    title,
    start: entry.start,
    end: entry.end,
  };
}

function cardItem(entry: CardEntry, today: string): GridItem {
  const { card, column } = entry;
  const isDone = column?.status === "done";
  const isLate = !isDone && card.due !== null && card.due < today;
  return {
    key: entry.key,
    kind: "card",
    className: ["task", isDone && "done", isLate && "late"].filter(Boolean).join(" "),
    isMovable: true,
    id: card.id,
    recurrenceId: null,
    title: card.title,
    start: entry.start,
    end: entry.end,
  };
}

/** What comes from a document that the person may only look at stays where it is. */
export function held(item: GridItem, lookedAt: readonly string[]): GridItem {
  const isHeld = lookedAt.some((document) => item.key.startsWith(`${document}/`));
  return isHeld ? { ...item, isMovable: false } : item;
}

/** In a list a card stands once, on its last day: that is when it is due. */
export function listed(item: GridItem): GridItem {
  if (item.kind !== "card") return item;
  return { ...item, start: addDays(item.end, -1) };
}

/** An entry that is in the air stands where it would land. */
export function lifted(item: GridItem, lift: Lift | null): GridItem {
  if (lift?.key !== item.key) return item;
  const className = `${item.className} ${lift.by === "keyboard" ? "lifted" : "asked"}`;
  return { ...item, ...lift.to, className };
}

/** The entry that is chosen; of a series chosen as a whole, each one. */
export function picked(item: GridItem, selection: string | null): GridItem {
  const isPicked =
    selection !== null && (item.key === selection || item.key.startsWith(`${selection}/`));
  return isPicked ? { ...item, className: `${item.className} picked` } : item;
}

export const DRAFT_KEY = "draft";

/** Where an event will be, while it is being named. */
export function draftItem(span: Span, colour: string, title: string): GridItem {
  return {
    key: DRAFT_KEY,
    kind: "draft",
    className: `cal-draft h-${colour}`,
    isMovable: false,
    id: "",
    recurrenceId: null,
    title,
    ...span,
  };
}

/** What somebody else holds: a copy with their name, over the thing itself. */
export interface Ghost extends Span {
  readonly person: Person;
  readonly entry: Entry;
}

export function ghostItem({ person, entry, start, end }: Ghost): GridItem {
  const id = entry.kind === "card" ? entry.card.id : entry.event;
  const title = entry.kind === "card" ? entry.card.title : entry.occurrence.title;
  const tint = entry.kind === "card" ? "task" : `h-${entry.colour}`;
  return {
    key: `ghost/${person.id}`,
    kind: "ghost",
    className: `cal-ghost ${tint} p-${person.colour}`,
    isMovable: false,
    id,
    recurrenceId: null,
    title,
    start,
    end,
  };
}

export function cursorItem({ anchor, at }: Cursor): GridItem {
  const span = rangeOf(anchor, at);
  return {
    key: "cursor",
    kind: "cursor",
    className: "cal-cursor",
    isMovable: false,
    id: "",
    recurrenceId: null,
    title: "",
    ...span,
  };
}
