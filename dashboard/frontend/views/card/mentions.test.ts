import { describe, expect, it } from "vitest";
import type { Member } from "../../store/types";
import { beforeOf } from "./checklist";
import { matching, mentionsIn, queryAt } from "./mentions";

const MEMBERS: readonly Member[] = [
  { id: "sofia", name: "Sofia Almeida", colour: "orange" },
  { id: "sof", name: "Sofia", colour: "blue" },
  { id: "seo", name: "박서연", colour: "violet" },
  { id: "seo2", name: "박서", colour: "teal" },
];

describe("a mention that is being typed", () => {
  it.each([
    ["@", 1, ""],
    ["hello @So", 9, "So"],
    ["@Sofia Al", 9, "Sofia Al"],
    ["(@서", 3, "서"],
  ])("is found in %j", (text, caret, typed) => {
    expect(queryAt(text, caret)?.text).toBe(typed);
  });

  it.each([
    ["minji@example.org", 17],
    ["no", 2],
    ["@ alone", 7],
    ["@So\nnext", 8],
  ])("is not in %j", (text, caret) => {
    expect(queryAt(text, caret)).toBeNull();
  });

  it.each([
    ["so", ["sofia", "sof"]],
    ["alm", ["sofia"]],
    ["박서연", ["seo"]],
    ["서연", ["seo"]],
  ])("%s lists the members that may be meant", (text, ids) => {
    expect(matching(MEMBERS, { at: 0, text }).map(({ id }) => id)).toEqual(ids);
  });
});

describe("the mentions of a comment", () => {
  it.each([
    ["@Sofia Almeida and @박서연님", ["seo", "sofia"]],
    ["@Sofia, look", ["sof"]],
    ["Sofia without a sign", []],
    ["@Nobody @박서", ["seo2"]],
    ["@Sofia @Sofia", ["sof"]],
  ])("of %j are the longest names after each sign", (text, ids) => {
    expect(mentionsIn(text, MEMBERS)).toEqual(ids);
  });
});

describe("an item dropped on another", () => {
  const items = ["a", "b", "c"].map((id) => ({ id }));

  it.each([
    ["a", "b", "c"],
    ["a", "c", null],
    ["c", "a", "a"],
    ["b", "a", "a"],
  ])("%s on %s comes before %s", (moved, over, before) => {
    expect(beforeOf(items, moved, over)).toBe(before);
  });
});
