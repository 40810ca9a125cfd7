import { describe, expect, it } from "vitest";
import { limitOf } from "./column_menu";
import { estimateOf } from "./fields";

describe("what is typed into a small field", () => {
  it.each([
    ["", null],
    [" 3 ", 3],
    ["0,5", 0.5],
    ["1000", 1000],
    ["1001", undefined],
    ["-1", undefined],
    ["three", undefined],
  ])("an estimate of %j is %j", (typed, value) => {
    expect(estimateOf(typed)).toBe(value);
  });

  it.each([
    ["", null],
    ["4", 4],
    ["0", undefined],
    ["100", undefined],
    ["2.5", undefined],
  ])("a limit of %j is %j", (typed, value) => {
    expect(limitOf(typed)).toBe(value);
  });
});
