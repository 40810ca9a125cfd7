/**
 * Every key that does something by itself, once: what binds them and the sheet that lists them read
 * this table. `code`, not `key`, for letters: with a Korean layout `E` types ㄷ.
 */

export type Scope = "everywhere" | "board" | "card" | "calendar" | "event";

interface Shortcut {
  readonly scope: Scope;
  /** One of these is pressed: a `KeyboardEvent.code` for letters, else a `key`. */
  readonly on: readonly string[];
  /** With Ctrl or ⌘. */
  readonly withCommand?: true;
}

const TABLE = {
  palette: { scope: "everywhere", on: ["KeyK"], withCommand: true },
  sheet: { scope: "everywhere", on: ["?"] },
  undo: { scope: "everywhere", on: ["KeyZ"], withCommand: true },
  newCard: { scope: "board", on: ["KeyN"] },
  filterCards: { scope: "board", on: ["KeyF"] },
  walkCards: { scope: "card", on: ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"] },
  openCard: { scope: "card", on: ["Enter"] },
  renameCard: { scope: "card", on: ["F2"] },
  cardFields: { scope: "card", on: ["KeyE"] },
  cardLabels: { scope: "card", on: ["KeyL"] },
  cardMembers: { scope: "card", on: ["KeyM"] },
  liftCard: { scope: "card", on: [" "] },
  deleteCard: { scope: "card", on: ["Delete", "Backspace"] },
  closeCard: { scope: "card", on: ["Escape"] },
  newEvent: { scope: "calendar", on: ["KeyN"] },
  today: { scope: "calendar", on: ["KeyT"] },
  showMonth: { scope: "calendar", on: ["KeyM"] },
  showWeek: { scope: "calendar", on: ["KeyW"] },
  showDay: { scope: "calendar", on: ["KeyD"] },
  showList: { scope: "calendar", on: ["KeyL"] },
  walkEvents: { scope: "event", on: ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"] },
  openEvent: { scope: "event", on: ["Enter"] },
  liftEvent: { scope: "event", on: [" "] },
  deleteEvent: { scope: "event", on: ["Delete", "Backspace"] },
  leaveEvent: { scope: "event", on: ["Escape"] },
} as const satisfies Record<string, Shortcut>;

export type ShortcutName = keyof typeof TABLE;

export const SHORTCUTS: Readonly<Record<ShortcutName, Shortcut>> = TABLE;
export const SCOPES: readonly Scope[] = ["everywhere", "board", "card", "calendar", "event"];

/** As far as a key matters; the browser's event and React's both have it. */
export type Pressed = Pick<
  KeyboardEvent,
  "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey"
>;

export function namesIn(scope: Scope): readonly ShortcutName[] {
  return (Object.keys(TABLE) as ShortcutName[]).filter((name) => TABLE[name].scope === scope);
}

export function isPressed(name: ShortcutName, event: Pressed): boolean {
  const { on, withCommand } = SHORTCUTS[name];
  const isCommand = event.ctrlKey || event.metaKey;
  if (event.altKey || isCommand !== (withCommand === true)) return false;
  return on.some((one) =>
    one.startsWith("Key") ? event.code === one && !event.shiftKey : event.key === one,
  );
}

/** What a key does in a scope; null: nothing. */
export function shortcutIn(scope: Scope, event: Pressed): ShortcutName | null {
  return namesIn(scope).find((name) => isPressed(name, event)) ?? null;
}

/** Keys that a person types go to the field; also inside of Panel's widgets. */
export function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (event.isComposing || event.keyCode === 229) return true;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, textarea, select, [role=textbox]"))
  );
}

const DRAWN: Readonly<Record<string, string>> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  " ": "Space",
  Escape: "Esc",
};

const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** The keys as they stand on a keyboard: `Ctrl K`, or `⌘K` on a Mac. */
export function keysOf(name: ShortcutName): readonly string[] {
  const { on, withCommand } = SHORTCUTS[name];
  const keys = on.map((one) => DRAWN[one] ?? one.replace(/^Key/, ""));
  if (withCommand !== true) return keys;
  return keys.map((key) => (isMac ? `⌘${key}` : `Ctrl ${key}`));
}
