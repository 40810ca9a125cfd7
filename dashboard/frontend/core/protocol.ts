/**
 * The messages of `/sync` (`messages.ts`, sync/PROTOCOL.md) as bytes. The client's messages are encoded, the
 * server's decoded; both are held to `tests/vectors/protocol.json`. Knows no socket and no Yjs.
 */

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import type {
  ClientMessage,
  Conflict,
  Granted,
  Hello,
  Perm,
  Push,
  Reject,
  ServerMessage,
  Sync,
  Welcome,
} from "./messages";

export const PROTOCOL = 1;
export const SUBPROTOCOL = "moim.sync.1";

export const TYPE = {
  sync: 0,
  presence: 1,
  hello: 120,
  welcome: 121,
  sub: 122,
  unsub: 123,
  push: 124,
  ack: 125,
  reject: 126,
  conflict: 127,
  perm: 128,
  drain: 129,
  ping: 130,
  pong: 131,
  resync: 132,
  update: 133,
  resolve: 134,
  resolved: 135,
} as const;

const SYNC_STEP_2 = 1;

/** Types that mean nothing on channel 0. */
const OF_A_DOCUMENT = new Set<number>([
  TYPE.sync,
  TYPE.presence,
  TYPE.ack,
  TYPE.resync,
  TYPE.update,
  TYPE.reject,
  TYPE.conflict,
  TYPE.resolved,
]);

/** The server said something that PROTOCOL.md does not know; the connection cannot go on. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}

/** Gives one WebSocket message of one or several frames. */
export function encode(...messages: readonly ClientMessage[]): Uint8Array {
  return encoding.encode((out) => {
    for (const message of messages) {
      encoding.writeVarUint(out, "channel" in message ? message.channel : 0);
      encoding.writeVarUint(out, TYPE[message.type]);
      writeBody(out, message);
    }
  });
}

function writeBody(out: encoding.Encoder, message: ClientMessage): void {
  switch (message.type) {
    case "hello":
      return writeJson(out, helloRecord(message));
    case "sub":
      writeJson(out, {
        document: message.document,
        create: message.create,
        lineage: message.lineage,
      });
      return encoding.writeVarUint8Array(out, message.state_vector);
    case "unsub":
      return;
    case "push":
      return writePush(out, message);
    case "presence":
      return encoding.writeVarUint8Array(out, message.update);
    case "pong":
      return encoding.writeVarUint(out, message.token);
    case "resolve":
      return writeJson(out, { id: message.id, action: message.action });
  }
}

function helloRecord({ protocol, client, replica, name }: Hello): object {
  return name === "" ? { protocol, client, replica } : { protocol, client, replica, name };
}

function writePush(out: encoding.Encoder, push: Push): void {
  encoding.writeVarUint(out, push.cs);
  encoding.writeVarUint(out, push.base_seq);
  encoding.writeVarUint(out, push.touched.length);
  for (const [at, path] of push.touched.entries()) {
    encoding.writeVarString(out, path);
    encoding.writeVarString(out, push.values[at] ?? "");
  }
  encoding.writeVarUint8Array(out, push.update);
}

function writeJson(out: encoding.Encoder, record: object): void {
  encoding.writeVarString(out, JSON.stringify(record));
}

/** Gives the messages of one WebSocket message; several frames may follow one another. */
export function decode(bytes: Uint8Array): ServerMessage[] {
  const input = decoding.createDecoder(bytes);
  const messages: ServerMessage[] = [];
  try {
    do messages.push(readFrame(input));
    while (decoding.hasContent(input));
  } catch (error) {
    throw error instanceof MalformedMessage ? error : new MalformedMessage(String(error));
  }
  return messages;
}

function readFrame(input: decoding.Decoder): ServerMessage {
  const channel = decoding.readVarUint(input);
  const type = decoding.readVarUint(input);
  if (channel === 0 && OF_A_DOCUMENT.has(type))
    throw new MalformedMessage(`expected a document's channel for type ${type}, got channel 0`);
  switch (type) {
    case TYPE.sync:
      return readSync(input, channel);
    case TYPE.presence:
      return { type: "presence", channel, update: readBytes(input) };
    case TYPE.welcome:
      return channel === 0 ? welcomeOf(readJson(input)) : grantedOf(channel, readJson(input));
    case TYPE.ack:
      return {
        type: "ack",
        channel,
        cs: decoding.readVarUint(input),
        seq: decoding.readVarUint(input),
      };
    case TYPE.perm:
      return permOf(channel, readJson(input));
    case TYPE.drain:
      return { type: "drain", delay_ms: numberOf(readJson(input), "delay_ms") };
    case TYPE.ping:
      return { type: "ping", token: decoding.readVarUint(input) };
    case TYPE.reject:
      return rejectOf(channel, readJson(input));
    case TYPE.conflict:
      return conflictOf(channel, readJson(input));
    case TYPE.resolved:
      return { type: "resolved", channel, id: stringOf(readJson(input), "id") };
    case TYPE.resync:
      return {
        type: "resync",
        channel,
        reason: decoding.readVarString(input),
        state_vector: readBytes(input),
      };
    case TYPE.update:
      return {
        type: "update",
        channel,
        seq: decoding.readVarUint(input),
        update: readBytes(input),
      };
    default:
      throw new MalformedMessage(`expected a type that the server sends, got ${type}`);
  }
}

