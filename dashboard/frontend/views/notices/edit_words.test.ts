import { describe, expect, it } from "vitest";
import type { Change } from "../../store/types";
import { knownIn } from "../../testing/known";
import { copyOf, editWords, wordsOfEdit } from "./edit_words";

const en = knownIn("en");
const ko = knownIn("ko");

function change(path: string, before: unknown, after: unknown, isText = false): Change {
  return { path, before, after, isText };
}

function told(changes: readonly Change[], known = en, document = "project/p"): string {
  return editWords({ document, changes, touched: [] }, known);
}

describe("a waiting edit", () => {
  it.each([
    [["cards/a/due"], "Due", "마감일"],
    [["cards/a/label/sec"], "Labels", "라벨"],
    [["cards/a"], "New card", "새 카드"],
    [["cards/a/title", "cards/a/due"], "Title, Due", "제목, 마감일"],
    [["info/name"], "Name", "이름"],
    [["columns/todo/limit"], "Limit", "한도"],
    [["columns/todo"], "Change", "변경"],
    [[], "Change", "변경"],
  ])("that set %j is called %s where its values are not known", (touched, english, korean) => {
    expect(wordsOfEdit(touched, en.words)).toBe(english);
    expect(wordsOfEdit(touched, ko.words)).toBe(korean);
    expect(editWords({ document: "project/p", changes: [], touched }, en)).toBe(english);
  });

  it.each([
    [change("cards/a/title", "One", "Two"), "Title: “One” → “Two”", "제목: ‘One’ → ‘Two’"],
    [change("cards/a/due", undefined, "2026-12-04"), "Due: Fri, Dec 4", "마감일: 12월 4일 (금)"],
    [
      change("cards/a/due", "2026-12-04", undefined),
      "Due: Fri, Dec 4 → None",
      "마감일: 12월 4일 (금) → 없음",
    ],
    [
      change("cards/a/place", "todo|a", "review|b"),
      "Place: Ready → Review",
      "위치: Ready → Review",
    ],
    [change("cards/a/member/sofia", undefined, true), "People: + Sofia", "사람: + Sofia"],
    [change("cards/a/member/sofia", true, undefined), "People: − Sofia", "사람: − Sofia"],
    [
      change("cards/a/notes", "", "and bring cake", true),
      "Notes: “and bring cake”",
      "메모: ‘and bring cake’",
    ],
    [change("cards/a/notes", "gone", "", true), "Notes: text taken out", "메모: 글 삭제"],
    [change("cards/a/deleted", undefined, ["sofia", 1]), "Card deleted", "카드 삭제"],
    [change("cards/a/deleted", ["sofia", 1], undefined), "Restored", "복원"],
    [
      change("items/i/title", "Milk", "Oat milk"),
      "Checklist item: “Milk” → “Oat milk”",
      "체크리스트 항목: ‘Milk’ → ‘Oat milk’",
    ],
  ])("of one register says from what to what: %j", (one, english, korean) => {
    expect(told([one])).toBe(english);
    expect(told([one], ko)).toBe(korean);
  });

  it("that made something names it, and not its fields again", () => {
    const made = change("cards/a", undefined, { title: "Book it", place: "todo|a" });
    expect(told([made, change("cards/a/title", undefined, "Book it")])).toBe("New card: “Book it”");
  });

  it("leaves out what nobody asks about beside what they do", () => {
    const moved = change("cards/a/place", "todo|a", "review|b");
    expect(told([moved, change("cards/a/title", "One", "Two")])).toBe("Title: “One” → “Two”");
    expect(told([moved])).toBe("Place: Ready → Review");
  });

  it("of many registers tells the first three and how many more", () => {
    const many = ["a", "b", "c", "d", "e"].map((id) => change(`labels/${id}/name`, "", id));
    expect(told(many)).toMatch(/and 2 more$/);
  });
});

describe("what was written", () => {
  it("is copied as it was typed", () => {
    const changes = [
      change("cards/a/title", "One", "Two “marks”"),
      change("cards/a/notes", "", "A\nlong text", true),
    ];
    expect(copyOf({ document: "project/p", changes }, en)).toBe("Two “marks”\nA\nlong text");
  });

  it("is copied in words where it was chosen", () => {
    const changes = [change("cards/a/due", undefined, "2026-12-04")];
    expect(copyOf({ document: "project/p", changes }, en)).toBe("Due: Fri, Dec 4");
  });
});
