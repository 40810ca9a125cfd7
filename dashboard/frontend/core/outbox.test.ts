import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import type { Change } from "./changes";
import {
  DEFAULT_LIMITS,
  type Edit,
  IN_FLIGHT_BYTES,
  IN_FLIGHT_PUSHES,
  type NumberedPiece,
  Outbox,
} from "./outbox";

let outbox: Outbox;
let doc: Y.Doc;

beforeEach(() => {
  outbox = new Outbox();
  doc = new Y.Doc();
});

function added(path: string, change: Partial<Change>, run: () => void): Edit {
  const before = Y.encodeStateVector(doc);
  run();
  const made = {
    update: Y.encodeStateAsUpdate(doc, before),
    touched: [path],
    base_seq: 1,
    atMs: 0,
    changes: [{ path, before: undefined, after: undefined, isText: false, ...change }],
  };
  outbox.add(made);
  return made;
}

function edit(name: string): Edit {
  return added(`m/${name}`, { after: name }, () => doc.getMap("m").set(name, name));
}

function typed(letters: string, text = "t"): Edit {
  return added(`t/a/${text}`, { before: "", after: letters, isText: true }, () =>
    doc.getText(text).insert(0, letters),
  );
}

function next(limits = DEFAULT_LIMITS): NumberedPiece[] {
  return outbox.next(limits);
}

function first(): NumberedPiece {
  const [piece] = next();
  if (piece === undefined) throw new Error("expected something to push");
  return piece;
}

function editsOf(pieces: readonly NumberedPiece[]): Edit[][] {
  return pieces.map((piece) => [...piece.edits]);
}

function everything(): Uint8Array {
  return Y.encodeStateAsUpdate(doc);
}