function readSync(input: decoding.Decoder, channel: number): Sync {
  const step = decoding.readVarUint(input);
  if (step !== SYNC_STEP_2) throw new MalformedMessage(`expected SyncStep2, got step ${step}`);
  return { type: "sync", channel, update: readBytes(input) };
}

/** Copied out, so that a kept update does not keep a whole WebSocket message. */
function readBytes(input: decoding.Decoder): Uint8Array {
  return decoding.readVarUint8Array(input).slice();
}

type Json = Readonly<Record<string, unknown>>;

function readJson(input: decoding.Decoder): Json {
  const value: unknown = JSON.parse(decoding.readVarString(input));
  if (!isRecord(value)) throw new MalformedMessage("expected a JSON object");
  return value;
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function numberOf(record: Json, key: string): number {
  const value = record[key];
  if (typeof value !== "number" || !(value >= 0))
    throw new MalformedMessage(`expected a number from 0 as ${key}`);
  return value;
}

function stringOf(record: Json, key: string): string {
  const value = record[key];
  if (typeof value !== "string") throw new MalformedMessage(`expected a string as ${key}`);
  return value;
}

function recordOf(record: Json, key: string): Json {
  const value = record[key];
  if (!isRecord(value)) throw new MalformedMessage(`expected an object as ${key}`);
  return value;
}

function welcomeOf(record: Json): Welcome {
  const you = recordOf(record, "you");
  const limits = recordOf(record, "limits");
  return {
    type: "welcome",
    epoch: stringOf(record, "epoch"),
    you: { id: stringOf(you, "id"), name: stringOf(you, "name"), colour: stringOf(you, "colour") },
    limits: {
      push_bytes: numberOf(limits, "push_bytes"),
      structs: numberOf(limits, "structs"),
      client_ids: numberOf(limits, "client_ids"),
      presence_per_s: numberOf(limits, "presence_per_s"),
      presence_bytes: numberOf(limits, "presence_bytes"),
      channels: numberOf(limits, "channels"),
    },
    ping_s: numberOf(record, "ping_s"),
    dead_s: numberOf(record, "dead_s"),
  };
}

function grantedOf(channel: number, record: Json): Granted {
  return {
    type: "granted",
    channel,
    document: stringOf(record, "document"),
    kind: stringOf(record, "kind"),
    lineage: stringOf(record, "lineage"),
    role: stringOf(record, "role"),
    seq: numberOf(record, "seq"),
    cs_durable: numberOf(record, "cs_durable"),
  };
}

function permOf(channel: number, record: Json): Perm {
  return {
    type: "perm",
    channel,
    document: stringOf(record, "document"),
    code: stringOf(record, "code"),
    message: stringOf(record, "message"),
  };
}

function rejectOf(channel: number, record: Json): Reject {
  const paths = record.paths;
  if (!Array.isArray(paths)) throw new MalformedMessage("expected a list as paths");
  return {
    type: "reject",
    channel,
    cs: numberOf(record, "cs"),
    hard: record.hard === true,
    code: stringOf(record, "code"),
    message: stringOf(record, "message"),
    paths: paths.filter(isRecord).map((path) => ({
      path: stringOf(path, "path"),
      expected: stringOf(path, "expected"),
      got: stringOf(path, "got"),
    })),
  };
}

function conflictOf(channel: number, record: Json): Conflict {
  return {
    type: "conflict",
    channel,
    id: stringOf(record, "id"),
    entity: stringOf(record, "entity"),
    path: stringOf(record, "path"),
    strategy: stringOf(record, "strategy"),
    version: numberOf(record, "version"),
    timestamp: numberOf(record, "timestamp"),
    user_id: stringOf(record, "userId"),
    name: stringOf(record, "name"),
    mine: record.mine ?? null,
    theirs: record.theirs ?? null,
    cs: numberOf(record, "cs"),
  };
}
