/** A register's value in words: a date as people write it, a column by its name, a person by theirs. */

import type { When } from "../../store/calendar_types";
import type { Column, Label, Member, PageEntry } from "../../store/types";
import { momentWords, whenWords } from "../calendar/moment_words";
import type { WordKey, Words } from "../language";
import { shortName } from "../names";
import type { Register } from "./registers";

/** What must be known to name what a value points at; what is missing is told by its id. */
export interface Known {
  readonly words: Words;
  /** The calendar day where the person is. */
  readonly today: string;
  readonly members: Readonly<Record<string, Member>>;
  readonly columns: readonly Column[];
  readonly labels: readonly Label[];
  /** Projects and calendars of the workspace. */
  readonly entries: readonly PageEntry[];
}

type Teller = (value: string | number | readonly unknown[], known: Known) => string;

const LONGEST = 80;

/** Text that somebody wrote, in the language's quotation marks. */
export function quoted(text: string, { t }: Words): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  const told = line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
  return t("notice.quoted", { text: told });
}

const day: Teller = (value, { today, words }) => momentWords(String(value), today, words.language);

const choice =
  (family: string): Teller =>
  (value, { words }) =>
    words.t(`${family}.${value}` as WordKey);

const FIELDS: Readonly<Record<string, Teller>> = {
  due: day,
  start: day,
  priority: choice("priority"),
  colour: choice("hue"),
  view: choice("calview"),
  kind: choice("cell"),
  estimate: (value, { words: { t } }) => t("estimate.points", { n: Number(value) }),
  limit: (value, { words: { language } }) => new Intl.NumberFormat(language).format(Number(value)),
  height: (value, { words: { t } }) => t("notice.px", { n: Number(value) }),
  place: (value, { columns, words: { t } }) => {
    const [column = ""] = String(value).split("|");
    return columns.find(({ id }) => id === column)?.name ?? t("notice.elsewhere");
  },
  project: (value, { entries }) => entries.find(({ id }) => id === value)?.name ?? String(value),
  when: (value, { today, words }) =>
    isWhen(value) ? whenWords(value, today, words.language) : String(value),
  done: (_value, { words: { t } }) => t("notice.done"),
  excluded: (_value, { words: { t } }) => t("scope.excluded"),
  deleted: (value, { members, words: { t } }) => {
    const who = Array.isArray(value) ? members[String(value[0])]?.name : undefined;
    return who ? t("notice.deletedBy", { name: shortName(who) }) : t("field.deleted");
  },
};

function isWhen(value: unknown): value is When {
  return (
    Array.isArray(value) && value.length === 3 && value.every((part) => typeof part === "string")
  );
}

const STATUS_ROOTS: Readonly<Record<string, string>> = {
  columns: "status",
  events: "event",
  exceptions: "event",
};

function tellerOf({ root, field }: Register): Teller | undefined {
  if (field === "status") return choice(STATUS_ROOTS[root] ?? "status");
  return field === null ? undefined : FIELDS[field];
}

/** Never empty: nothing has a word of its own. */
export function valueWords(register: Register, value: unknown, known: Known): string {
  const { words } = known;
  if (value === null || value === undefined || value === "") return words.t("card.none");
  if (register.member !== null) return memberWords(register, known);
  if (register.field === "rule") return ruleWords(String(value), known);
  if (typeof value !== "string" && typeof value !== "number" && !Array.isArray(value))
    return value === true ? words.t("notice.done") : words.t("outbox.change");
  const teller = tellerOf(register);
  if (teller) return teller(value, known);
  return typeof value === "string" ? quoted(value, words) : String(value);
}

type TellRule = (rule: string, when: When, words: Words) => string;

let tellRule: TellRule | null = null;

/** What tells rules knows zones, and comes with the first calendar that is looked at. */
export function bringRuleWords(tell: TellRule): void {
  tellRule = tell;
}

/** A rule says by itself what matters here; only its first day would be the event's. */
function ruleWords(rule: string, { today, words }: Known): string {
  return tellRule?.(rule, [today, today, ""], words) ?? rule;
}

/** Whom or what a set got or lost. */
function memberWords({ field, member }: Register, known: Known): string {
  const id = member ?? "";
  if (field === "member" || field === "mention")
    return shortName(known.members[id]?.name ?? "") || id;
  if (field === "label") return known.labels.find((label) => label.id === id)?.name ?? id;
  return known.entries.find((entry) => entry.id === id)?.name ?? id;
}

const PLAIN = new Set(["title", "name", "location", "description"]);

/** True for text that can stand beside another one in the same field. */
export function canKeepBoth({ field }: Register, mine: unknown, theirs: unknown): boolean {
  const isText = typeof mine === "string" && typeof theirs === "string";
  return isText && mine !== "" && theirs !== "" && field !== null && PLAIN.has(field);
}