describe("an outbox", () => {
  it("gives nothing before the server said what it has", () => {
    edit("a");
    expect(next()).toEqual([]);
  });

  it("gives each edit a PUSH of its own, with numbers that follow each other", () => {
    outbox.granted(0);
    const edits = [edit("a"), edit("b"), edit("c")];
    const pieces = next();
    expect(editsOf(pieces)).toEqual(edits.map((one) => [one]));
    expect(pieces.map(({ cs }) => cs - (pieces[0]?.cs ?? 0))).toEqual([0, 1, 2]);
    expect(pieces.map(({ values }) => values)).toEqual([['"a"'], ['"b"'], ['"c"']]);
  });

  it("has a bounded number of PUSHes in flight, and as many more as are acknowledged", () => {
    outbox.granted(0);
    for (let n = 0; n < 2 * IN_FLIGHT_PUSHES; n += 1) edit(`${n}`);
    const pieces = next();
    expect(pieces.length).toBe(IN_FLIGHT_PUSHES);
    expect(next()).toEqual([]);
    expect(outbox.acked(pieces[9]?.cs ?? 0).length).toBe(10);
    expect(next().length).toBe(10);
  });

  it("has a bounded number of bytes in flight, but for one PUSH that is larger", () => {
    outbox.granted(0);
    for (let n = 0; n < 4; n += 1) edit(`${n}`.repeat(IN_FLIGHT_BYTES / 5));
    expect(next().length).toBe(2);
    const limits = { ...DEFAULT_LIMITS, bytes: 4 * IN_FLIGHT_BYTES };
    outbox = new Outbox();
    outbox.granted(0);
    edit("x".repeat(IN_FLIGHT_BYTES));
    expect(next(limits).length).toBe(1);
  });

  it("joins what was typed into one text, and nothing else", () => {
    outbox.granted(0);
    const edits = [edit("a"), typed("t"), typed("y"), edit("b"), typed("p"), typed("e", "u")];
    const [a, t, y, b, p, e] = edits as [Edit, Edit, Edit, Edit, Edit, Edit];
    expect(editsOf(next())).toEqual([[a], [t, y], [b], [p], [e]]);
  });

  it("lets typing wait for the typing before it", () => {
    outbox.granted(0);
    typed("t");
    const piece = first();
    const more = [typed("y"), typed("p")];
    expect(next()).toEqual([]);
    outbox.acked(piece.cs);
    expect(editsOf(next())).toEqual([more]);
  });

  it("starts far above what an earlier page of this replica may still have under way", () => {
    outbox.granted(41);
    edit("a");
    expect(first().cs).toBeGreaterThan(141);
  });

  it("[P1] sends the same again under the same numbers after a broken connection", () => {
    outbox.granted(0);
    edit("a");
    edit("b");
    const pieces = next();
    const later = edit("c");
    expect(outbox.granted(0)).toEqual([]);
    expect(next().slice(0, 2)).toEqual(pieces);
    expect(outbox.granted(pieces[0]?.cs ?? 0).length).toBe(1);
    expect(editsOf(next())).toEqual([pieces[1]?.edits, [later]]);
  });

  it("[S2] takes a number that it never sent for somebody else's", () => {
    outbox.granted(0);
    const made = edit("a");
    next();
    expect(outbox.granted(1_000_000)).toEqual([]);
    expect(outbox.edits).toEqual([made]);
    expect(first().cs).toBeGreaterThan(1_000_000);
  });

  it("does not take an ACK of a number that it never sent for one of its own", () => {
    outbox.granted(0);
    edit("a");
    const { cs } = first();
    expect([outbox.acked(cs + 1), outbox.acked(cs).length]).toEqual([[], 1]);
  });

  it("does not take for saved what was in flight beside an edit that the server hung up on", () => {
    outbox.granted(0);
    const edits = [edit("a"), edit("b")];
    const last = next()[1]?.cs ?? 0;
    outbox.refused();
    expect(outbox.granted(last)).toEqual([]);
    expect(outbox.edits).toEqual(edits);
    expect(first().cs).toBeGreaterThan(last);
  });

  it("[P3] does not take a late ACK of what was refused for one of what replaced it", () => {
    outbox.granted(0);
    edit("a");
    const refused = first();
    edit("b");
    outbox.resync(everything(), DEFAULT_LIMITS);
    expect(outbox.acked(refused.cs)).toEqual([]);
    const difference = first();
    expect(difference.cs).toBeGreaterThan(refused.cs);
    expect(outbox.acked(refused.cs)).toEqual([]);
    expect(next()).toEqual([]);
    expect(outbox.acked(difference.cs).length).toBe(2);
    expect(outbox.edits).toEqual([]);
  });

  it("[P3] pushes nothing and takes nothing for saved between a RESYNC and the answer to it", () => {
    outbox.granted(0);
    const edits = [edit("a"), edit("b")];
    const { cs } = next()[1] as NumberedPiece;
    outbox.hold();
    const later = edit("c");
    expect([outbox.acked(cs), next()]).toEqual([[], []]);
    outbox.resync(everything(), DEFAULT_LIMITS);
    expect(editsOf(next())).toEqual([[...edits, later]]);
  });

  it("[A1] saves what was cut only with the ACK of the last piece, which alone names what it set", () => {
    const limits = { ...DEFAULT_LIMITS, structs: 1 };
    const made = added("m/a", { after: "x" }, () =>
      doc.transact(() => {
        for (const name of ["a", "b", "c"]) doc.getMap("m").set(name, "x");
      }),
    );
    outbox.granted(0);
    const pieces = next(limits);
    expect(pieces.map(({ touched }) => touched)).toEqual([[], [], ["m/a"]]);
    expect(pieces.map(({ cs }) => outbox.acked(cs))).toEqual([[], [], [made]]);
  });

  it("leaves out paths that are too many or too long, never an edit", () => {
    outbox.granted(0);
    const long = edit("x".repeat(300));
    expect([first().touched, outbox.edits]).toEqual([[], [long]]);
  });

  it("[E1] lets go of one edit that was taken back, and of its number with the ACK", () => {
    outbox.granted(0);
    const [a, b, c] = [edit("a"), edit("b"), edit("c")];
    const pieces = next();
    expect(outbox.rejected(pieces[1]?.cs ?? 0)).toEqual([b]);
    expect(outbox.edits).toEqual([a, c]);
    expect(outbox.acked(pieces[1]?.cs ?? 0)).toEqual([a]);
    expect(outbox.acked(pieces[2]?.cs ?? 0)).toEqual([c]);
    expect(outbox.edits).toEqual([]);
  });

  it("[E2] lets go of everything from a refused edit on, sent or not, and of nothing before it", () => {
    outbox.granted(0);
    const [a, b, c] = [edit("a"), edit("b"), edit("c")];
    const pieces = next();
    const later = edit("d");
    expect(outbox.rejectedFrom(pieces[1]?.cs ?? 0)).toEqual([b, c, later]);
    expect(outbox.edits).toEqual([a]);
    outbox.granted(0);
    expect(editsOf(next())).toEqual([[a]]);
    const next2 = edit("e");
    expect(editsOf(next())).toEqual([[next2]]);
  });
});
