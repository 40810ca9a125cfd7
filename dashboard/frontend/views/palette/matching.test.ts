import { describe, expect, it } from "vitest";
import { excerpt, prepare, queryOf, scoreOf } from "./matching";

function score(typed: string, title: string, text = "", number: number | null = null): number {
  return scoreOf(queryOf(typed), prepare(title, text, number));
}

describe("matching", () => {
  it.each([
    ["fix", "Fix the login"],
    ["LOGIN fix", "Fix the login"],
    ["회의", "주간 회의"],
    ["회의".normalize("NFD"), "주간 회의"],
    ["ㅎㅇ", "주간 회의"],
    ["ㅈㄱㅎㅇ", "주간회의"],
    ["ㄳ", "검색 개선".replace(" ", "")],
    ["횡", "주간 회의"],
    ["회으", "주간 회의"],
    ["호", "회의"],
    ["주간 ㅎㅇ", "주간 회의"],
  ])("finds by %s: %s", (typed, title) => {
    expect(score(typed, title)).toBeGreaterThan(0);
  });

  it.each([
    ["logout", "Fix the login"],
    ["fix logout", "Fix the login"],
    ["ㅎㄱ", "주간 회의"],
    ["ㅣ의", "회의"],
    ["의회", "회의"],
    ["", "Fix the login"],
    ["ㅎㅇ", "Fix the login"],
  ])("does not find by %s: %s", (typed, title) => {
    expect(score(typed, title)).toBe(0);
  });

  it("finds a card by its number, and only by all of it", () => {
    expect(score("#142", "Login", "", 142)).toBeGreaterThan(0);
    expect(score("#14", "Login", "", 142)).toBe(0);
  });

  it("puts a whole title first, then beginnings, then words, then what is within, then notes", () => {
    const scores = [
      score("plan", "plan"),
      score("plan", "plan the launch"),
      score("plan", "launch plan"),
      score("plan", "airplane"),
      score("plan", "launch", "the plan is here"),
    ];
    expect(scores).toEqual([...scores].sort((one, other) => other - one));
    expect(new Set(scores).size).toBe(scores.length);
  });

  it("puts what was typed whole before what has it in initial consonants", () => {
    expect(score("회의", "회의록")).toBeGreaterThan(score("ㅎㅇ", "회의록"));
  });

  it("shows the part of the notes where a word is that the title has not", () => {
    const text = `${"a ".repeat(100)}the needle is here ${"b ".repeat(100)}`;
    expect(excerpt(queryOf("needle"), "Hay", text)).toMatch(/^….*needle.*…$/);
    expect(excerpt(queryOf("hay"), "Hay", text)).toBe("");
  });
});
