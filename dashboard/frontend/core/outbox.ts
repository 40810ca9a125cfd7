/**
 * The edits of one document that no server has yet, and how they become PUSHes.
 *
 * One edit is one PUSH, because the server refuses a PUSH as a whole; only what was typed into one text
 * goes together. A large edit is cut into several. Several PUSHes may be in flight, in the order of their
 * numbers. Nothing is ever concluded from state vectors: deletions do not move them.
 *
 * A PUSH is numbered (`cs`) when it is first sent, and sent again under the same number with the same
 * content: an ACK never stands for anything but what bore its number. What the server refuses by closing
 * the connection had successors in flight, whose cumulative ACK could cover for it: after such a close
 * all of it gets new numbers. So does what RESYNC asks for. Numbers live as long as the page. When the
 * server answers the first SUB with what it has of this replica, numbering starts well above: the last
 * PUSHes of an earlier page may still be on their way.
 */

import * as Y from "yjs";
import { type Change, toldOf } from "./changes";
import { type CutLimits, cut } from "./cut";
import type { Limits } from "./messages";

export interface Edit {
  readonly update: Uint8Array;
  readonly touched: readonly string[];
  readonly base_seq: number;
  readonly atMs: number;
  /** Empty for what an earlier version of this program kept. */
  readonly changes: readonly Change[];
}

/** What a PUSH holds, its channel aside. */
export interface NumberedPiece extends Piece {
  readonly cs: number;
}

interface Piece {
  readonly base_seq: number;
  readonly touched: readonly string[];
  /** What each touched register was set to, as P2 tells it. */
  readonly values: readonly string[];
  readonly update: Uint8Array;
  /** What it is a part of, or the whole. */
  readonly edits: readonly Edit[];
  /** When this is acknowledged, the edits are saved. */
  readonly isLast: boolean;
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
/**
 * What may be under way unanswered. One round trip carries enough that hundreds of edits made offline
 * are there within a second; little enough that a slow line does not hold back what others are sent,
 * and that the server can park all of it when the first lacks something.
 */
export const IN_FLIGHT_PUSHES = 64;
export const IN_FLIGHT_BYTES = 262_144;

export class Outbox {
  /** Oldest first; of the first `#begun`, pieces are made. */
  #edits: Edit[] = [];
  #begun = 0;
  /** What may have reached the server, by number; the first `#inFlight` on this connection. */
  #sent: NumberedPiece[] = [];
  #inFlight = 0;
  /** What comes next. */
  #pieces: Piece[] = [];
  /** The next number; null before the server said where to start. */
  #cs: number | null = null;
  /** The server waits for something else first. */
  #isHeld = false;

  /** Oldest first. */
  get edits(): readonly Edit[] {
    return this.#edits;
  }

  add(edit: Edit): void {
    this.#edits.push(edit);
  }

  /** Puts edits before one that waits, and of which no piece is made yet. */
  insert(edits: readonly Edit[], before: Edit): void {
    this.#edits.splice(Math.max(this.#edits.indexOf(before), this.#begun), 0, ...edits);
  }

