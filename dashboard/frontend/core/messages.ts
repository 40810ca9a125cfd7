/**
 * What client and server of `/sync` say to each other (sync/PROTOCOL.md), one interface a message.
 *
 * Ids of replicas and lineages are 32 hex digits.
 */

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly colour: string;
}

export interface Limits {
  readonly push_bytes: number;
  readonly structs: number;
  readonly client_ids: number;
  readonly presence_per_s: number;
  readonly presence_bytes: number;
  readonly channels: number;
}

export interface Hello {
  readonly type: "hello";
  readonly protocol: number;
  readonly client: string;
  /** 32 hex digits. */
  readonly replica: string;
  readonly name: string;
}

export interface Sub {
  readonly type: "sub";
  readonly document: string;
  readonly create: boolean;
  /** 32 hex digits, or empty without a local copy. */
  readonly lineage: string;
  readonly state_vector: Uint8Array;
}

export interface Unsub {
  readonly type: "unsub";
  readonly channel: number;
}

export interface Push {
  readonly type: "push";
  readonly channel: number;
  readonly cs: number;
  readonly base_seq: number;
  readonly touched: readonly string[];
  /** JSON of what each touched register was set to, "" where it is not told; or empty. */
  readonly values: readonly string[];
  readonly update: Uint8Array;
}

export type ResolveAction = "theirs" | "mine" | "both" | "seen";

/** The person has decided about a conflict. */
export interface Resolve {
  readonly type: "resolve";
  readonly channel: number;
  readonly id: string;
  readonly action: ResolveAction;
}

export interface Presence {
  readonly type: "presence";
  readonly channel: number;
  readonly update: Uint8Array;
}

export interface Pong {
  readonly type: "pong";
  readonly token: number;
}

export type ClientMessage = Hello | Sub | Unsub | Push | Presence | Pong | Resolve;

export interface Welcome {
  readonly type: "welcome";
  readonly epoch: string;
  readonly you: Person;
  readonly limits: Limits;
  readonly ping_s: number;
  readonly dead_s: number;
}

export interface Granted {
  readonly type: "granted";
  readonly channel: number;
  readonly document: string;
  readonly kind: string;
  readonly lineage: string;
  readonly role: string;
  readonly seq: number;
  readonly cs_durable: number;
}

export interface Sync {
  readonly type: "sync";
  readonly channel: number;
  readonly update: Uint8Array;
}

export interface Ack {
  readonly type: "ack";
  readonly channel: number;
  readonly cs: number;
  readonly seq: number;
}

export interface Perm {
  readonly type: "perm";
  readonly channel: number;
  readonly document: string;
  readonly code: string;
  readonly message: string;
}

export interface Drain {
  readonly type: "drain";
  readonly delay_ms: number;
}

export interface Ping {
  readonly type: "ping";
  readonly token: number;
}

export interface Resync {
  readonly type: "resync";
  readonly channel: number;
  readonly reason: string;
  readonly state_vector: Uint8Array;
}

export interface Update {
  readonly type: "update";
  readonly channel: number;
  readonly seq: number;
  readonly update: Uint8Array;
}

/** A place that an edit may not set so. */
export interface Refusal {
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

/** The edit `cs` does not hold; `hard`: it was never applied, nor is any later one (E2). */
export interface Reject {
  readonly type: "reject";
  readonly channel: number;
  readonly cs: number;
  readonly hard: boolean;
  readonly code: string;
  readonly message: string;
  readonly paths: readonly Refusal[];
}

/** Two people set one register unseen by each other, and `mine` did not stay (C1). */
export interface Conflict {
  readonly type: "conflict";
  readonly channel: number;
  readonly id: string;
  readonly entity: string;
  readonly path: string;
  readonly strategy: string;
  readonly version: number;
  readonly timestamp: number;
  readonly user_id: string;
  readonly name: string;
  readonly mine: unknown;
  readonly theirs: unknown;
  /** The PUSH of ours that lost; 0 when a value that was saved before lost. */
  readonly cs: number;
}

/** A conflict is settled, here or in another window of the same person. */
export interface Resolved {
  readonly type: "resolved";
  readonly channel: number;
  readonly id: string;
}

export type ServerMessage =
  | Reject
  | Conflict
  | Resolved
  | Welcome
  | Granted
  | Sync
  | Presence
  | Ack
  | Perm
  | Drain
  | Ping
  | Resync
  | Update;
