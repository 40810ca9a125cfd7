import { describe, expect, it } from "vitest";
import { addressOf, placeIn, type Route, routeOf } from "./route";
import { placeOf } from "./shown_place";

const ADDRESSES: readonly [address: string, route: Route][] = [
  ["/", { kind: "home" }],
  ["/project/launch", { kind: "project", id: "launch", entity: null }],
  ["/project/launch?card=c1", { kind: "project", id: "launch", entity: "c1" }],
  ["/calendar/team?event=e1", { kind: "calendar", id: "team", entity: "e1" }],
  [
    "/calendar/team?event=e1%2F2026-11-25",
    { kind: "calendar", id: "team", entity: "e1/2026-11-25" },
  ],
  ["/page/home", { kind: "page", id: "home", entity: null }],
  ["/page/home?cell=n1", { kind: "page", id: "home", entity: "n1" }],
];

function read(address: string): Route {
  const [path = "", search = ""] = address.split("?");
  return routeOf(path, search);
}

describe("an address", () => {
  it.each(ADDRESSES)("%s is read and written as the same place", (address, route) => {
    expect(read(address)).toEqual(route);
    expect(addressOf(route)).toBe(address);
  });

  it("of a card does not name an event, nor the other way round", () => {
    expect(read("/project/launch?event=e1")).toMatchObject({ entity: null });
    expect(read("/calendar/team?card=c1")).toMatchObject({ entity: null });
  });

  it.each(["/table/launch", "/project/", "/project/a/b", "/project/a b", "/page/ä"])(
    "%s is nobody's, and shows what is first",
    (address) => expect(read(address)).toEqual({ kind: "home" }),
  );

  it("may end in a slash", () => {
    expect(read("/page/home/")).toEqual({ kind: "page", id: "home", entity: null });
  });

  it("is made of a document's name only when there is a view for it", () => {
    expect(placeIn("page/home", null)).toEqual({ kind: "page", id: "home", entity: null });
    for (const document of ["workspace", "open/x", "project/<b>", "page/a/b", ""])
      expect(placeIn(document, null)).toBeNull();
  });
});

describe("what is first", () => {
  const page = { id: "home", name: "Home", key: "V" };
  const project = { id: "launch", name: "Launch", key: "V", colour: "violet" } as const;
  const home: Route = { kind: "home" };

  it("is the first page, else the first project, else the first calendar, else nothing", () => {
    const [pages, projects, calendars] = [[page], [project], [project]];
    expect(placeOf(home, { pages, projects, calendars })).toMatchObject({ kind: "page" });
    expect(placeOf(home, { pages: [], projects, calendars })).toMatchObject({ kind: "project" });
    expect(placeOf(home, { pages: [], projects: [], calendars })).toMatchObject({
      kind: "calendar",
    });
    expect(placeOf(home, { pages: [], projects: [], calendars: [] })).toBeNull();
  });

  it("does not stand in the way of an address", () => {
    const route = routeOf("/project/launch");
    expect(placeOf(route, { pages: [page], projects: [], calendars: [] })).toBe(route);
  });
});
