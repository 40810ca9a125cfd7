/** What a provider needs, and what it has to do with documents. */

import type { Clock } from "./clock";
import type {
  Ack,
  Conflict,
  Granted,
  Perm,
  Presence,
  Reject,
  Resolved,
  Resync,
  Sync,
  Update,
} from "./messages";
import type { SocketConstructor } from "./socket";

/** Who speaks: read anew for each connection. */
export interface Identity {
  readonly client: string;
  readonly replica: string;
  readonly name: string;
}

export interface ProviderOptions {
  readonly url: string;
  readonly identity: () => Identity;
  readonly WebSocket: SocketConstructor;
  /** For where no WebSocket gets through; null: there is nothing else. */
  readonly Polling?: SocketConstructor | null;
  readonly clock: Clock;
  readonly random: () => number;
  /** Whose edits this client keeps; null: whoever the server says. */
  readonly person?: string | null;
}

export type DocumentMessage =
  | Sync
  | Presence
  | Ack
  | Resync
  | Update
  | Reject
  | Conflict
  | Resolved;

/** A document as the provider sees it. */
export interface Subscriber {
  readonly document: string;
  /** What a SUB says about the local copy. */
  request(): { create: boolean; lineage: string; state_vector: Uint8Array };
  granted(granted: Granted): void;
  receive(message: DocumentMessage): void;
  refused(perm: Perm): void;
  /** The connection is gone; nothing in flight will be answered. `forGood`: the server refused something. */
  lost(forGood: boolean): void;
}

export type Phase = "connecting" | "connected" | "waiting" | "stopped" | "closed";

export interface Stopped {
  readonly code: number;
  readonly reason: string;
}
