import { describe, expect, it } from "vitest";
import vectors from "../../../tests/vectors/filter.json";
import { readFilter } from "./card_filter";

describe("the language of filters", () => {
  it.each(vectors.parse)("reads $filter", ({ filter, terms, problems }) => {
    expect(readFilter(filter)).toEqual({ terms, problems });
  });
});
