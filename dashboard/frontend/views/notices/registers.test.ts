import { describe, expect, it } from "vitest";
import { entityOfPaths, placeOfRegister, registerOf } from "./registers";

describe("a path", () => {
  it.each([
    [
      "project/launch",
      "cards/a/due",
      { kind: "project", document: "launch", id: "a", field: "due" },
    ],
    ["project/launch", "cards/a", { root: "cards", id: "a", field: null }],
    ["project/launch", "cards/a/member/ann", { id: "a", field: "member", member: "ann" }],
    ["project/launch", "info/prefix", { root: "info", id: "", field: "prefix" }],
    ["workspace", "info/name", { kind: "workspace", document: "", field: "name" }],
    [
      "calendar/team",
      "exceptions/standup/2026-11-27T09:30/title",
      { id: "standup", recurrenceId: "2026-11-27T09:30", field: "title", member: null },
    ],
  ])("of %s, %s, is read into its parts", (document, path, parts) => {
    expect(registerOf(document, path)).toMatchObject(parts);
  });

  it.each([
    ["project/launch", "cards/a/due", "project launch a"],
    ["project/launch", "columns/todo/name", "project launch null"],
    ["calendar/team", "events/e/when", "calendar team e"],
    ["calendar/team", "exceptions/e/2026-11-27/title", "calendar team e"],
    ["page/home", "cells/c/title", "page home c"],
    ["workspace", "projects/launch/name", "project launch null"],
  ])("of %s, %s, is seen at %s", (document, path, place) => {
    const found = placeOfRegister(registerOf(document, path));
    expect(found && `${found.kind} ${found.id} ${found.entity}`).toBe(place);
  });

  it("of a checklist is seen at its card", () => {
    const found = placeOfRegister(registerOf("project/launch", "items/i/title"), "a");
    expect(found).toEqual({ kind: "project", id: "launch", entity: "a" });
  });

  it("of a member or of the workspace is seen nowhere", () => {
    expect(placeOfRegister(registerOf("workspace", "members/ann/name"))).toBeNull();
    expect(placeOfRegister(registerOf("workspace", "info/name"))).toBeNull();
  });
});

describe("the paths of an edit", () => {
  it("name its thing when it is about one only", () => {
    expect(entityOfPaths(["cards/a/due", "cards/a/title"])).toBe("cards/a");
    expect(entityOfPaths(["cards/a"])).toBe("cards/a");
    expect(entityOfPaths(["cards/a/due", "cards/b/due"])).toBeNull();
    expect(entityOfPaths(["cards/a/due", "columns/todo/name"])).toBeNull();
    expect(entityOfPaths([])).toBeNull();
  });
});
