/**
 * A small server for unit tests: it speaks the real codecs, keeps documents in memory and does what a
 * test scripts. Rules of the real hub are tested against the real hub.
 */

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import type { Clock } from "../core/clock";
import type { Push, Reject, Resolve } from "../core/messages";
import { decodeAwareness, encodeAwareness } from "../core/presence";
import { TYPE } from "../core/protocol";
import type { Socket, SocketConstructor } from "../core/socket";
import { applied, hasGap, type Room, readPush } from "./memory_room";

/** Why a PUSH is not accepted. */
export type Verdict = Pick<Reject, "hard" | "code"> & Partial<Pick<Reject, "message" | "paths">>;

const LIMITS = {
  push_bytes: 262_144,
  structs: 2_000,
  client_ids: 64,
  presence_per_s: 20,
  presence_bytes: 2_048,
  channels: 256,
};

const CONFLICT = {
  id: "c1",
  strategy: "last-write-wins",
  version: 1,
  timestamp: 1,
  userId: "joon",
  name: "Joon",
  mine: null,
  theirs: null,
  cs: 0,
};

/** E3 */
const MOST_TAKEN_BACK = 10;
const TAKEN_BACK_WITHIN_MS = 10_000;

export class MemoryHub {
  /** What came, in order. */
  readonly pushes: Push[] = [];
  readonly subs: string[] = [];
  readonly pongs: number[] = [];
  /** While set, connections are refused. */
  down = false;
  /** While set, nothing that is sent arrives, and nothing fails. */
  blackholed = false;
  /** While set, pushes are stored and broadcast, but their acks are lost. */
  losesAcks = false;
  /** While set, pushes are neither stored nor acknowledged, nor any later one of their connection. */
  ignoresPushes = false;
  /** While set, a PUSH is answered by this close code. */
  closesPushes: number | null = null;
  /** While set, every PUSH is answered by RESYNC. */
  lacksItems = false;
  /** Says which PUSHes are not accepted. */
  judge: (push: Push) => Verdict | null = () => null;
  /** While set, what people decide about conflicts is heard and not answered. */
  ignoresDecisions = false;
  readonly decisions: Pick<Resolve, "id" | "action">[] = [];
  readonly rooms = new Map<string, Room>();
  readonly peers = new Set<Peer>();
  opened = 0;

  constructor(readonly clock: Clock) {}

  get WebSocket(): SocketConstructor {
    const hub = this;
    return class extends Peer {
      constructor() {
        super(hub);
      }
    };
  }

  room(document: string): Room {
    const room = this.rooms.get(document) ?? {
      doc: new Y.Doc(),
      channel: this.rooms.size + 1,
      lineage: `${this.rooms.size + 1}`.padStart(32, "a"),
      seq: 0,
      role: "editor",
      durable: new Map(),
    };
    this.rooms.set(document, room);
    return room;
  }

  /** All connections end; what is on the way is lost. */
  cut(code = 1006): void {
    for (const peer of [...this.peers]) peer.drop(code);
  }

  /** What everybody may do in a document, from now on. */
  setRole(document: string, role: string): void {
    const room = this.room(document);
    room.role = role;
    for (const peer of this.peers)
      if (peer.has(room))
        peer.json(room.channel, TYPE.perm, { document, code: "role", message: role });
  }

  /** Tells all who have a document open of a conflict. */
  conflict(document: string, told: object): void {
    const room = this.room(document);
    for (const peer of this.peers)
      if (peer.has(room)) peer.json(room.channel, TYPE.conflict, { ...CONFLICT, ...told });
  }

  resolved(document: string, id: string): void {
    const room = this.room(document);
    for (const peer of this.peers)
      if (peer.has(room)) peer.json(room.channel, TYPE.resolved, { id });
  }

  ping(token: number): void {
    for (const peer of this.peers)
      peer.emit(0, TYPE.ping, (out) => encoding.writeVarUint(out, token));
  }
}

export class Peer implements Socket {
  binaryType = "arraybuffer";
  onopen: Socket["onopen"] = null;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  onerror: Socket["onerror"] = null;
  #open = true;
  #replica = "";
  #user = { id: "", name: "", colour: "teal" };
  readonly #rooms = new Map<number, Room>();
  readonly #states = new Map<number, Map<number, number>>();

  constructor(private readonly hub: MemoryHub) {
    hub.opened += 1;
    hub.clock.after(1, () => {
      if (hub.blackholed) return;
      if (hub.down) return this.drop(1006);
      hub.peers.add(this);
      this.onopen?.();
    });
  }

