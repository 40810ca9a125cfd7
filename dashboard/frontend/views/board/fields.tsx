/**
 * The small fields of a card, one row each in CARD_FIELDS, for its popover and its panel. A new field is its line in the schema, its
 * part of this file (the type as views read it, the chip, the editor) and its name in the string
 * tables; `estimate` is written as the example.
 */

import { Calendar, Gauge, X } from "lucide-react";
import type { ReactNode } from "react";
import type { Card, CardPatch, Column, Priority } from "../../store/types";
import { Icon, PriorityMark } from "../icons";
import type { WordKey, Words } from "../language";
import { TypedField } from "../typed_field";
import { dueOf } from "./due";

export interface FieldView {
  readonly card: Card;
  readonly column: Column;
  readonly words: Words;
  /** The calendar day where the person is, `YYYY-MM-DD`. */
  readonly today: string;
}

export interface FieldEdit extends FieldView {
  readonly set: (patch: CardPatch) => void;
}

export interface CardField {
  /** The register's name; also what others read in "Minji is editing …". */
  readonly name: keyof CardPatch;
  readonly title: WordKey;
  /** On the card; null when there is nothing to say. */
  readonly chip: (view: FieldView) => ReactNode;
  /** In the card's popover and in its panel. */
  readonly editor: (edit: FieldEdit) => ReactNode;
  /** What is wrong with the value, in words; it stands at the field. */
  readonly problem?: (view: FieldView) => string | null;
}

const PRIORITIES: readonly Priority[] = ["low", "medium", "high", "urgent"];

const priority: CardField = {
  name: "priority",
  title: "field.priority",
  chip: ({ card, words: { t } }) => {
    if (!card.priority) return null;
    const label = t("priority.label", { priority: t(`priority.${card.priority}`) });
    return (
      <span role="img" aria-label={label} title={label}>
        <PriorityMark priority={card.priority} />
      </span>
    );
  },
  editor: ({ card, words: { t }, set }) => (
    <span className="seg choices">
      {PRIORITIES.map((one) => (
        <button
          key={one}
          type="button"
          title={t(`priority.${one}`)}
          aria-label={t(`priority.${one}`)}
          aria-pressed={card.priority === one}
          onClick={() => set({ priority: card.priority === one ? null : one })}
        >
          <PriorityMark priority={one} />
        </button>
      ))}
    </span>
  ),
};

const due: CardField = {
  name: "due",
  title: "field.due",
  chip: ({ card, column, words, today }) => {
    if (!card.due) return null;
    const { text, tone } = dueOf(card.due, today, column.status === "done", words);
    const spoken = tone === "late" ? words.t("due.late", { date: text }) : text;
    const label = words.t("due.label", { date: spoken });
    return (
      <span className={tone ?? undefined} role="img" title={label} aria-label={label}>
        <Icon of={Calendar} />
        {text}
      </span>
    );
  },
  editor: ({ card, words, set }) => (
    <DateField
      value={card.due}
      label={words.t("field.due")}
      words={words}
      onChosen={(due) => set({ due })}
    />
  ),
};

/** Only the end of a card's time stands on the board. */
const start: CardField = {
  name: "start",
  title: "field.start",
  chip: () => null,
  editor: ({ card, words, set }) => (
    <DateField
      value={card.start}
      label={words.t("field.start")}
      words={words}
      onChosen={(day) => set({ start: day })}
    />
  ),
  problem: ({ card: { start: from, due: to }, words: { t } }) =>
    from !== null && to !== null && from > to ? t("panel.startsLate") : null,
};

interface DateFieldProps {
  readonly value: string | null;
  readonly label: string;
  readonly words: Words;
  readonly onChosen: (day: string | null) => void;
}

function DateField({ value, label, words: { t }, onChosen }: DateFieldProps) {
  return (
    <span className="date-field">
      <input
        type="date"
        className="in"
        aria-label={label}
        value={value ?? ""}
        max="9999-12-31"
        onChange={(event) => onChosen(event.target.value || null)}
      />
      {value !== null && (
        <button
          type="button"
          className="ib s"
          aria-label={t("due.clear")}
          onClick={() => onChosen(null)}
        >
          <Icon of={X} size={12} />
        </button>
      )}
    </span>
  );
}

declare module "../../store/types" {
  interface Card {
    readonly estimate: number | null;
  }
}

/** What was typed as an estimate: null for nothing, undefined for what is no number from 0 to 1000. */
export function estimateOf(typed: string): number | null | undefined {
  if (typed.trim() === "") return null;
  const value = Number(typed.replace(",", "."));
  return Number.isFinite(value) && value >= 0 && value <= 1000 ? value : undefined;
}

const estimate: CardField = {
  name: "estimate",
  title: "field.estimate",
  chip: ({ card, words: { t } }) =>
    card.estimate !== null && (
      <span className="num" title={t("estimate.points", { n: card.estimate })}>
        <Icon of={Gauge} />
        {t("estimate.short", { n: card.estimate })}
      </span>
    ),
  editor: ({ card, words: { t }, set }) => (
    <TypedField
      value={card.estimate === null ? "" : String(card.estimate)}
      label={t("field.estimate")}
      placeholder={t("card.none")}
      inputMode="decimal"
      onTyped={(typed) => {
        const value = estimateOf(typed);
        if (value !== undefined && value !== card.estimate) set({ estimate: value });
      }}
    />
  ),
};

export const CARD_FIELDS: readonly CardField[] = [priority, start, due, estimate];

/** Registers and sets that have no chip of their own. */
const OTHER_FIELDS: Readonly<Record<string, WordKey>> = {
  title: "field.title",
  notes: "note.label",
  checklist: "checklist.title",
  comment: "comment.title",
  place: "field.place",
  deleted: "field.deleted",
  label: "field.labels",
  labels: "field.labels",
  member: "field.members",
  members: "field.members",
  name: "field.name",
  limit: "field.limit",
  status: "column.status",
  colour: "field.colour",
  when: "field.when",
  rule: "repeat.title",
  location: "event.location",
  url: "event.url",
  text: "note.label",
  body: "comment.title",
  done: "field.done",
  description: "field.description",
  prefix: "field.prefix",
  zone: "event.zone",
  filter: "field.filter",
  view: "calendar.views",
  height: "cell.height",
  project: "board.projectOf",
  calendar: "event.calendar",
};

/** What a register or set is called; null for one that people do not see. */
export function fieldWord(field: string, { t }: Words): string | null {
  const key = CARD_FIELDS.find((one) => one.name === field)?.title ?? OTHER_FIELDS[field];
  return key ? t(key) : null;
}
