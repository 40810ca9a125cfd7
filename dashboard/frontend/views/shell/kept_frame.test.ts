import { describe, expect, it } from "vitest";
import { keptOf } from "./kept_frame";

describe("what a browser kept of a calendar", () => {
  it("is taken when it is what we wrote", () => {
    const kept = { hidden: ["calendar/team"], view: "list" };
    expect(keptOf(kept)).toEqual(kept);
  });

  it("is left where it is anything else", () => {
    expect(keptOf({ hidden: ["a", 1, null], view: "year" })).toEqual({ hidden: ["a"] });
    for (const other of [null, [], "x", 7, { hidden: "all" }]) expect(keptOf(other)).toEqual({});
  });
});
