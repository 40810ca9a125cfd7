/** The interface's words: `t(key, values)` from one string table per language, with plurals. */

import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import en from "../strings/en.json";
import ko from "../strings/ko.json";

export type Language = "en" | "ko";
export type WordKey = keyof typeof en;
export type Values = Readonly<Record<string, string | number>>;

type Entry = string | Readonly<Record<string, string>>;

const TABLES: Record<Language, Record<WordKey, Entry>> = { en, ko };
const KEPT_UNDER = "moim.language";

/** What a component needs of one language; the same object as long as the language stays. */
export interface Words {
  readonly language: Language;
  t(key: WordKey, values?: Values): string;
}

function fill(template: string, values: Values, digits: Intl.NumberFormat): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? digits.format(value) : value;
  });
}

/** `values.n` chooses the plural. */
export function wordsOf(language: Language): Words {
  const plural = new Intl.PluralRules(language);
  const digits = new Intl.NumberFormat(language);
  return {
    language,
    t(key, values = {}) {
      const entry = TABLES[language][key];
      if (typeof entry === "string") return fill(entry, values, digits);
      const form = entry[plural.select(Number(values.n ?? 0))] ?? entry.other ?? key;
      return fill(form, values, digits);
    },
  };
}

const WORDS: Record<Language, Words> = { en: wordsOf("en"), ko: wordsOf("ko") };

/** Storage may be forbidden (a sandboxed frame); then the choice lasts as long as the page. */
function kept(): string | null {
  try {
    return localStorage.getItem(KEPT_UNDER);
  } catch {
    return null;
  }
}

function firstLanguage(): Language {
  const chosen = kept() ?? globalThis.navigator?.language ?? "en";
  return chosen.startsWith("ko") ? "ko" : "en";
}

export const languageStore = createStore<{ language: Language }>(() => ({
  language: firstLanguage(),
}));

export function setLanguage(language: Language): void {
  languageStore.setState({ language });
  try {
    localStorage.setItem(KEPT_UNDER, language);
  } catch {
    // Not kept: nothing to do.
  }
}

/** The words of now, outside of components. */
export function currentWords(): Words {
  return WORDS[languageStore.getState().language];
}

export function useWords(): Words {
  return WORDS[useStore(languageStore, (state) => state.language)];
}
