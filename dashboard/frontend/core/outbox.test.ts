import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { DEFAULT_LIMITS, type Edit, type NumberedPiece, Outbox } from "./outbox";

let outbox: Outbox;
let doc: Y.Doc;

beforeEach(() => {
  outbox = new Outbox();
  doc = new Y.Doc();
});

function edit(name: string, base_seq = 1): Edit {
  let update = new Uint8Array();
  doc.once("update", (bytes: Uint8Array) => {
    update = bytes as Uint8Array<ArrayBuffer>;
  });
  doc.getMap("m").set(name, name);
  const made = { update, touched: [`m/${name}`], base_seq, atMs: 0 };
  outbox.add(made);
  return made;
}

function next(): NumberedPiece {
  const piece = outbox.next(DEFAULT_LIMITS);
  if (piece === null) throw new Error("expected something to push");
  return piece;
}

function everything(): Uint8Array {
  return Y.encodeStateAsUpdate(doc);
}

describe("an outbox", () => {
  it("gives nothing before the server said what it has", () => {
    edit("a");
    expect(outbox.next(DEFAULT_LIMITS)).toBeNull();
  });

  it("has one PUSH in flight; what is edited meanwhile leaves with the next", () => {
    outbox.granted(0);
    edit("a");
    const first = next();
    const others = [edit("b"), edit("c")];
    expect(outbox.next(DEFAULT_LIMITS)).toBeNull();
    outbox.acked(first.cs);
    expect(next().edits).toEqual(others);
  });

  it("starts far above what an earlier page of this replica may still have under way", () => {
    outbox.granted(41);
    edit("a");
    expect(next().cs).toBeGreaterThan(141);
  });

  it("[P1] sends the same again under the same number after a broken connection", () => {
    outbox.granted(0);
    edit("a");
    const piece = next();
    edit("b");
    expect(outbox.granted(0)).toEqual([]);
    expect(next()).toEqual(piece);
  });

  it("[S2] takes a number that it never sent for somebody else's", () => {
    outbox.granted(0);
    const made = edit("a");
    next();
    expect(outbox.granted(1_000_000)).toEqual([]);
    expect(outbox.edits).toEqual([made]);
    expect(next().cs).toBeGreaterThan(1_000_000);
  });

  it("[P3] does not take a late ACK of what was refused for one of what replaced it", () => {
    outbox.granted(0);
    edit("a");
    const refused = next();
    edit("b");
    outbox.resync(everything(), DEFAULT_LIMITS);
    expect(outbox.acked(refused.cs)).toEqual([]);
    const difference = next();
    expect(difference.cs).toBeGreaterThan(refused.cs);
    expect(outbox.acked(refused.cs)).toEqual([]);
    expect(outbox.next(DEFAULT_LIMITS)).toBeNull();
    expect(outbox.acked(difference.cs).length).toBe(2);
    expect(outbox.edits).toEqual([]);
  });

  it("[A1] saves what was cut only with the ACK of the last piece", () => {
    outbox.granted(0);
    const limits = { ...DEFAULT_LIMITS, structs: 1 };
    const edits = [edit("a"), edit("b"), edit("c")];
    const saved = [0, 1, 2].map(() => {
      const piece = outbox.next(limits);
      return outbox.acked(piece?.cs ?? -1);
    });
    expect(saved).toEqual([[], [], edits]);
  });

  it("leaves out paths that are too many or too long, never an edit", () => {
    outbox.granted(0);
    const long = edit("x".repeat(300));
    expect([next().touched, outbox.edits]).toEqual([[], [long]]);
  });
});
