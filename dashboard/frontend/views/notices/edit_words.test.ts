import { describe, expect, it } from "vitest";
import { wordsOf } from "../language";
import { wordsOfEdit } from "./edit_words";
import { entityOfPaths } from "./registers";

const en = wordsOf("en");
const ko = wordsOf("ko");

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
  ])("that set %j is called %s", (touched, english, korean) => {
    expect(wordsOfEdit(touched, en)).toBe(english);
    expect(wordsOfEdit(touched, ko)).toBe(korean);
  });

  it("names its thing when it is about one only", () => {
    expect(entityOfPaths(["cards/a/due", "cards/a/title"])).toBe("cards/a");
    expect(entityOfPaths(["cards/a"])).toBe("cards/a");
    expect(entityOfPaths(["cards/a/due", "cards/b/due"])).toBeNull();
    expect(entityOfPaths(["cards/a/due", "columns/todo/name"])).toBeNull();
    expect(entityOfPaths([])).toBeNull();
  });
});
