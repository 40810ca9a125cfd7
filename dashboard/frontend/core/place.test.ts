import { describe, expect, it } from "vitest";
import vectors from "../../../tests/vectors/place.json";
import {
  comparePlaced,
  insertAt,
  isKey,
  joinPlace,
  keyBetween,
  keysBetween,
  splitPlace,
} from "./place";

function drawn(values: readonly number[]): () => number {
  let next = 0;
  return () => {
    const value = values[next];
    if (value === undefined) throw new Error("the vector has no more random numbers");
    next += 1;
    return value;
  };
}

describe("place keys", () => {
  it.each(vectors.between)("lie between $before and $after as in Python", (c) => {
    expect(keyBetween(c.before, c.after, drawn(c.random))).toBe(c.key);
  });

  it.each(vectors.keys_between)("of $count at once are those of Python", (c) => {
    const keys = keysBetween(c.before, c.after, c.count, drawn(c.random));
    if (c.keys !== undefined) expect(keys).toEqual(c.keys);
    else expect([keys.length, keys[0], keys.at(-1)]).toEqual([c.count, c.first, c.last]);
  });

  it.each(vectors.insert_at)("are repaired on insertion as in Python: $keys", (c) => {
    const { key, rekeyed } = insertAt(c.keys, c.index, drawn(c.random));
    expect(key).toBe(c.key);
    expect(Object.fromEntries(rekeyed)).toEqual(c.rekeyed);
  });

  it("are told from other text", () => {
    expect(vectors.keys.good.filter((key) => !isKey(key))).toEqual([]);
    expect(vectors.keys.bad.filter((key) => isKey(key))).toEqual([]);
    for (const [text, column, key] of vectors.places.good as [string, string, string][]) {
      expect(splitPlace(text)).toEqual({ column, key });
      expect(joinPlace(column, key)).toBe(text);
    }
    expect(vectors.places.bad.filter((text) => splitPlace(text) !== null)).toEqual([]);
  });

  it("sort by key, ties by id", () => {
    const entries = [
      { key: "a", id: "2" },
      { key: "Z", id: "9" },
      { key: "a", id: "1" },
    ];
    expect(entries.sort(comparePlaced).map(({ id }) => id)).toEqual(["9", "1", "2"]);
  });
});
