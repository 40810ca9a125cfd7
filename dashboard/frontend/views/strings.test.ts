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
const FAMILIES = [...CODE.matchAll(/`([a-z]+)\.\$\{/g)].map(([, family]) => `${family}.`);
const LITERALS = new Set([...CODE.matchAll(/"([a-z]+\.[a-zA-Z]+)"/g)].map(([, key]) => key));

function valuesIn(entry: string | object): string[] {
  const text = typeof entry === "string" ? entry : Object.values(entry).join(" ");
  return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ""))].sort();
}

describe("string tables", () => {
  it("hold the same keys in Korean and English", () => {
    expect(Object.keys(ko)).toEqual(Object.keys(en));
  });

  it("have no key that no view uses", () => {
    const unused = Object.keys(en).filter(
      (key) => !LITERALS.has(key) && !FAMILIES.some((family) => key.startsWith(family)),
    );
    expect(unused).toEqual([]);
  });

  it.each(Object.keys(en) as WordKey[])("%s takes the same values in both languages", (key) => {
    expect(valuesIn(ko[key])).toEqual(valuesIn(en[key]));
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