  send(bytes: Uint8Array): void {
    const copy = bytes.slice();
    this.hub.clock.after(1, () => {
      if (this.#open && !this.hub.blackholed) this.#hear(copy);
    });
  }

  close(): void {
    this.#end();
  }

  drop(code: number, reason = ""): void {
    if (!this.#open) return;
    this.#end();
    this.onclose?.({ code, reason });
  }

  emit(channel: number, type: number, body: (out: encoding.Encoder) => void): void {
    const bytes = encoding.encode((out) => {
      encoding.writeVarUint(out, channel);
      encoding.writeVarUint(out, type);
      body(out);
    });
    this.hub.clock.after(1, () => {
      if (this.#open && !this.hub.blackholed) this.onmessage?.({ data: bytes.slice().buffer });
    });
  }

  drain(delayMs: number): void {
    this.json(0, TYPE.drain, { delay_ms: delayMs });
  }

  has(room: Room): boolean {
    return this.#rooms.get(room.channel) === room;
  }

  #end(): void {
    this.#open = false;
    this.hub.peers.delete(this);
    for (const channel of [...this.#rooms.keys()]) this.#leave(channel);
  }

  json(channel: number, type: number, record: object): void {
    this.emit(channel, type, (out) => encoding.writeVarString(out, JSON.stringify(record)));
  }

  #hear(bytes: Uint8Array): void {
    const input = decoding.createDecoder(bytes);
    while (decoding.hasContent(input)) this.#hearFrame(input);
  }

  #hearFrame(input: decoding.Decoder): void {
    const channel = decoding.readVarUint(input);
    const type = decoding.readVarUint(input);
    if (type === TYPE.hello) this.#hello(JSON.parse(decoding.readVarString(input)));
    else if (type === TYPE.sub) {
      this.#sub(JSON.parse(decoding.readVarString(input)), decoding.readVarUint8Array(input));
    } else if (type === TYPE.push) this.#push(readPush(channel, input));
    else if (type === TYPE.presence) this.#presence(channel, decoding.readVarUint8Array(input));
    else if (type === TYPE.unsub) this.#leave(channel);
    else if (type === TYPE.resolve) this.#resolve(channel, decoding.readVarString(input));
    else if (type === TYPE.pong) this.hub.pongs.push(decoding.readVarUint(input));
  }

  #hello({ replica, name }: { replica: string; name?: string }): void {
    this.#replica = replica;
    const id = name ?? `guest-${replica.slice(0, 6)}`;
    this.#user = { id, name: name ?? "Guest", colour: "teal" };
    const you = this.#user;
    this.json(0, TYPE.welcome, { epoch: "e", you, limits: LIMITS, ping_s: 5, dead_s: 8 });
  }

  #sub(sub: { document: string; create: boolean; lineage: string }, stateVector: Uint8Array): void {
    const { document, create, lineage } = sub;
    this.hub.subs.push(document);
    if (!create && !this.hub.rooms.has(document))
      return this.json(0, TYPE.perm, { document, code: "unknown", message: "no such document" });
    const room = this.hub.room(document);
    if (lineage !== "" && lineage !== room.lineage)
      return this.json(0, TYPE.perm, { document, code: "lineage", message: room.lineage });
    this.#rooms.set(room.channel, room);
    this.#takenBackAt.length = 0;
    this.json(room.channel, TYPE.welcome, {
      document,
      kind: document.split("/")[0],
      lineage: room.lineage,
      role: room.role,
      seq: room.seq,
      cs_durable: room.durable.get(this.#replica) ?? 0,
    });
    const update = Y.encodeStateAsUpdate(room.doc, stateVector);
    this.emit(room.channel, TYPE.sync, (out) => {
      encoding.writeVarUint(out, 1);
      encoding.writeVarUint8Array(out, update);
    });
    for (const peer of this.hub.peers) peer.#tell(room.channel, this);
  }

  #push(push: Push): void {
    const { channel, cs } = push;
    const room = this.#rooms.get(channel);
    if (!this.#open) return;
    this.hub.pushes.push(push);
    if (this.hub.closesPushes !== null) return this.drop(this.hub.closesPushes, "over a limit");
    // A connection that lost one message has lost all that follow.
    if (this.hub.ignoresPushes) this.#refused.add(channel);
    if (room === undefined || this.#refused.has(channel)) return;
    if (cs > (room.durable.get(this.#replica) ?? 0)) {
      const verdict = this.#verdict(room, push);
      if (verdict?.hard) return this.#refuse(push, verdict);
      if (this.hub.lacksItems || hasGap(room.doc, push.update)) return this.#park(room, push);
      this.#store(room, push, verdict);
    }
    if (!this.hub.losesAcks) this.#ack(room);
  }

  /** What lacks something waits, and with it every ACK from its number on (P3). */
  #park(room: Room, push: Push): void {
    this.#parked.push(push);
    this.#resync(room);
  }

  #parked: Push[] = [];

  #ack({ channel, durable, seq }: Room): void {
    this.emit(channel, TYPE.ack, (out) => {
      encoding.writeVarUint(out, durable.get(this.#replica) ?? 0);
      encoding.writeVarUint(out, seq);
    });
  }

  /** Channels on which nothing is applied any more, until the next SUB (E2). */
  readonly #refused = new Set<number>();

  readonly #takenBackAt: number[] = [];

  #verdict(room: Room, push: Push): Verdict | null {
    if (room.role === "viewer") return { hard: true, code: "role" };
    const since = this.hub.clock.now() - TAKEN_BACK_WITHIN_MS;
    const isTooMuch = this.#takenBackAt.filter((at) => at > since).length > MOST_TAKEN_BACK;
    if (isTooMuch) return { hard: true, code: "limit" };
    const verdict = this.hub.judge(push);
    if (verdict !== null && !verdict.hard) this.#takenBackAt.push(this.hub.clock.now());
    return verdict;
  }

  #refuse({ channel, cs }: Push, verdict: Verdict): void {
    if (verdict.hard) this.#refused.add(channel);
    this.json(channel, TYPE.reject, { cs, message: "", paths: [], ...verdict });
  }

  #store(room: Room, push: Push, verdict: Verdict | null): void {
    const news = applied(room.doc, push.update, verdict !== null);
    room.seq += 1;
    this.#note(room, push);
    for (const peer of this.hub.peers)
      if (peer !== this && peer.has(room)) peer.#update(room, news);
    if (verdict === null) return;
    this.#refuse(push, verdict);
    this.#update(room, news);
  }

  #note(room: Room, push: Push): void {
    this.#applied.set(room.channel, Math.max(this.#applied.get(room.channel) ?? 0, push.cs));
    const ready = this.#parked.filter(
      ({ channel, update }) => channel === room.channel && !hasGap(room.doc, update),
    );
    this.#parked = this.#parked.filter((parked) => !ready.includes(parked));
    const waiting = this.#parked.filter(({ channel }) => channel === room.channel);
    const below = Math.min(...waiting.map(({ cs }) => cs - 1));
    room.durable.set(this.#replica, Math.min(this.#applied.get(room.channel) ?? 0, below));
    for (const parked of ready) this.#store(room, parked, null);
  }

