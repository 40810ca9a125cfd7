import { describe, expect, it } from "vitest";
import { knownIn } from "../../testing/known";
import { registerOf } from "./registers";
import { canKeepBoth, valueWords } from "./value_words";

const en = knownIn("en");
const ko = knownIn("ko");

describe("a value", () => {
  it.each([
    ["project/p", "cards/a/due", "2026-12-04", "Fri, Dec 4", "12월 4일 (금)"],
    ["project/p", "cards/a/due", "2027-01-04", "Mon, Jan 4, 2027", "2027년 1월 4일 (월)"],
    ["project/p", "cards/a/due", null, "None", "없음"],
    ["project/p", "cards/a/title", "Book it", "“Book it”", "‘Book it’"],
    ["project/p", "cards/a/title", "", "None", "없음"],
    ["project/p", "cards/a/place", "review|a0", "Review", "Review"],
    ["project/p", "cards/a/place", "gone|a0", "another column", "다른 열"],
    ["project/p", "cards/a/priority", "urgent", "Urgent", "긴급"],
    ["project/p", "cards/a/estimate", 1, "1 point", "1점"],
    ["project/p", "cards/a/member/sofia", true, "Sofia", "Sofia"],
    ["project/p", "cards/a/label/sec", true, "Security", "Security"],
    ["project/p", "columns/todo/status", "doing", "In progress", "진행 중"],
    ["project/p", "columns/todo/limit", 4, "4", "4"],
    ["project/p", "cards/a/deleted", ["sofia", 1], "deleted by Sofia", "Sofia 님이 삭제함"],
    ["calendar/c", "events/e/status", "tentative", "Maybe", "미정"],
    ["page/p", "cells/c/project", "launch", "Launch 2.0", "Launch 2.0"],
    ["page/p", "cells/c/height", 240, "240 px", "240 px"],
  ])("of %s, %s, %j is told as %s", (document, path, value, english, korean) => {
    const register = registerOf(document, path);
    expect(valueWords(register, value, en).replaceAll("\u202f", " ")).toBe(english);
    expect(valueWords(register, value, ko)).toBe(korean);
  });

  it("of an event's time is told with both ends", () => {
    const when = ["2026-11-27T15:00", "2026-11-27T16:00", "Asia/Seoul"];
    const told = valueWords(registerOf("calendar/c", "events/e/when"), when, en);
    expect(told).toMatch(/Fri, Nov 27, 3:00.*4:00.*PM/);
  });

  it("that nobody can name is told as it is, and never as nothing", () => {
    expect(valueWords(registerOf("project/p", "cards/a/other"), 7, en)).toBe("7");
    expect(valueWords(registerOf("project/p", "cards/a/other"), { a: 1 }, en)).toBe("Change");
    expect(valueWords(registerOf("calendar/c", "events/e/when"), ["odd"], en)).toBe("odd");
  });

  it("that is long is cut", () => {
    const told = valueWords(registerOf("project/p", "cards/a/title"), "a".repeat(500), en);
    expect(told.length).toBeLessThan(90);
    expect(told).toContain("…");
  });
});

describe("both values", () => {
  it("can stay beside each other in plain text only", () => {
    const title = registerOf("project/p", "cards/a/title");
    const due = registerOf("project/p", "cards/a/due");
    expect(canKeepBoth(title, "one", "other")).toBe(true);
    expect(canKeepBoth(title, "one", "")).toBe(false);
    expect(canKeepBoth(title, "", "other")).toBe(false);
    expect(canKeepBoth(title, null, "other")).toBe(false);
    expect(canKeepBoth(due, "2026-11-27", "2026-11-28")).toBe(false);
  });
});
