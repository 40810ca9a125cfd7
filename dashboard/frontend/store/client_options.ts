/** What a client is given, and what it takes from its browser where it is given nothing. */

import type { Clock } from "../core/clock";
import { Database } from "../core/database";
import type { PageKeeper } from "../core/page_keeper";
import { PollingSocket } from "../core/polling_socket";
import type { SocketConstructor } from "../core/socket";
import type { TabChannel } from "../core/tabs";
import type { CalendarCode } from "./calendar_code";

export interface ClientOptions {
  /** Address of `/sync`: `ws://` or `wss://`. */
  readonly url: string;
  /** The guest's name, when the page knows it better than this browser. */
  readonly name?: string;
  /** Whose edits are kept here; null: a guest's. Without, the page's cookie says it. */
  readonly person?: string | null;
  /** Names of the columns of a new project, in the person's language. */
  readonly columnNames?: () => readonly [todo: string, doing: string, done: string];
  /** What makes stores of calendars; absent: what the page has brought, null: it shows none. */
  readonly calendars?: CalendarCode | null;
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

export function databaseOf(options: ClientOptions, clock: Clock): Database | null {
  const { indexedDB } = options;
  const factory = indexedDB === undefined ? (globalThis.indexedDB ?? null) : indexedDB;
  return factory === null ? null : new Database(factory, keptUnder(options), clock);
}

export function channelOf(options: ClientOptions): TabChannel | null {
  if (options.tabs !== undefined) return options.tabs;
  const Channel = globalThis.BroadcastChannel;
  if (Channel === undefined) return null;
  return new Channel(keptUnder(options)) as unknown as TabChannel;
}

/**
 * Who signed in with this browser, as the server's cookie says; null for guests. What people keep here
 * lies apart, so that nobody's edits are sent, or documents shown, as another's.
 */
export function personOf(options: ClientOptions): string | null {
  if (options.person !== undefined) return options.person;
  const page = pageOf(options);
  if (page?.location?.host !== new URL(options.url).host) return null;
  const found = /(?:^|; )moim_person=(user-[0-9a-f]+)(?:;|$)/.exec(page.document.cookie);
  return found?.[1] ?? null;
}

/** What a page keeps of a server elsewhere lies apart from what it keeps of its own. */
export function keptUnder(options: ClientOptions): string {
  const person = personOf(options);
  const { host, pathname } = new URL(options.url);
  const place = host === globalThis.location?.host ? "" : host;
  const name = `moim ${place}${pathname}`;
  return person === null ? name : `${name} ${person}`;
}

/** A server of another origin lets no page of ours poll it. */
export function pollingAt({ url }: ClientOptions): SocketConstructor | null {
  return new URL(url).host === globalThis.location?.host ? PollingSocket : null;
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
