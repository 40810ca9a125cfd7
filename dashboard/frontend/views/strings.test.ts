import { describe, expect, it } from "vitest";
import en from "../strings/en.json";
import ko from "../strings/ko.json";
import { type WordKey, wordsOf } from "./language";

declare global {
  interface ImportMeta {
    /** vite's: the files that match, with their text. */
    glob(pattern: string, options: object): Record<string, string>;
  }
}

const SOURCES = import.meta.glob("./**/*.{ts,tsx}", {
  query: "?raw",
  import: "default",
  eager: true,
});

const CODE = Object.entries(SOURCES)
  .filter(([path]) => !path.includes(".test."))
  .map(([, text]) => text)
  .join("\n");

/** Keys made of a part that varies: t(`status.${status}`). */
const FAMILIES = [...CODE.matchAll(/`([a-z]+\.)\$\{[^}]*\}([a-zA-Z]*)`/g)].map(
  ([, head = "", tail = ""]) => new RegExp(`^${head.replace(".", "\\.")}[a-zA-Z]+${tail}$`),
);
const LITERALS = new Set([...CODE.matchAll(/"([a-z]+\.[a-zA-Z]+)"/g)].map(([, key]) => key));

interface Call {
  readonly key: string;
  /** The object's text; undefined: no values; null: values that only running tells. */
  readonly values: string | undefined | null;
}

/** Calls of `t` with a literal key. */
const CALLS: readonly Call[] = [...CODE.matchAll(/\bt\(\s*"([^"]+)"\s*(,\s*(\{[^{}]*\})?)?/g)].map(
  ([, key = "", comma, values]) => ({ key, values: comma && !values ? null : values }),
);

type Entry = string | Readonly<Record<string, string>>;

const TABLES: Readonly<Record<string, Readonly<Record<string, Entry>>>> = { en, ko };
const KEYS = Object.keys(en) as WordKey[];

function valuesIn(entry: string | object): string[] {
  const text = typeof entry === "string" ? entry : Object.values(entry).join(" ");
  return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ""))].sort();
}

describe("string tables", () => {
  it("hold the same keys in Korean and English", () => {
    expect(Object.keys(ko)).toEqual(Object.keys(en));
  });

  it("have no key that no view uses", () => {
    const unused = KEYS.filter(
      (key) => !LITERALS.has(key) && !FAMILIES.some((family) => family.test(key)),
    );
    expect(unused).toEqual([]);
  });

  it("have every key that a view asks for", () => {
    expect(CALLS.map(({ key }) => key).filter((key) => !(key in en))).toEqual([]);
    const empty = FAMILIES.filter((family) => !KEYS.some((key) => family.test(key)));
    expect(empty.map(String)).toEqual([]);
  });

  it("get a value for every place in a sentence", () => {
    const missing = CALLS.flatMap(({ key, values }) => {
      if (values === null || values?.includes("...") || !(key in en)) return [];
      const places = valuesIn(en[key as WordKey]);
      return places
        .filter((name) => !new RegExp(`\\b${name}\\b`).test(values ?? ""))
        .map((name) => `${key} {${name}}`);
    });
    expect(missing).toEqual([]);
  });

  it.each(KEYS)("%s takes the same values in both languages", (key) => {
    expect(valuesIn(ko[key])).toEqual(valuesIn(en[key]));
  });

  it.each(Object.entries(TABLES))("say something in every form that %s has", (language, table) => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories.toSorted();
    for (const [key, entry] of Object.entries(table)) {
      const texts = typeof entry === "string" ? { other: entry } : entry;
      if (typeof entry !== "string") expect([key, Object.keys(entry).sort()]).toEqual([key, forms]);
      for (const text of Object.values(texts)) expect(text.trim(), key).not.toBe("");
    }
  });
});

describe("t", () => {
  it("chooses the plural of the language", () => {
    expect(wordsOf("en").t("outbox.waiting", { n: 1 })).toBe("1 change waiting");
    expect(wordsOf("en").t("outbox.waiting", { n: 3 })).toBe("3 changes waiting");
    expect(wordsOf("ko").t("outbox.waiting", { n: 1 })).toBe("보낼 변경 1건");
  });

  it("writes numbers as the language does", () => {
    expect(wordsOf("en").t("outbox.waiting", { n: 1234 })).toBe("1,234 changes waiting");
  });

  it("leaves a place without a value as it is, so that it is noticed", () => {
    expect(wordsOf("en").t("nav.projectDeleted")).toContain("{name}");
  });
});
