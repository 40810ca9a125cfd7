/** What the hub in memory keeps of a document, and what a PUSH does to it. */

import * as decoding from "lib0/decoding";
import * as Y from "yjs";
import type { Push } from "../core/messages";

export interface Room {
  readonly doc: Y.Doc;
  readonly channel: number;
  lineage: string;
  seq: number;
  role: string;
  readonly durable: Map<string, number>;
}

export function readPush(channel: number, input: decoding.Decoder): Push {
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

/** Applies an update, and takes it back in the same step; gives what is new to others. */
export function applied(doc: Y.Doc, update: Uint8Array, isUndone: boolean): Uint8Array {
  if (!isUndone) {
    Y.applyUpdate(doc, update);
    return update;
  }
  const news: Uint8Array[] = [];
  const gather = (bytes: Uint8Array) => news.push(bytes);
  doc.on("update", gather);
  const manager = new Y.UndoManager(doc, { trackedOrigins: new Set(["push"]) });
  Y.applyUpdate(doc, update, "push");
  manager.undo();
  manager.destroy();
  doc.off("update", gather);
  return Y.mergeUpdates(news);
}

export function hasGap(doc: Y.Doc, update: Uint8Array): boolean {
  const trial = new Y.Doc();
  Y.applyUpdate(trial, Y.encodeStateAsUpdate(doc));
  Y.applyUpdate(trial, update);
  return trial.store.pendingStructs !== null || trial.store.pendingDs !== null;
}
