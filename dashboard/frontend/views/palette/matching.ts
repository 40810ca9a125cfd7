/** How well a text answers what was typed: every word must be in it; Korean also half typed or by 초성. */

import { hasHangul, initialsIn, initialsOf, type Typed, typedOf } from "./hangul";

/** A text made ready to be looked through many times. */
export interface Prepared {
  readonly title: string;
  readonly text: string;
  readonly number: number | null;
  /** Set where the title has Korean in it. */
  readonly korean: { readonly typed: Typed; readonly initials: string } | null;
}

interface Word {
  readonly plain: string;
  /** As keys; null without Korean. */
  readonly keys: string | null;
  readonly initials: string | null;
  /** `#142` asks for that card. */
  readonly number: number | null;
}

export type Query = readonly Word[];

const WHOLE = 120;
const BEGINS = 100;
const WORD_BEGINS = 80;
const WITHIN = 60;
const BY_INITIALS = 50;
const HALF_TYPED = 45;
const IN_TEXT = 20;

/** Compared without case; NFC because some systems type Korean in pieces (NFD). */
export function folded(text: string): string {
  return text.normalize("NFC").toLocaleLowerCase();
}

export function prepare(title: string, text = "", number: number | null = null): Prepared {
  const plain = folded(title);
  const korean = hasHangul(plain) ? { typed: typedOf(plain), initials: initialsOf(plain) } : null;
  return { title: plain, text: folded(text), number, korean };
}

export function queryOf(typed: string): Query {
  return folded(typed)
    .split(/\s+/)
    .filter(Boolean)
    .map((plain) => ({
      plain,
      keys: hasHangul(plain) ? typedOf(plain).keys : null,
      initials: initialsIn(plain),
      number: /^#\d{1,9}$/.test(plain) ? Number(plain.slice(1)) : null,
    }));
}

/** 0: it is no answer. Higher is better; a word in the title counts more than one in the text. */
export function scoreOf(query: Query, prepared: Prepared): number {
  let sum = 0;
  for (const word of query) {
    const score = scoreOfWord(word, prepared);
    if (score === 0) return 0;
    sum += score;
  }
  return query.length === 0 ? 0 : sum / query.length;
}

function scoreOfWord(word: Word, { title, text, number, korean }: Prepared): number {
  if (word.number !== null && word.number === number) return WHOLE;
  const at = title.indexOf(word.plain);
  if (at >= 0) return scoreAt(title, word.plain, at);
  if (korean !== null && word.initials !== null) {
    const found = korean.initials.indexOf(word.initials);
    if (found >= 0) return BY_INITIALS + bonusAt(korean.initials, found);
  }
  if (korean !== null && word.keys !== null && beginsSyllable(korean.typed, word.keys))
    return HALF_TYPED;
  return text.includes(word.plain) ? IN_TEXT : 0;
}

function scoreAt(title: string, word: string, at: number): number {
  if (at === 0) return title.length === word.length ? WHOLE : BEGINS;
  return isWordStart(title, at) || title.includes(` ${word}`) ? WORD_BEGINS : WITHIN;
}

function bonusAt(text: string, at: number): number {
  return isWordStart(text, at) ? 5 : 0;
}

function isWordStart(text: string, at: number): boolean {
  return at === 0 || /[\s"'()[\]/·:.,-]/.test(text[at - 1] ?? "");
}

/** `횡` on the way to `회의`: its keys are the beginning of that, from a syllable on. */
function beginsSyllable({ keys, starts }: Typed, wanted: string): boolean {
  let at = keys.indexOf(wanted);
  while (at >= 0 && !starts.has(at)) at = keys.indexOf(wanted, at + 1);
  return at >= 0;
}

const AROUND = 40;

/** The part of a text around the first word that is not in the title; empty when all are. */
export function excerpt(query: Query, title: string, text: string): string {
  const named = folded(title);
  const word = query.find(({ plain }) => !named.includes(plain))?.plain;
  const at = word === undefined ? -1 : folded(text).indexOf(word);
  if (at < 0) return "";
  const from = Math.max(0, at - AROUND);
  const to = at + AROUND * 2;
  const part = text.slice(from, to).replace(/\s+/g, " ").trim();
  return `${from > 0 ? "…" : ""}${part}${to < text.length ? "…" : ""}`;
}
