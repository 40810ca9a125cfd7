import { describe, expect, it } from "vitest";
import vectors from "../../../tests/vectors/when.json";
import { isDay, isMoment, isZone, whenProblem } from "./when";

type When = [string, string, string];

describe("when an event takes place", () => {
  it.each(vectors.good)("may be $why, as in Python", ({ when }) => {
    expect(whenProblem(when as When)).toBeNull();
  });

  it.each(vectors.bad)("may not be $why, as in Python", ({ when }) => {
    expect(whenProblem(when as When)).toMatch(/^expected /);
  });

  it("tells a day from a time", () => {
    expect([isDay("2026-11-25"), isDay("2026-11-25T09:30")]).toEqual([true, false]);
    expect([isMoment("2026-11-25"), isMoment("2026-11-25T9:30")]).toEqual([true, false]);
  });

  it("knows every zone that this browser lists", () => {
    expect(Intl.supportedValuesOf("timeZone").filter((name) => !isZone(name))).toEqual([]);
  });
});
