import { describe, expect, it } from "vitest";
import { initial, shortName } from "./names";

describe("names", () => {
  it.each([
    ["이준호", "준호", "준"],
    ["남궁민수", "민수", "민"],
    ["김민", "김민", "민"],
    ["Sofia Almeida", "Sofia", "S"],
    ["tom", "tom", "T"],
    ["🦊 Fox", "🦊", "🦊"],
    ["", "", "?"],
  ])("calls %s %s for short, and shows %s on the face", (name, short, face) => {
    expect(shortName(name)).toBe(short);
    expect(initial(name)).toBe(face);
  });
});
