import { describe, expect, it } from "vitest";
import vectors from "../../../tests/vectors/when.json";
import { CALENDAR, InvalidValue } from "./schema";

describe("a schema's rule for a whole value", () => {
  it.each(vectors.bad)("refuses $why with its field", ({ when }) => {
    expect(() => CALENDAR.events.check("when", when)).toThrow(InvalidValue);
    expect(() => CALENDAR.events.check("when", when)).toThrow("events/when: expected");
    expect(CALENDAR.events.read("when", when)).toBeNull();
  });

  it.each(vectors.good)("takes $why", ({ when }) => {
    expect(CALENDAR.events.read("when", when)).toEqual(when);
  });
});
