/** How another team's program opens a client, with the few options that it needs. */

import { MoimError } from "../core/moim_error";
import type { SocketConstructor } from "../core/socket";
import type { CalendarCode } from "../store/calendar_code";
import * as client from "../store/client";

/** An address at which there can be no server of moim. */
export class InvalidAddress extends MoimError {
  override readonly name = "InvalidAddress";
}

export interface OpenOptions {
  /** `https://host`, the `/sync` of a server under a path of its own, or a path on the page's own host. */
  readonly url: string;
  /** The guest's name; the person of an account has the name of the account. */
  readonly name?: string;
  /** `calendars` of this package, where calendars are opened. */
  readonly calendars?: CalendarCode;
  /** Names of the columns of a new project. */
  readonly columnNames?: () => readonly [todo: string, doing: string, done: string];
  /** Where edits are kept until the server has them; null: nowhere. */
  readonly indexedDB?: IDBFactory | null;
  readonly WebSocket?: new (url: string, protocol: string) => WebSocket;
}

export type Client = Pick<
  client.DocumentClient,
  | "connection"
  | "workspace"
  | "project"
  | "calendar"
  | "calendarOccurrences"
  | "presence"
  | "text"
  | "document"
  | "resolveConflict"
  | "applyAgain"
  | "forgetRefused"
  | "rename"
  | "close"
>;

/**
 * Opens the client of a server and connects, again and again until it is closed.
 *
 * Throws InvalidAddress.
 */
export function openClient(options: OpenOptions): Client {
  const { url, calendars, WebSocket, ...rest } = options;
  return client.openClient({
    ...rest,
    url: syncAddress(url, globalThis.location?.href),
    // what a bundle of moim itself has brought to this page works on another copy of Yjs
    calendars: calendars ?? null,
    ...(WebSocket && { WebSocket: WebSocket as unknown as SocketConstructor }),
  });
}

/** The address of the socket; `page` is what a relative one is relative to. */
export function syncAddress(url: string, page: string | undefined): string {
  if (!URL.canParse(url, page)) throw new InvalidAddress(expected(url));
  const address = new URL(url, page);
  address.protocol = address.protocol.replace("http", "ws");
  if (address.protocol !== "ws:" && address.protocol !== "wss:")
    throw new InvalidAddress(expected(url));
  if (address.pathname === "/") address.pathname = "/sync";
  address.hash = "";
  return address.href;
}

function expected(url: string): string {
  return `expected an address like https://host or wss://host/sync, got ${JSON.stringify(url)}`;
}
