import { describe, expect, it } from "vitest";
import type { At, Person } from "../../store/types";
import { companyIn, frontOf, peopleByDocument, whereIs } from "./people_at";

function person(id: string, ...places: At[]): Person {
  return {
    id,
    name: id,
    colour: "pink",
    tabs: 1,
    idle: false,
    drag: null,
    editing: null,
    places,
  };
}

function at(document: string, entity: string | null = null, front = false): At {
  return { document, entity, front };
}

const ids = (people: readonly Person[]) => people.map(({ id }) => id);

describe("people in the workspace", () => {
  const minji = person("minji", at("page/home", null, true), at("project/launch"));
  const joon = person("joon", at("project/launch", "c1", true));
  const notebook = person("notebook");

  it("are found in every document that they have open", () => {
    const found = peopleByDocument([minji, joon, notebook]);
    expect(ids(found.get("project/launch") ?? [])).toEqual(["minji", "joon"]);
    expect(ids(found.get("page/home") ?? [])).toEqual(["minji"]);
    expect(found.size).toBe(2);
  });

  it("are each named once, those in this document first", () => {
    const { here, elsewhere } = companyIn("page/home", [minji], [joon, minji, notebook]);
    expect(ids(here)).toEqual(["minji"]);
    expect(ids(elsewhere)).toEqual(["joon", "notebook"]);
  });

  it("are not here because a page that they look at shows this document", () => {
    const { here, elsewhere } = companyIn(
      "project/other",
      [minji, notebook],
      [minji, joon, notebook],
    );
    expect(ids(here)).toEqual(["notebook"]);
    expect(ids(elsewhere)).toEqual(["minji", "joon"]);
  });

  it("are here as programs that only this document knows", () => {
    const { here } = companyIn("project/launch", [person("script")], [joon]);
    expect(ids(here)).toEqual(["joon", "script"]);
  });

  it("are followed to the tab that has their keys, and to no other", () => {
    expect(frontOf(minji)).toEqual({ kind: "page", id: "home", entity: null });
    expect(frontOf(person("x", at("project/launch")))).toBeNull();
    expect(whereIs(person("x", at("project/launch", "c1")))).toMatchObject({ entity: "c1" });
    expect(whereIs(notebook)).toBeNull();
  });

  it("are not followed to an address that nobody has a view for", () => {
    expect(whereIs(person("x", at("javascript:alert(1)", null, true)))).toBeNull();
    expect(frontOf(person("x", at("open/scratch", null, true)))).toBeNull();
  });
});