  /** The server has everything up to `csDurable`; gives the edits that are saved by that. */
  granted(csDurable: number): Edit[] {
    this.#inFlight = 0;
    this.#isHeld = false;
    if (this.#cs !== null && csDurable < this.#cs) return this.#settle(csDurable);
    this.#renumber(csDurable + LEAP);
    return [];
  }

  acked(cs: number): Edit[] {
    return this.#cs !== null && cs < this.#cs ? this.#settle(cs) : [];
  }

  /** What was pushed as `cs` is taken back; gives its edits, which do not wait any more. */
  rejected(cs: number): Edit[] {
    const edits = [...this.edited(cs)];
    this.#remove(edits);
    return edits;
  }

  /** Nothing from `cs` on is applied; gives those edits, which do not wait any more. */
  rejectedFrom(cs: number): Edit[] {
    this.#sent = this.#sent.filter((piece) => piece.cs < cs);
    this.#pieces = [];
    this.#inFlight = 0;
    const kept = new Set(this.#sent.flatMap((piece) => (piece.isLast ? piece.edits : [])));
    const refused = this.#edits.filter((edit) => !kept.has(edit));
    this.#remove(refused);
    this.#begun = this.#edits.length;
    return refused;
  }

  /** The server closed the connection over something that was in flight. */
  refused(): void {
    this.#renumber(this.#cs);
  }

  /** The edits of a PUSH that is not acknowledged. */
  edited(cs: number): readonly Edit[] {
    return this.#sent.find((piece) => piece.cs === cs)?.edits ?? [];
  }

  /** Takes everything out, to set it aside; numbering starts anew with the next grant. */
  clear(): void {
    this.#edits = [];
    this.#renumber(null);
  }

  /** Gives what to push now, in order; nothing when `most` are in flight, or enough, or nothing waits. */
  next(limits: PushLimits, most = IN_FLIGHT_PUSHES): NumberedPiece[] {
    const pieces: NumberedPiece[] = [];
    let bytes = sizeOf(this.#sent.slice(0, this.#inFlight));
    for (let piece = this.#ahead(limits); piece; piece = this.#ahead(limits)) {
      bytes += piece.update.byteLength;
      const isFull = bytes > IN_FLIGHT_BYTES && this.#inFlight > 0;
      if (isFull || this.#inFlight >= most) break;
      pieces.push(this.#number(piece));
    }
    return pieces;
  }

  /**
   * The server lacks what something in flight hangs on: nothing is pushed until `resync`. What was in
   * flight may still be applied and acknowledged, when others send what it lacked.
   */
  hold(): void {
    this.#renumber(this.#cs);
    this.#isHeld = true;
  }

  /** `difference` is all that the server lacks. */
  resync(difference: Uint8Array, limits: PushLimits): void {
    this.hold();
    this.#isHeld = false;
    const edits = [...this.#edits];
    if (edits.length > 0) this.#pieces = piecesOf(difference, edits, limits);
    this.#begun = edits.length;
  }

  /** The next piece, again or for the first time; it is only looked at. */
  #ahead(limits: PushLimits): NumberedPiece | Piece | undefined {
    if (this.#cs === null || this.#isHeld) return undefined;
    const again = this.#sent[this.#inFlight];
    if (again) return again;
    if (this.#pieces.length === 0) this.#begin(limits);
    return this.#pieces[0];
  }

  #number(piece: NumberedPiece | Piece): NumberedPiece {
    this.#inFlight += 1;
    if ("cs" in piece) return piece;
    const cs = this.#cs ?? 0;
    this.#cs = cs + 1;
    const numbered = { ...piece, cs };
    this.#pieces.shift();
    this.#sent.push(numbered);
    return numbered;
  }

  /** Makes pieces of the next edit, or of what was typed; typing waits for the typing before it. */
  #begin(limits: PushLimits): void {
    const edits = this.#group(limits);
    const [first] = edits;
    if (first === undefined) return;
    const path = typedPath(first);
    const [before] = this.#sent.at(-1)?.edits ?? [];
    if (path !== null && before !== undefined && typedPath(before) === path) return;
    const update = edits.length === 1 ? first.update : Y.mergeUpdates(edits.map((e) => e.update));
    this.#pieces = piecesOf(update, edits, limits);
    this.#begun += edits.length;
  }

  /** The next edit alone, or all that were typed into one text one after the other. */
  #group(limits: PushLimits): Edit[] {
    const [first, ...others] = this.#edits.slice(this.#begun, this.#begun + MOST_TYPED);
    if (first === undefined) return [];
    const path = typedPath(first);
    let bytes = first.update.byteLength;
    const end = others.findIndex((edit) => {
      bytes += edit.update.byteLength;
      return path === null || typedPath(edit) !== path || bytes > limits.bytes / 2;
    });
    return [first, ...(end < 0 ? others : others.slice(0, end))];
  }

  /** What bore a number up to `cs` is saved. */
  #settle(cs: number): Edit[] {
    const done = this.#sent.filter((piece) => piece.cs <= cs);
    this.#sent = this.#sent.slice(done.length);
    this.#inFlight = Math.max(0, this.#inFlight - done.length);
    const saved = done.flatMap((piece) => (piece.isLast ? piece.edits : []));
    this.#remove(saved);
    return saved;
  }

  /** Takes edits out that pieces were made of, or the newest. */
  #remove(edits: readonly Edit[]): void {
    if (edits.length === 0) return;
    const gone = new Set(edits);
    const begun = this.#edits.slice(0, this.#begun).filter((edit) => gone.has(edit)).length;
    this.#edits = this.#edits.filter((edit) => !gone.has(edit));
    this.#begun -= begun;
    this.#sent = this.#sent.map((piece) => without(piece, gone));
    this.#pieces = this.#pieces.map((piece) => without(piece, gone));
  }

  /** Everything is pushed anew, from the number `cs` on. */
  #renumber(cs: number | null): void {
    this.#sent = [];
    this.#pieces = [];
    this.#inFlight = 0;
    this.#begun = 0;
    this.#cs = cs;
  }
}

/** Of one PUSH. */
const MOST_TYPED = 1_000;

/** The text that an edit was typed into, and nothing else; null for any other edit. */
export function typedPath({ touched, changes }: Edit): string | null {
  const [change] = changes;
  const isTyped =
    touched.length === 1 &&
    changes.length === 1 &&
    change?.isText === true &&
    typeof change.before === "string" &&
    typeof change.after === "string";
  return isTyped ? change.path : null;
}

function without<P extends Piece>(piece: P, gone: ReadonlySet<Edit>): P {
  if (!piece.edits.some((edit) => gone.has(edit))) return piece;
  return { ...piece, edits: piece.edits.filter((edit) => !gone.has(edit)) };
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((bytes, { update }) => bytes + update.byteLength, 0);
}

/** What an edit set is told with its last piece: only then all of it is there to be compared. */
function piecesOf(update: Uint8Array, edits: readonly Edit[], limits: PushLimits): Piece[] {
  const told = toldPaths(edits, limits);
  const base_seq = Math.min(...edits.map((edit) => edit.base_seq));
  const updates = cut(update, limits);
  return updates.map((part, at) => {
    const isLast = at === updates.length - 1;
    const [touched, values] = isLast ? [[...told.keys()], [...told.values()]] : [[], []];
    return { base_seq, touched, values, update: part, edits, isLast };
  });
}

const utf8 = new TextEncoder();

function toldPaths(edits: readonly Edit[], limits: PushLimits): Map<string, string> {
  const changes = new Map(edits.flatMap((edit) => edit.changes).map((c) => [c.path, c]));
  const paths = new Set(edits.flatMap((edit) => edit.touched));
  const short = [...paths].filter((path) => utf8.encode(path).byteLength <= limits.pathBytes);
  return new Map(short.slice(0, limits.touched).map((path) => [path, toldOf(changes.get(path))]));
}
