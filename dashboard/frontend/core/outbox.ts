/**
 * The edits of one document that no server has yet, and how they become PUSHes.
 *
 * At most one PUSH is in flight. What is edited meanwhile waits and goes out with the next; a refused
 * PUSH therefore never has a successor under way, whose cumulative ACK would cover for it. Nothing is
 * ever concluded from state vectors: deletions do not move them.
 *
 * A PUSH is numbered (`cs`) when it is sent, and sent again under the same number with the same
 * content: an ACK never stands for anything but what bore its number. Numbers live as long as the
 * page. When the server answers the first SUB with what it has of this replica, numbering starts well
 * above: the last PUSH of an earlier page may still be on its way.
 */

import * as Y from "yjs";
import { type CutLimits, cut } from "./cut";
import type { Limits } from "./protocol";

export interface Edit {
  readonly update: Uint8Array;
  readonly touched: readonly string[];
  readonly base_seq: number;
  readonly atMs: number;
}

/** What a PUSH holds, its channel aside. */
export interface NumberedPiece extends Piece {
  readonly cs: number;
}

interface Piece {
  readonly base_seq: number;
  readonly touched: readonly string[];
  readonly update: Uint8Array;
  /** Edits that are saved when this is acknowledged: the last piece of them. */
  readonly edits: readonly Edit[];
}

export interface PushLimits extends CutLimits {
  readonly touched: number;
  readonly pathBytes: number;
}

/** What holds before a server has said its own. */
export const DEFAULT_LIMITS: PushLimits = {
  bytes: 262_144,
  structs: 2_000,
  clientIds: 64,
  deletes: 20_000,
  touched: 256,
  pathBytes: 256,
};

export function pushLimits(limits: Limits): PushLimits {
  return {
    ...DEFAULT_LIMITS,
    bytes: limits.push_bytes,
    structs: limits.structs,
    clientIds: limits.client_ids,
  };
}

/** More than the numbers that refused PUSHes of an earlier page can have left out. */
const LEAP = 1_000;

export class Outbox {
  #edits: Edit[] = [];
  #pieces: Piece[] = [];
  #inFlight = false;
  /** The number of the first piece; null before the server said where to start. */
  #cs: number | null = null;
  /** Whether the first piece, or what it replaces, may have reached the server. */
  #sent = false;

  /** Oldest first. */
  get edits(): readonly Edit[] {
    return this.#edits;
  }

  add(edit: Edit): void {
    this.#edits.push(edit);
  }

  /** The server has everything up to `csDurable`; gives the edits that are saved by that. */
  granted(csDurable: number): Edit[] {
    this.#inFlight = false;
    const ends = this.#cs === null ? -1 : this.#sent ? this.#cs : this.#cs - 1;
    if (csDurable <= ends) return this.#settle(csDurable);
    this.#pieces = [];
    this.#sent = false;
    this.#cs = csDurable + LEAP;
    return [];
  }

  acked(cs: number): Edit[] {
    if (cs === this.#cs) this.#inFlight = false;
    return this.#settle(cs);
  }

  /** Takes everything out, to set it aside; numbering starts anew with the next grant. */
  clear(): void {
    this.#edits = [];
    this.#pieces = [];
    this.#cs = null;
    this.#sent = false;
  }

  /** Gives what to push now; null while a PUSH is in flight, or when nothing waits. */
  next(limits: PushLimits): NumberedPiece | null {
    if (this.#inFlight || this.#cs === null) return null;
    if (this.#pieces.length === 0) this.#pieces = this.#cutNext(limits);
    const piece = this.#pieces[0];
    if (piece === undefined) return null;
    this.#inFlight = true;
    this.#sent = true;
    return { ...piece, cs: this.#cs };
  }

  /** The server could not apply what was pushed: `difference` is all that it lacks. */
  resync(difference: Uint8Array, limits: PushLimits): void {
    this.#inFlight = false;
    this.#skipNumber();
    const edits = [...this.#edits];
    const base_seq = Math.min(...edits.map((edit) => edit.base_seq));
    this.#pieces = edits.length === 0 ? [] : this.#cut(difference, edits, base_seq, limits);
  }

  /** The first piece is saved when its number is. */
  #settle(cs: number): Edit[] {
    if (!this.#sent || this.#cs === null || cs < this.#cs) return [];
    const [done] = this.#pieces.splice(0, 1);
    this.#cs += 1;
    this.#sent = false;
    const saved = new Set(done?.edits);
    this.#edits = this.#edits.filter((edit) => !saved.has(edit));
    return [...saved];
  }

  /** What was refused may still be applied and acknowledged, when others send what it lacked. */
  #skipNumber(): void {
    if (this.#sent && this.#cs !== null) this.#cs += 1;
    this.#sent = false;
  }

  #cutNext(limits: PushLimits): Piece[] {
    const edits = this.#group(limits);
    const [first] = edits;
    if (first === undefined) return [];
    const update = Y.mergeUpdates(edits.map((edit) => edit.update));
    return this.#cut(update, edits, first.base_seq, limits);
  }

  /** The oldest edits that one PUSH may hold: made from the same view of the others' edits. */
  #group(limits: PushLimits): Edit[] {
    const edits: Edit[] = [];
    let bytes = 0;
    let touched = 0;
    for (const edit of this.#edits) {
      bytes += edit.update.byteLength;
      touched += edit.touched.length;
      const full = bytes > limits.bytes / 2 || touched > limits.touched;
      const [first = edit] = edits;
      if (edit.base_seq !== first.base_seq || (edits.length > 0 && full)) break;
      edits.push(edit);
    }
    return edits;
  }

  #cut(update: Uint8Array, edits: readonly Edit[], base_seq: number, limits: PushLimits): Piece[] {
    const touched = pathsOf(edits, limits);
    const updates = cut(update, limits);
    const last = updates.length - 1;
    return updates.map((part, at) => ({
      base_seq,
      touched,
      update: part,
      edits: at === last ? edits : [],
    }));
  }
}

const utf8 = new TextEncoder();

function pathsOf(edits: readonly Edit[], limits: PushLimits): string[] {
  const paths = new Set(edits.flatMap((edit) => edit.touched));
  return [...paths]
    .filter((path) => utf8.encode(path).byteLength <= limits.pathBytes)
    .slice(0, limits.touched);
}
