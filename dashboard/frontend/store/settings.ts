/** The few words that a browser keeps about its person; a page without storage has none. */

import type { Hue, Member } from "./types";

const NAME = "moim.name";
const ME = "moim.me";
const UNKNOWN: Member = { id: "unknown", name: "", colour: "teal" };

export class Settings {
  constructor(private readonly storage: Storage | null) {}

  /** The guest's own name; empty: none was chosen. */
  get name(): string {
    return this.#get(NAME) ?? "";
  }

  set name(name: string) {
    this.#set(NAME, name);
  }

  /** Who the server last said we are, for edits made before it says so again. */
  get me(): Member {
    const text = this.#get(ME);
    return (text === null ? null : memberOf(text)) ?? UNKNOWN;
  }

  set me(me: Member) {
    this.#set(ME, JSON.stringify(me));
  }

  /** Storage throws when the browser forbids it: the page goes on without. */
  #get(key: string): string | null {
    try {
      return this.storage?.getItem(key) ?? null;
    } catch {
      return null;
    }
  }

  #set(key: string, value: string): void {
    try {
      this.storage?.setItem(key, value);
    } catch (error) {
      console.warn(`moim: this browser does not keep ${key}`, error);
    }
  }
}

/** Null when somebody else wrote it. */
function memberOf(text: string): Member | null {
  try {
    const { id, name, colour } = JSON.parse(text) as Record<string, unknown>;
    return { id: String(id), name: String(name), colour: String(colour) as Hue };
  } catch {
    return null;
  }
}
