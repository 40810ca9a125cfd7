/**
 * The language of board filters: `@me due<7d label:bug -"two words"`. `moim_data/documents/card_filter.py`
 * reads it the same way; both are held to `tests/vectors/filter.json`. What is no term of the language is a
 * word to look for, so that any text is a filter.
 */

export type Than = ":" | "<" | "<=" | ">" | ">=";

/** What a card must be, or must not be. */
export type Term = { readonly not: boolean } & (
  | { readonly kind: "word" | "person" | "label" | "priority" | "is"; readonly value: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "due"; readonly value: "overdue" | "none" | "any" }
  /** From today on. */
  | { readonly kind: "due"; readonly than: Than; readonly days: number }
  | { readonly kind: "due"; readonly than: Than; readonly date: string }
);

export type FilterKey = "due" | "priority" | "is" | "label";

/** A term whose value says nothing; it filters nothing. */
export interface Problem {
  readonly term: string;
  readonly key: FilterKey;
}

export interface CardFilter {
  readonly terms: readonly Term[];
  readonly problems: readonly Problem[];
}

const TERM = /(?:[^\s"]|"[^"]*(?:"|$))+/g;
const KEYED = /^(?:(label|priority|is):|(due)(:|<=|>=|<|>))(.*)$/is;
const AHEAD = /^(\d{1,4})([dw])$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const PRIORITIES: readonly string[] = ["low", "medium", "high", "urgent", "none"];
const STATES: readonly string[] = ["done", "open"];
const DAYS_A_WEEK = 7;

/** Compared without case; NFC because some systems type Korean in pieces (NFD). */
export function folded(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

export function readFilter(filter: string): CardFilter {
  const terms: Term[] = [];
  const problems: Problem[] = [];
  for (const [raw] of filter.matchAll(TERM)) {
    const not = raw.startsWith("-") && raw.length > 1;
    const found = termOf(not ? raw.slice(1) : raw, not);
    if ("key" in found) problems.push({ term: raw, key: found.key });
    else terms.push(found);
  }
  return { terms, problems };
}

function termOf(text: string, not: boolean): Term | { readonly key: FilterKey } {
  const [, key, due, than, given] = KEYED.exec(text) ?? [];
  const value = folded((given ?? text).replaceAll('"', ""));
  if (due !== undefined) return dueTerm(than as Than, value, not) ?? { key: "due" };
  if (key !== undefined) return keyedTerm(key.toLowerCase() as Keyed, value, not);
  if (/^#\d{1,9}$/.test(value)) return { not, kind: "number", value: Number(value.slice(1)) };
  if (/^@./s.test(value)) return { not, kind: "person", value: value.slice(1) };
  return { not, kind: "word", value };
}

type Keyed = Exclude<FilterKey, "due">;

function keyedTerm(key: Keyed, value: string, not: boolean): Term | { readonly key: FilterKey } {
  const known = { label: null, priority: PRIORITIES, is: STATES }[key];
  const isKnown = known === null ? value !== "" : known.includes(value);
  return isKnown ? { not, kind: key, value } : { key };
}

function dueTerm(than: Than, value: string, not: boolean): Term | null {
  const term = { not, kind: "due", than } as const;
  if (value === "today" || value === "tomorrow")
    return { ...term, days: value === "today" ? 0 : 1 };
  if (than === ":" && (value === "overdue" || value === "none" || value === "any"))
    return { not, kind: "due", value };
  if (isDay(value)) return { ...term, date: value };
  const [, count, unit] = AHEAD.exec(value) ?? [];
  if (count === undefined) return null;
  return { ...term, days: Number(count) * (unit === "w" ? DAYS_A_WEEK : 1) };
}

function isDay(value: string): boolean {
  if (!DAY.test(value)) return false;
  const at = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(value);
}
