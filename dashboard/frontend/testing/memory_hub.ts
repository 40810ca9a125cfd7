/**
 * A small server for unit tests: it speaks the real codecs, keeps documents in memory and does what a
 * test scripts. Rules of the real hub are tested against the real hub.
 */

import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import type { Clock } from "../core/clock";
import type { Socket, SocketConstructor } from "../core/dialer";
import { decodeAwareness, encodeAwareness } from "../core/presence";
import { type Push, TYPE } from "../core/protocol";

interface Room {
  readonly doc: Y.Doc;
  readonly channel: number;
  lineage: string;
  seq: number;
  readonly durable: Map<string, number>;
}

const LIMITS = {
  push_bytes: 262_144,
  structs: 2_000,
  client_ids: 64,
  presence_per_s: 20,
  presence_bytes: 2_048,
  channels: 256,
};

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
  /** While set, pushes are neither stored nor acknowledged. */
  ignoresPushes = false;
  /** While set, a PUSH is answered by this close code. */
  closesPushes: number | null = null;
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
      durable: new Map(),
    };
    this.rooms.set(document, room);
    return room;
  }

  /** All connections end; what is on the way is lost. */
  cut(code = 1006): void {
    for (const peer of [...this.peers]) peer.drop(code);
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
    this.#json(0, TYPE.drain, { delay_ms: delayMs });
  }

  has(room: Room): boolean {
    return this.#rooms.get(room.channel) === room;
  }

  #end(): void {
    this.#open = false;
    this.hub.peers.delete(this);
    for (const channel of [...this.#rooms.keys()]) this.#leave(channel);
  }

  #json(channel: number, type: number, record: object): void {
    this.emit(channel, type, (out) => encoding.writeVarString(out, JSON.stringify(record)));
  }

  #hear(bytes: Uint8Array): void {
    const input = decoding.createDecoder(bytes);
    const channel = decoding.readVarUint(input);
    const type = decoding.readVarUint(input);
    if (type === TYPE.hello) this.#hello(JSON.parse(decoding.readVarString(input)));
    else if (type === TYPE.sub) {
      this.#sub(JSON.parse(decoding.readVarString(input)), decoding.readVarUint8Array(input));
    } else if (type === TYPE.push) this.#push(channel, input);
    else if (type === TYPE.presence) this.#presence(channel, decoding.readVarUint8Array(input));
    else if (type === TYPE.unsub) this.#leave(channel);
    else if (type === TYPE.pong) this.hub.pongs.push(decoding.readVarUint(input));
  }

  #hello({ replica, name }: { replica: string; name?: string }): void {
    this.#replica = replica;
    const id = name ?? `guest-${replica.slice(0, 6)}`;
    this.#user = { id, name: name ?? "Guest", colour: "teal" };
    const you = this.#user;
    this.#json(0, TYPE.welcome, { epoch: "e", you, limits: LIMITS, ping_s: 5, dead_s: 8 });
  }

  #sub(sub: { document: string; create: boolean; lineage: string }, stateVector: Uint8Array): void {
    const { document, create, lineage } = sub;
    this.hub.subs.push(document);
    if (!create && !this.hub.rooms.has(document))
      return this.#json(0, TYPE.perm, { document, code: "unknown", message: "no such document" });
    const room = this.hub.room(document);
    if (lineage !== "" && lineage !== room.lineage)
      return this.#json(0, TYPE.perm, { document, code: "lineage", message: room.lineage });
    this.#rooms.set(room.channel, room);
    this.#json(room.channel, TYPE.welcome, {
      document,
      kind: document.split("/")[0],
      lineage: room.lineage,
      role: "editor",
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

  #push(channel: number, input: decoding.Decoder): void {
    const push = readPush(channel, input);
    this.hub.pushes.push(push);
    const room = this.#rooms.get(channel);
    if (this.hub.closesPushes !== null) return this.drop(this.hub.closesPushes, "over a limit");
    if (room === undefined || this.hub.ignoresPushes) return;
    if (push.cs > (room.durable.get(this.#replica) ?? 0)) {
      if (hasGap(room.doc, push.update)) return this.#resync(room);
      this.#store(room, push);
    }
    if (this.hub.losesAcks) return;
    this.emit(channel, TYPE.ack, (out) => {
      encoding.writeVarUint(out, push.cs);
      encoding.writeVarUint(out, room.seq);
    });
  }

  #store(room: Room, push: Push): void {
    Y.applyUpdate(room.doc, push.update);
    room.seq += 1;
    room.durable.set(this.#replica, push.cs);
    for (const peer of this.hub.peers) {
      if (peer === this || !peer.has(room)) continue;
      peer.emit(room.channel, TYPE.update, (out) => {
        encoding.writeVarUint(out, room.seq);
        encoding.writeVarUint8Array(out, push.update);
      });
    }
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

function readPush(channel: number, input: decoding.Decoder): Push {
  const cs = decoding.readVarUint(input);
  const base_seq = decoding.readVarUint(input);
  const count = decoding.readVarUint(input);
  const pairs = Array.from({ length: count }, () => [
    decoding.readVarString(input),
    decoding.readVarString(input),
  ]);
  const touched = pairs.map(([path]) => path as string);
  const values = pairs.map(([, value]) => value as string);
  const update = decoding.readVarUint8Array(input).slice();
  return { type: "push", channel, cs, base_seq, touched, values, update };
}

function hasGap(doc: Y.Doc, update: Uint8Array): boolean {
  const trial = new Y.Doc();
  Y.applyUpdate(trial, Y.encodeStateAsUpdate(doc));
  Y.applyUpdate(trial, update);
  return trial.store.pendingStructs !== null || trial.store.pendingDs !== null;
}
