import { describe, expect, it } from "vitest";
import { readFilter } from "../../core/card_filter";
import type { Label, Member } from "../../store/types";
import { completionsAt } from "./filter_completion";

const LABELS: readonly Label[] = ["Bug", "In review"].map((name) => ({
  id: name,
  name,
  colour: "red",
}));
const MEMBERS: readonly Member[] = ["박서연", "Sofia Almeida"].map((name) => ({
  id: name,
  name,
  colour: "red",
}));

function offered(filter: string, caret = filter.length): readonly string[] {
  return completionsAt(filter, caret, LABELS, MEMBERS).map(({ name }) => name);
}

describe("completion", () => {
  it.each([
    ["@", ["me", "none", "박서연", "Sofia Almeida"]],
    ["login @서", ["박서연"]],
    ["is:open @서", ["박서연"]],
    ['label:"In review" @서', ["박서연"]],
    ["-@SOF", ["Sofia Almeida"]],
    ["label:", ["Bug", "In review", "none"]],
    ['label:"in r', ["In review"]],
    ["due:to", ["today", "tomorrow"]],
    ["is:d", ["done"]],
  ])("offers for %s what is called so", (filter, names) => {
    expect(offered(filter)).toEqual(names);
  });

  it.each(["", "login", "a@b", "@me", "is:done", "label:bug", "@nobody", "label:bug x", "due<7d"])(
    "offers nothing for %s",
    (filter) => {
      expect(offered(filter)).toEqual([]);
    },
  );

  it("writes a name of several words in quotes, and goes on behind it", () => {
    const [first] = completionsAt("login @sof is:open", 10, LABELS, MEMBERS);
    expect(first?.filter).toBe('login @"Sofia Almeida" is:open');
    expect(first?.caret).toBe('login @"Sofia Almeida" '.length);
    expect(readFilter(first?.filter ?? "").terms).toHaveLength(3);
  });
});
