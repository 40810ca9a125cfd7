import { describe, expect, it } from "vitest";
import { wordsOf } from "../language";
import { dayOf, dueOf } from "./due";

const TODAY = "2026-11-23";
const en = wordsOf("en");
const ko = wordsOf("ko");

describe("a due date", () => {
  it.each([
    ["2026-11-23", "Today", "오늘", "soon"],
    ["2026-11-24", "Tomorrow", "내일", "soon"],
    ["2026-11-27", "Fri 27", "27일 금", null],
    ["2026-11-29", "Sun 29", "29일 일", null],
    ["2026-11-30", "Nov 30", "11월 30일", null],
    ["2026-12-03", "Dec 3", "12월 3일", null],
    ["2026-11-20", "Nov 20", "11월 20일", "late"],
    ["2027-01-04", "Jan 4, 2027", "2027년 1월 4일", null],
  ])("%s reads %s and %s", (date, english, korean, tone) => {
    expect(dueOf(date, TODAY, false, en)).toEqual({ text: english, tone });
    expect(dueOf(date, TODAY, false, ko)).toEqual({ text: korean, tone });
  });

  it("is never late on a finished card", () => {
    expect(dueOf("2026-11-20", TODAY, true, en).tone).toBeNull();
  });

  it("is counted in days of the person's own calendar", () => {
    expect(dayOf(new Date(2026, 10, 3, 23, 59))).toBe("2026-11-03");
  });
});
