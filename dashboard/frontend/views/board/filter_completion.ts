/** What the term at the caret may become: names of people and labels, and the values that a key takes. */

import { folded } from "../../core/card_filter";
import type { Label, Member } from "../../store/types";

export interface Completion {
  /** What is offered, without quotes. */
  readonly name: string;
  /** The filter with it, and where the caret is then. */
  readonly filter: string;
  readonly caret: number;
}

/** Without a quote a term ends with a space. */
const AT_CARET = /(?:^|\s)(-?(@|label:|priority:|is:|due:))("[^"]*|[^"\s]*)$/i;
const MOST = 7;

const VALUES: Readonly<Record<string, readonly string[]>> = {
  "priority:": ["urgent", "high", "medium", "low", "none"],
  "is:": ["open", "done"],
  "due:": ["overdue", "today", "tomorrow", "none", "any"],
};

/** None where no term with names or known values is being typed, or where it is whole already. */
export function completionsAt(
  filter: string,
  caret: number,
  labels: readonly Label[],
  members: readonly Member[],
): readonly Completion[] {
  const [, head = "", key, typed = ""] = AT_CARET.exec(filter.slice(0, caret)) ?? [];
  if (key === undefined) return [];
  const wanted = folded(typed.replace('"', ""));
  const names = namesFor(key.toLowerCase(), labels, members).filter((name) =>
    folded(name).includes(wanted),
  );
  if (names.some((name) => folded(name) === wanted)) return [];
  const start = caret - typed.length - head.length;
  return names.slice(0, MOST).map((name) => {
    const before = `${filter.slice(0, start)}${head}${quoted(name)} `;
    const after = filter.slice(caret).replace(/^[^\s"]*"?\s?/, "");
    return { name, filter: before + after, caret: before.length };
  });
}

function namesFor(
  key: string,
  labels: readonly Label[],
  members: readonly Member[],
): readonly string[] {
  if (key === "@") return ["me", "none", ...distinct(members)];
  if (key === "label:") return [...distinct(labels), "none"];
  return VALUES[key] ?? [];
}

/** A name with a quote in it cannot be written in a term. */
function distinct(all: readonly { readonly name: string }[]): readonly string[] {
  const names = all.map(({ name }) => name).filter((name) => name !== "" && !name.includes('"'));
  return [...new Set(names)];
}

function quoted(name: string): string {
  return /\s/.test(name) ? `"${name}"` : name;
}
