/** What a client is given, and what it takes from its browser where it is given nothing. */

import type { Clock } from "../core/clock";
import { Database } from "../core/database";
import type { PageKeeper } from "../core/page_keeper";
import type { SocketConstructor } from "../core/socket";
import type { TabChannel } from "../core/tabs";

export interface ClientOptions {
  /** Address of `/sync`: `ws://` or `wss://`. */
  readonly url: string;
  /** The guest's name, when the page knows it better than this browser. */
  readonly name?: string;
  /** Names of the columns of a new project, in the person's language. */
  readonly columnNames?: () => readonly [todo: string, doing: string, done: string];
  /** null: nothing is kept on this device. */
  readonly indexedDB?: IDBFactory | null;
  readonly locks?: LockManager | null;
  readonly storage?: Storage | null;
  readonly page?: Window | null;
  /** To the other tabs of this browser. */
  readonly tabs?: TabChannel | null;
  /** Lets the page open without the server; null: this page is somebody else's. */
  readonly keeper?: PageKeeper | null;
  readonly WebSocket?: SocketConstructor;
  /** null: a page that has only WebSockets. */
  readonly Polling?: SocketConstructor | null;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export function databaseOf({ indexedDB, url }: ClientOptions, clock: Clock): Database | null {
  const factory = indexedDB === undefined ? (globalThis.indexedDB ?? null) : indexedDB;
  return factory === null ? null : new Database(factory, `moim ${new URL(url).pathname}`, clock);
}

export function channelOf({ tabs, url }: ClientOptions): TabChannel | null {
  if (tabs !== undefined) return tabs;
  const Channel = globalThis.BroadcastChannel;
  if (Channel === undefined) return null;
  return new Channel(`moim ${new URL(url).pathname}`) as unknown as TabChannel;
}

export function pageOf({ page }: ClientOptions): Window | null {
  return page === undefined ? (globalThis.window ?? null) : page;
}

export function locksOf({ locks }: ClientOptions): LockManager | null {
  return locks === undefined ? (globalThis.navigator?.locks ?? null) : locks;
}

/** Reading the property throws where storage is forbidden. */
export function storageOf(options: ClientOptions): Storage | null {
  if (options.storage !== undefined) return options.storage;
  try {
    return pageOf(options)?.localStorage ?? null;
  } catch {
    return null;
  }
}
