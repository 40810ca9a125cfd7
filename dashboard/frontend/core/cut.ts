/**
 * Cuts an update that is over the limits of one PUSH into several that can be applied one after
 * the other: no piece needs an item that comes later, and no piece skips clocks of a client.
 *
 * Structs are written with Yjs' own encoder; only the frame around them (V1: per client a count, the
 * client, a clock, then structs; then the deletions) is written here.
 */

import * as encoding from "lib0/encoding";
import * as Y from "yjs";

export interface CutLimits {
  readonly bytes: number;
  readonly structs: number;
  readonly clientIds: number;
  readonly deletes: number;
}

type Struct = ReturnType<typeof Y.decodeUpdate>["structs"][number];
type Deletion = readonly [client: number, clock: number, length: number];

/** Room for counts, client ids and clocks around the structs of a piece. */
const FRAME_BYTES = 2_048;

export function countStructs(update: Uint8Array): number {
  return Y.decodeUpdate(update).structs.length;
}

/**
 * Gives pieces within `limits`, in the order in which they are to be sent. A single struct larger than
 * `limits.bytes` (one string) stays whole: nothing can be taken from it.
 */
export function cut(update: Uint8Array, limits: CutLimits): Uint8Array[] {
  const { structs, ds } = Y.decodeUpdate(update);
  const deletions = deletionsOf(ds);
  if (fits(update, structs, deletions, limits)) return [update];
  const pieces = structPieces(inOrder(structs.filter(isKept)), limits);
  const room = Math.min(limits.deletes, Math.floor((limits.bytes - FRAME_BYTES) / DELETION_BYTES));
  for (let at = 0; at < deletions.length; at += room)
    pieces.push(encodePiece(new Map(), deletions.slice(at, at + room)));
  return pieces;
}

/** At most: a client, a count, a clock and a length. */
const DELETION_BYTES = 18;

function isKept(struct: Struct): boolean {
  return !(struct instanceof Y.Skip);
}

function fits(
  update: Uint8Array,
  structs: readonly Struct[],
  deletions: readonly Deletion[],
  limits: CutLimits,
): boolean {
  return (
    update.byteLength <= limits.bytes &&
    structs.length <= limits.structs &&
    deletions.length <= limits.deletes &&
    new Set(structs.map((struct) => struct.id.client)).size <= limits.clientIds &&
    structs.every(isKept)
  );
}

function deletionsOf(ds: ReturnType<typeof Y.decodeUpdate>["ds"]): Deletion[] {
  return [...ds.clients].flatMap(([client, items]) =>
    items.map(({ clock, len }): Deletion => [client, clock, len]),
  );
}

/** Structs so that each comes after those it hangs on, as far as they are in this update. */
function inOrder(structs: readonly Struct[]): Struct[] {
  const waiting = Map.groupBy(structs, (struct) => struct.id.client);
  const next = new Map([...waiting.keys()].map((client) => [client, 0]));
  const ordered: Struct[] = [];
  while (ordered.length < structs.length) {
    const before = ordered.length;
    for (const [client, queue] of waiting) {
      let at = next.get(client) ?? 0;
      for (let struct = queue[at]; struct && isFree(struct, waiting, next); struct = queue[at]) {
        ordered.push(struct);
        at += 1;
        next.set(client, at);
      }
    }
    if (ordered.length === before) throw new Error("the structs of an update hang on each other");
  }
  return ordered;
}

function isFree(
  struct: Struct,
  waiting: ReadonlyMap<number, readonly Struct[]>,
  next: ReadonlyMap<number, number>,
): boolean {
  return needsOf(struct).every(({ client, clock }) => {
    const queue = waiting.get(client);
    const first = queue?.[next.get(client) ?? 0];
    const last = queue?.at(-1);
    if (!first || !last || client === struct.id.client) return true;
    return clock < first.id.clock || clock >= last.id.clock + last.length;
  });
}

function needsOf(struct: Struct): Y.ID[] {
  if (!(struct instanceof Y.Item)) return [];
  const parent: unknown = struct.parent;
  return [struct.origin, struct.rightOrigin, parent instanceof Y.ID ? parent : null].filter(
    (id) => id !== null,
  );
}

interface Run {
  readonly clock: number;
  readonly encoder: Y.UpdateEncoderV1;
  count: number;
  end: number;
}

function structPieces(structs: readonly Struct[], limits: CutLimits): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let runs = new Map<number, Run>();
  let bytes = FRAME_BYTES;
  let count = 0;
  for (const struct of structs) {
    const sizeBytes = sizeOf(struct);
    const full = bytes + sizeBytes > limits.bytes || count >= limits.structs;
    if (count > 0 && (full || !continues(runs, struct, limits.clientIds))) {
      pieces.push(encodePiece(runs, []));
      runs = new Map();
      bytes = FRAME_BYTES;
      count = 0;
    }
    append(runs, struct);
    bytes += sizeBytes;
    count += 1;
  }
  if (count > 0) pieces.push(encodePiece(runs, []));
  return pieces;
}

function sizeOf(struct: Struct): number {
  const encoder = new Y.UpdateEncoderV1();
  struct.write(encoder, 0);
  return encoding.length(encoder.restEncoder);
}

function continues(runs: ReadonlyMap<number, Run>, struct: Struct, clientIds: number): boolean {
  const run = runs.get(struct.id.client);
  return run ? run.end === struct.id.clock : runs.size < clientIds;
}

function append(runs: Map<number, Run>, struct: Struct): void {
  const { client, clock } = struct.id;
  const run = runs.get(client) ?? { clock, encoder: new Y.UpdateEncoderV1(), count: 0, end: clock };
  runs.set(client, run);
  struct.write(run.encoder, 0);
  run.count += 1;
  run.end = clock + struct.length;
}

function encodePiece(runs: ReadonlyMap<number, Run>, deletions: readonly Deletion[]): Uint8Array {
  return encoding.encode((out) => {
    const clients = [...runs].sort(([a], [b]) => b - a);
    encoding.writeVarUint(out, clients.length);
    for (const [client, run] of clients) {
      for (const number of [run.count, client, run.clock]) encoding.writeVarUint(out, number);
      encoding.writeUint8Array(out, encoding.toUint8Array(run.encoder.restEncoder));
    }
    writeDeletions(out, deletions);
  });
}

function writeDeletions(out: encoding.Encoder, deletions: readonly Deletion[]): void {
  const byClient = Map.groupBy(deletions, ([client]) => client);
  encoding.writeVarUint(out, byClient.size);
  for (const [client, items] of [...byClient].sort(([a], [b]) => b - a)) {
    encoding.writeVarUint(out, client);
    encoding.writeVarUint(out, items.length);
    for (const [, clock, length] of items) {
      encoding.writeVarUint(out, clock);
      encoding.writeVarUint(out, length);
    }
  }
}
