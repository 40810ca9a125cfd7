import { describe, expect, it } from "vitest";
import { isPressed, namesIn, type Pressed, SCOPES, SHORTCUTS, shortcutIn } from "./shortcuts";

function pressed(key: string, code: string, more: Partial<Pressed> = {}): Pressed {
  return { key, code, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more };
}

describe("shortcuts", () => {
  it("mean one thing a key in each scope", () => {
    for (const scope of SCOPES) {
      const keys = namesIn(scope).flatMap((name) => {
        const { on, withCommand } = SHORTCUTS[name];
        return on.map((key) => `${withCommand ?? false} ${key}`);
      });
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  it("are the keys of a place, whatever they type: ㄷ is E", () => {
    expect(shortcutIn("card", pressed("ㄷ", "KeyE"))).toBe("cardFields");
  });

  it("are Ctrl or ⌘ with K, and not K alone", () => {
    expect(isPressed("palette", pressed("k", "KeyK", { ctrlKey: true }))).toBe(true);
    expect(isPressed("palette", pressed("k", "KeyK", { metaKey: true }))).toBe(true);
    expect(isPressed("palette", pressed("k", "KeyK"))).toBe(false);
    expect(isPressed("palette", pressed("K", "KeyK", { ctrlKey: true, shiftKey: true }))).toBe(
      false,
    );
  });

  it("are a question mark wherever a keyboard has it", () => {
    expect(isPressed("sheet", pressed("?", "Slash", { shiftKey: true }))).toBe(true);
    expect(isPressed("sheet", pressed("?", "Minus", { shiftKey: true }))).toBe(true);
    expect(isPressed("sheet", pressed("/", "Slash"))).toBe(false);
  });
});
