/**
 * One client per page and server, however many components ask for it. The registry is on `globalThis`
 * because a page may run two copies of this bundle (the shell's and a component's).
 */

import type { MoimClient } from "../store/types";

interface Shared {
  readonly client: MoimClient;
  users: number;
}

const REGISTRY = Symbol.for("moim.clients");

type Registry = Map<string, Shared>;

function registry(): Registry {
  const place = globalThis as { [REGISTRY]?: Registry };
  place[REGISTRY] ??= new Map();
  return place[REGISTRY];
}

export interface HeldClient {
  readonly client: MoimClient;
  release(): void;
}

/** The page's client for this address; it closes when the last holder lets go. */
export function holdClient(url: string, open: (url: string) => MoimClient): HeldClient {
  const known = registry();
  const shared = known.get(url) ?? { client: open(url), users: 0 };
  known.set(url, shared);
  shared.users += 1;
  let isHeld = true;
  return {
    client: shared.client,
    release() {
      if (!isHeld) return;
      isHeld = false;
      shared.users -= 1;
      if (shared.users > 0) return;
      known.delete(url);
      shared.client.close();
    },
  };
}

/** `/sync` of this page's own server, or what was asked for. */
export function syncAddress(url?: string): string {
  const address = new URL(url ?? "/sync", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  return address.href;
}
