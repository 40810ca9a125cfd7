import { describe, expect, it } from "vitest";
import { lightness } from "./theme";

describe("the lightness of a ground", () => {
  it.each([
    ["#fff", 1],
    ["#000000", 0],
    ["rgb(255, 255, 255)", 1],
    ["rgb(0 0 0 / 50%)", 0],
  ])("of %s is %d", (colour, value) => {
    expect(lightness(colour)).toBeCloseTo(value);
  });

  it("tells a dark page from a light one", () => {
    expect(lightness("#212529")).toBeLessThan(0.5);
    expect(lightness("#f7f7f4")).toBeGreaterThan(0.5);
  });

  it("is not guessed for what it cannot read", () => {
    expect(lightness("")).toBeNull();
    expect(lightness("var(--x)")).toBeNull();
  });
});
