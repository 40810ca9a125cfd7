/** An edit in words, as a list shows it: what was set, from which value to which. */

import type { Change } from "../../store/types";
import { fieldWord } from "../board/fields";
import type { WordKey, Words } from "../language";
import { type Register, registerOf } from "./registers";
import { type Known, quoted, valueWords } from "./value_words";

const MOST_TOLD = 3;

const NEW: Readonly<Record<string, WordKey>> = {
  cards: "outbox.newCard",
  columns: "notice.newColumn",
  labels: "card.newLabel",
  items: "notice.newItem",
  comments: "notice.newComment",
  events: "event.new",
  cells: "notice.newCell",
  projects: "nav.newProject",
  calendars: "nav.newCalendar",
  pages: "nav.newPage",
  members: "notice.joined",
};

const GONE: Readonly<Record<string, WordKey>> = {
  cards: "notice.deletedCard",
  columns: "notice.deletedColumn",
  items: "notice.deletedItem",
  comments: "notice.deletedComment",
  events: "notice.deletedEvent",
  cells: "notice.deletedCell",
  projects: "notice.deletedProject",
  calendars: "notice.deletedCalendar",
  pages: "notice.deletedPage",
};

/** What a field is called; of a card, a comment, a column or an event. */
export function registerWord({ root, field }: Register, words: Words): string {
  const word = field === null ? null : fieldWord(field, words);
  if (word === null) return words.t("outbox.change");
  return root === "items" && field === "title" ? words.t("notice.item") : word;
}

/** "Due: Thu 26 → Fri 27", "New card: “Book the venue”", "Notes: “and bring”". */
export function changeWords(document: string, change: Change, known: Known): string {
  const { words } = known;
  const register = registerOf(document, change.path);
  if (register.field === null) return wholeWords(register, change, words);
  if (register.field === "deleted") return deletionWords(register, change, words);
  const field = registerWord(register, words);
  if (change.isText) return textWords(field, change, words);
  if (register.member !== null) return memberWords(field, register, change, known);
  const after = valueWords(register, change.after, known);
  if (change.before === null || change.before === undefined)
    return words.t("notice.set", { field, after });
  return words.t("notice.changed", {
    field,
    before: valueWords(register, change.before, known),
    after,
  });
}

function wholeWords({ root }: Register, { after }: Change, words: Words): string {
  const isThere = after !== null && after !== undefined;
  const what = words.t((isThere ? NEW : GONE)[root] ?? "outbox.change");
  const name = nameIn(after);
  return name === null ? what : words.t("notice.set", { field: what, after: quoted(name, words) });
}

/** The title or name of an entity that is told as a whole. */
function nameIn(value: unknown): string | null {
  if (typeof value !== "object" || value === null) return null;
  const { title, name } = value as { readonly title?: unknown; readonly name?: unknown };
  const found = title ?? name;
  return typeof found === "string" && found !== "" ? found : null;
}

function deletionWords({ root }: Register, { after }: Change, { t }: Words): string {
  const isDeleted = after !== null && after !== undefined;
  return isDeleted ? t(GONE[root] ?? "field.deleted") : t("notice.restored");
}

function textWords(field: string, { after }: Change, words: Words): string {
  if (typeof after !== "string" || after.trim() === "") return words.t("notice.shorter", { field });
  return words.t("notice.set", { field, after: quoted(after, words) });
}

function memberWords(field: string, register: Register, change: Change, known: Known): string {
  const who = valueWords(register, change.after ?? change.before, known);
  const key = change.after ? "notice.added" : "notice.removed";
  return known.words.t(key, { field, who });
}

/** All that an edit did, the most telling first; paths alone where nothing more is known. */
export function editWords({ document, changes, touched }: Edit, known: Known): string {
  if (changes.length === 0) return wordsOfEdit(touched, known.words);
  const told = topmost(changes).map((change) => changeWords(document, change, known));
  const all = [...new Set(told)];
  const more = all.length - MOST_TOLD;
  const shown = all.slice(0, MOST_TOLD).join(", ");
  return more > 0 ? known.words.t("cell.andMore", { names: shown, n: more }) : shown;
}

export interface Edit {
  readonly document: string;
  readonly changes: readonly Change[];
  readonly touched: readonly string[];
}

/** A new entity says its own fields already; where a thing stands is told when nothing else is. */
function topmost(changes: readonly Change[]): readonly Change[] {
  const whole = new Set(
    changes.filter(({ path }) => path.split("/").length === 2).map(({ path }) => path),
  );
  const rest = changes.filter(({ path }) => {
    const entity = path.split("/").slice(0, 2).join("/");
    return path === entity || !whole.has(entity);
  });
  const telling = rest.filter(({ path }) => !/\/(place|created|number|edited)$/.test(path));
  return telling.length > 0 ? telling : rest;
}

/** What an edit set, by its paths alone: "Due", "New card". */
export function wordsOfEdit(touched: readonly string[], words: Words): string {
  if (touched.some((path) => /^cards\/[^/]+$/.test(path))) return words.t("outbox.newCard");
  const fields = touched.map((path) => {
    const { field } = registerOf("", path);
    return (field === null ? null : fieldWord(field, words)) ?? words.t("outbox.change");
  });
  return [...new Set(fields)].slice(0, MOST_TOLD).join(", ") || words.t("outbox.change");
}

/** The author's own text, to be put on the clipboard: as it was written, one change a line. */
export function copyOf({ document, changes }: Omit<Edit, "touched">, known: Known): string {
  return changes
    .map((change) => {
      const { after, isText } = change;
      if (typeof after === "string" && (isText || isPlain(document, change.path))) return after;
      return changeWords(document, change, known);
    })
    .join("\n");
}

function isPlain(document: string, path: string): boolean {
  const { field } = registerOf(document, path);
  return field !== null && ["title", "name", "location", "description", "url"].includes(field);
}
