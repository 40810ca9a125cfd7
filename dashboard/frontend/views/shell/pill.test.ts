import { describe, expect, it } from "vitest";
import type { ConnectionState, SaveState } from "../../store/types";
import { wordsOf } from "../language";
import { pillWords } from "./pill";

function connection(
  state: SaveState,
  counts: [waiting: number, conflicts: number, refused: number],
) {
  const [waiting, conflicts, refused] = counts;
  const some = { state, waiting, stopped: null };
  const lists = { conflicts: Array(conflicts).fill({}), refused: Array(refused).fill({}) };
  return { ...some, ...lists } as unknown as ConnectionState;
}

describe("the pill", () => {
  it.each([
    ["saved", [0, 0, 0], "Saved", "저장됨"],
    ["saved", [0, 1, 0], "Saved · 1 to check", "저장됨 · 확인할 것 1건"],
    ["saved", [0, 0, 1], "1 not applied", "적용 못 함 1건"],
    ["saved", [0, 2, 1], "1 not applied · 2 to check", "적용 못 함 1건 · 확인할 것 2건"],
    [
      "offline",
      [3, 1, 0],
      "Offline · 3 waiting · 1 to check",
      "오프라인 · 3건 대기 · 확인할 것 1건",
    ],
  ] as const)("in the state %s with %j says %s", (state, counts, english, korean) => {
    const told = connection(state, [...counts]);
    expect(pillWords(told, wordsOf("en"), false)).toBe(english);
    expect(pillWords(told, wordsOf("ko"), false)).toBe(korean);
  });

  it("gives one number where there is little room", () => {
    expect(pillWords(connection("saved", [0, 2, 1]), wordsOf("en"), true)).toBe("3 to check");
    expect(pillWords(connection("saved", [0, 2, 0]), wordsOf("en"), true)).toBe("2 to check");
  });
});
