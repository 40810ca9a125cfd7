/**
 * One client per address and page. The registry lies on `globalThis`, because a page may load the
 * bundle twice, under two addresses: two clients would be two sockets and two documents.
 */

import { type DocumentClient, openClient } from "./client";
import type { ClientOptions } from "./client_options";

interface Entry {
  readonly client: DocumentClient;
  holders: number;
}

const REGISTRY = Symbol.for("moim.clients");

function registry(): Map<string, Entry> {
  const holder = globalThis as { [REGISTRY]?: Map<string, Entry> };
  holder[REGISTRY] ??= new Map();
  return holder[REGISTRY];
}

/** Gives the page's client for an address; it closes when the last holder releases it. */
export function holdClient(options: ClientOptions): {
  client: DocumentClient;
  release: () => void;
} {
  const clients = registry();
  const entry = clients.get(options.url) ?? { client: openClient(options), holders: 0 };
  clients.set(options.url, entry);
  entry.holders += 1;
  let released = false;
  const release = () => {
    if (released) return;
    released = true;
    entry.holders -= 1;
    if (entry.holders > 0) return;
    clients.delete(options.url);
    entry.client.close();
  };
  return { client: entry.client, release };
}