  readonly #applied = new Map<number, number>();

  #update(room: Room, update: Uint8Array): void {
    this.emit(room.channel, TYPE.update, (out) => {
      encoding.writeVarUint(out, room.seq);
      encoding.writeVarUint8Array(out, update);
    });
  }

  #resolve(channel: number, json: string): void {
    const { id, action } = JSON.parse(json) as Pick<Resolve, "id" | "action">;
    this.hub.decisions.push({ id, action });
    if (this.hub.ignoresDecisions) return;
    for (const peer of this.hub.peers)
      if (peer.#rooms.has(channel)) peer.json(channel, TYPE.resolved, { id });
  }

  #resync(room: Room): void {
    this.emit(room.channel, TYPE.resync, (out) => {
      encoding.writeVarString(out, "gap");
      encoding.writeVarUint8Array(out, Y.encodeStateVector(room.doc));
    });
  }

  #presence(channel: number, update: Uint8Array): void {
    const entries = decodeAwareness(update).map((entry) => {
      const states = this.#states.get(channel) ?? new Map<number, number>();
      this.#states.set(channel, states.set(entry.client_id, entry.clock));
      const state = JSON.stringify({ ...JSON.parse(entry.state), user: this.#user });
      return { ...entry, state };
    });
    this.#lastPresence.set(channel, entries);
    for (const peer of this.hub.peers) this.#tell(channel, peer);
  }

  readonly #lastPresence = new Map<number, ReturnType<typeof decodeAwareness>>();

  #tell(channel: number, peer: Peer): void {
    const entries = this.#lastPresence.get(channel);
    if (entries === undefined || !peer.#rooms.has(channel)) return;
    peer.emit(channel, TYPE.presence, (out) =>
      encoding.writeVarUint8Array(out, encodeAwareness(entries)),
    );
  }

  #leave(channel: number): void {
    this.#rooms.delete(channel);
    this.#refused.delete(channel);
    this.#parked = this.#parked.filter((push) => push.channel !== channel);
    const gone = [...(this.#states.get(channel) ?? [])].map(([client_id, clock]) => ({
      client_id,
      clock: clock + 1,
      state: "null",
    }));
    this.#states.delete(channel);
    if (gone.length > 0) this.#lastPresence.set(channel, gone);
    for (const peer of this.hub.peers) this.#tell(channel, peer);
    this.#lastPresence.delete(channel);
  }
}
