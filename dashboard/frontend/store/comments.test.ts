import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { type TwoPeople, twoPeople } from "../testing/two_people";
import { InvalidValue } from "./schema";
import { replaceText } from "./shared";
import type { Comment, ProjectState } from "./types";

let two: TwoPeople;

beforeEach(async () => {
  two = await twoPeople();
});

function said(state: ProjectState): readonly Comment[] {
  return state.comments[two.card] ?? [];
}

describe("comments", () => {
  it("stand in the order in which they were said, for both", async () => {
    two.minji().addComment(two.card, "first", []);
    await two.meet();
    two.joon().addComment(two.card, "둘째", []);
    await two.meet();
    two.minji().addComment(two.card, "third", []);
    await two.meet();
    const bodies = said(two.joon()).map((comment) => comment.body);
    expect(bodies).toEqual(["first", "둘째", "third"]);
    expect(said(two.minji()).map((comment) => comment.body)).toEqual(bodies);
  });

  it("say who said them and whom they mention", async () => {
    two.joon().addComment(two.card, "@Minji 👋", ["minji"]);
    await two.meet();
    const [comment] = said(two.minji());
    expect(comment?.created[0]).toBe("joon");
    expect(comment?.mentions).toEqual(["minji"]);
    expect(comment?.editedAtMs).toBeNull();
  });

  it("mention others after an edit, and say that they were edited", async () => {
    const id = two.minji().addComment(two.card, "@Joon", ["joon"]);
    await two.world.pass(1_000);
    two.minji().setComment(id, "@Sofia 🎉", ["sofia"]);
    await two.meet();
    const [comment] = said(two.joon());
    expect(comment).toMatchObject({ body: "@Sofia 🎉", mentions: ["sofia"] });
    expect(comment?.editedAtMs).toBeGreaterThan(comment?.created[1] ?? Number.POSITIVE_INFINITY);
  });

  it("are not edited by saying the same again", async () => {
    const id = two.minji().addComment(two.card, "same", []);
    two.minji().setComment(id, "same", []);
    expect(said(two.minji())[0]?.editedAtMs).toBeNull();
  });

  it("that one deletes while their author edits come back with the edit", async () => {
    const id = two.minji().addComment(two.card, "draft", []);
    await two.meet();
    two.minji().setComment(id, "draft, finished", []);
    two.joon().deleteComment(id);
    await two.meet();
    expect([said(two.minji()), said(two.joon())]).toEqual([[], []]);
    two.joon().restoreComment(id);
    await two.meet();
    expect(said(two.minji())[0]?.body).toBe("draft, finished");
  });

  it("are whole when two tabs of one author edit different ends at once", async () => {
    const id = two.minji().addComment(two.card, "middle", []);
    await two.meet();
    two.minji().setComment(id, "begin middle", []);
    two.joon().setComment(id, "middle end", []);
    await two.meet();
    expect(said(two.minji())[0]?.body).toBe("begin middle end");
    expect(said(two.joon())[0]?.body).toBe("begin middle end");
  });

  it("that are too long are refused, and nothing is written", () => {
    expect(() => two.minji().addComment(two.card, "x".repeat(100_001), [])).toThrow(InvalidValue);
    expect(said(two.minji())).toEqual([]);
  });
});

describe("replaceText", () => {
  it.each([
    ["", "새 글"],
    ["새 글", ""],
    ["👨‍👩‍👧 family", "👨‍👩‍👦 family"],
    ["a👍b", "a👎b"],
    ["👍👍", "👍"],
    ["👍", "👍👍👍"],
    ["한글 조합", "한글 조합형"],
    ["aaa", "aa"],
    ["same", "same"],
  ])("makes %j of %j and never cuts a character in two", (old, wanted) => {
    const doc = new Y.Doc();
    const text = doc.getText("t");
    text.insert(0, old);
    const pieces: string[] = [];
    text.observe((event) => {
      for (const { insert } of event.delta) if (typeof insert === "string") pieces.push(insert);
    });
    replaceText(text, wanted);
    expect(text.toString()).toBe(wanted);
    expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
  });
});
