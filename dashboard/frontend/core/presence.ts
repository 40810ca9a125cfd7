/**
 * Who else is in a document and what they do, in the awareness format of y-protocols. The server owns
 * it: it says who somebody is and when they are gone (PROTOCOL.md R1-R3), so nothing here times out.
 */

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type { Clock } from "./clock";
import type { Person } from "./messages";

/** What a tab says of itself; the server adds who it is. */
export interface Activity {
  readonly drag: unknown;
  readonly editing: unknown;
  /** Where the caret is in a shared text. */
  readonly cursor: unknown;
  /** Where in the workspace it is; said in the workspace's own presence only. */
  readonly at: unknown;
  readonly idle: boolean;
}

/** What a tab of somebody says; all but `user` and `idle` is as unknown as the sender. */
export interface TabState extends Activity {
  readonly user: Person;
}

export interface AwarenessEntry {
  readonly client_id: number;
  readonly clock: number;
  /** JSON; `null` when gone. */
  readonly state: string;
}

export interface PresenceOptions {
  readonly clientId: () => number;
  readonly clock: Clock;
  readonly send: (update: Uint8Array) => void;
}

const SEND_EVERY_MS = 50;
const NOTHING: Activity = { drag: null, editing: null, cursor: null, at: null, idle: false };

export function encodeAwareness(entries: readonly AwarenessEntry[]): Uint8Array {
  return encoding.encode((out) => {
    encoding.writeVarUint(out, entries.length);
    for (const { client_id, clock, state } of entries) {
      encoding.writeVarUint(out, client_id);
      encoding.writeVarUint(out, clock);
      encoding.writeVarString(out, state);
    }
  });
}

export function decodeAwareness(update: Uint8Array): AwarenessEntry[] {
  const input = decoding.createDecoder(update);
  return Array.from({ length: decoding.readVarUint(input) }, () => ({
    client_id: decoding.readVarUint(input),
    clock: decoding.readVarUint(input),
    state: decoding.readVarString(input),
  }));
}

export class Presence {
  #own = NOTHING;
  #clock = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #cancelSend: (() => void) | null = null;
  readonly #clocks = new Map<number, number>();
  readonly #others = new Map<number, TabState>();
  readonly #listeners = new Set<() => void>();

  constructor(private readonly options: PresenceOptions) {}

  /** The others' tabs by client id, in order of arrival. */
  get others(): ReadonlyMap<number, TabState> {
    return this.#others;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Says something else of this tab from now on; at most 20 times a second leaves the page. */
  set(change: Partial<Activity>): void {
    const own = { ...this.#own, ...change };
    if (JSON.stringify(own) === JSON.stringify(this.#own)) return;
    this.#own = own;
    const waitMs = this.#sentAt + SEND_EVERY_MS - this.options.clock.now();
    if (waitMs <= 0) this.announce();
    else this.#cancelSend ??= this.options.clock.after(waitMs, () => this.announce());
  }

  /** Sends what this tab does now, as the server may not know it. */
  announce(): void {
    this.#cancelSend?.();
    this.#cancelSend = null;
    this.#sentAt = this.options.clock.now();
    this.#clock += 1;
    const state = JSON.stringify(said(this.#own));
    this.options.send(
      encodeAwareness([{ client_id: this.options.clientId(), clock: this.#clock, state }]),
    );
  }

  receive(update: Uint8Array): void {
    for (const entry of decodeAwareness(update))
      if (entry.client_id !== this.options.clientId()) this.#take(entry);
    this.#notify();
  }

  /** Without a server nobody is known to be here. */
  lost(): void {
    this.#clocks.clear();
    if (this.#others.size === 0) return;
    this.#others.clear();
    this.#notify();
  }

  close(): void {
    this.#cancelSend?.();
    this.#cancelSend = null;
  }

  #take({ client_id, clock, state }: AwarenessEntry): void {
    const known = this.#clocks.get(client_id) ?? -1;
    const tab = tabOf(state);
    if (clock < known || (clock === known && tab !== null)) return;
    this.#clocks.set(client_id, clock);
    if (tab === null) this.#others.delete(client_id);
    else this.#others.set(client_id, tab);
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** What is not the case is not sent: presence is counted in bytes. */
function said(own: Activity): object {
  return {
    ...(own.drag === null ? {} : { drag: own.drag }),
    ...(own.editing === null ? {} : { editing: own.editing }),
    ...(own.at === null ? {} : { at: own.at }),
    ...(own.cursor === null ? {} : { cursor: own.cursor }),
    ...(own.idle ? { idle: true } : {}),
  };
}

/** Null for somebody who is gone, or whose state nobody can read. */
function tabOf(state: string): TabState | null {
  const value = parsed(state);
  const user = value?.user as Partial<Record<keyof Person, unknown>> | null | undefined;
  if (!value || typeof user?.id !== "string") return null;
  return {
    user: { id: user.id, name: String(user.name ?? ""), colour: String(user.colour ?? "") },
    drag: value.drag ?? null,
    editing: value.editing ?? null,
    at: value.at ?? null,
    cursor: value.cursor ?? null,
    idle: value.idle === true,
  };
}

function parsed(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
