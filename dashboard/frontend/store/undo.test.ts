import { describe, expect, it } from "vitest";
import { add, begun, project } from "../testing/board_tab";
import { type Tab, World } from "../testing/world";
import type { Held, Undoable } from "./types";

/** One thing that two people have before them, and what each does to it. */
interface Thing {
  readonly kind: string;
  /** Makes it; gives its id. */
  make(tab: Tab, project: string): string;
  readonly hold: (tab: Tab, project: string) => Held<unknown>;
  rename(tab: Tab, project: string, id: string, title: string): void;
  remove(tab: Tab, project: string, id: string): void;
  together(tab: Tab, project: string, run: () => void): Undoable<unknown>;
  /** Undefined when it is not shown. */
  title(tab: Tab, project: string, id: string): string | null | undefined;
}

const calendar = (tab: Tab) => tab.client.calendar("team").store.getState();
const page = (tab: Tab) => tab.client.page("home").store.getState();

const holdProject = (tab: Tab, id: string) => tab.client.project(id);
const projectTogether: Thing["together"] = (tab, id, run) => project(tab, id).together(run);

const THINGS: readonly Thing[] = [
  {
    kind: "a card",
    make: (tab, id) => add(tab, id, "first"),
    hold: holdProject,
    rename: (tab, id, card, title) => project(tab, id).setCard(card, { title }),
    remove: (tab, id, card) => project(tab, id).deleteCard(card),
    together: projectTogether,
    title(tab, id, card) {
      const found = project(tab, id).cards[card];
      return found?.deleted ? undefined : found?.title;
    },
  },
  {
    kind: "an item of a checklist",
    make: (tab, id) => project(tab, id).addItem("card", "first"),
    hold: holdProject,
    rename: (tab, id, item, title) => project(tab, id).setItem(item, { title }),
    remove: (tab, id, item) => project(tab, id).deleteItem(item),
    together: projectTogether,
    title: (tab, id, item) =>
      project(tab, id).checklists.card?.find((one) => one.id === item)?.title,
  },
  {
    kind: "an event",
    make: (tab) =>
      calendar(tab).addEvent({ title: "first", when: ["2026-12-01", "2026-12-02", ""] }),
    hold: (tab) => tab.client.calendar("team"),
    rename: (tab, _, event, title) => calendar(tab).setEvent(event, { title }),
    remove: (tab, _, event) => calendar(tab).deleteEvent(event),
    together: (tab, _, run) => calendar(tab).together(run),
    title(tab, _, event) {
      const found = calendar(tab).events[event];
      return found?.deleted ? undefined : found?.title;
    },
  },
  {
    kind: "a cell of a page",
    make: (tab) => page(tab).addCell("note", null, { title: "first" }),
    hold: (tab) => tab.client.page("home"),
    rename: (tab, _, cell, title) => page(tab).setCell(cell, { title }),
    remove: (tab, _, cell) => page(tab).deleteCell(cell),
    together: (tab, _, run) => page(tab).together(run),
    title: (tab, _, cell) => page(tab).cells.find(({ id }) => id === cell)?.title,
  },
];

/** What both do before `meet` happens at the same time. */
async function twoAt(thing: Thing) {
  const world = new World();
  for (const document of ["calendar/team", "page/home"]) world.hub.room(document);
  const { tab: minji, id } = await begun(world, world.browser());
  const joon = await world.browser().tab("joon");
  await world.pass();
  for (const tab of [minji, joon]) thing.hold(tab, id);
  await world.pass(200);
  const made = thing.make(minji, id);
  await world.pass(200);
  return {
    meet: () => world.pass(200),
    titles: () => [minji, joon].map((tab) => thing.title(tab, id, made)),
    minjiDoes: (run: "remove" | { title: string }) => doTo(minji, run),
    joonDoes: (run: "remove" | { title: string }) => doTo(joon, run),
  };
  function doTo(tab: Tab, run: "remove" | { title: string }): () => void {
    return thing.together(tab, id, () =>
      run === "remove" ? thing.remove(tab, id, made) : thing.rename(tab, id, made, run.title),
    ).undo;
  }
}

describe.each(THINGS)("undo of $kind", (thing) => {
  it("puts back what the person changed, when nobody did anything since", async () => {
    const { meet, titles, minjiDoes } = await twoAt(thing);
    const undo = minjiDoes({ title: "of Minji" });
    await meet();
    expect(titles()).toEqual(["of Minji", "of Minji"]);
    undo();
    await meet();
    expect(titles()).toEqual(["first", "first"]);
  });

  it("never takes back what somebody else did since", async () => {
    const { meet, titles, minjiDoes, joonDoes } = await twoAt(thing);
    const undo = minjiDoes({ title: "of Minji" });
    await meet();
    joonDoes({ title: "of Joon" });
    await meet();
    undo();
    await meet();
    expect(titles()).toEqual(["of Joon", "of Joon"]);
  });

  it("gives back a deleted one with what somebody else did to it meanwhile", async () => {
    const { meet, titles, minjiDoes, joonDoes } = await twoAt(thing);
    const undo = minjiDoes("remove");
    joonDoes({ title: "of Joon" });
    await meet();
    expect(titles()).toEqual([undefined, undefined]);
    undo();
    await meet();
    expect(titles()).toEqual(["of Joon", "of Joon"]);
  });

  it("never gives back what somebody else deleted since", async () => {
    const { meet, titles, minjiDoes, joonDoes } = await twoAt(thing);
    const undo = minjiDoes("remove");
    await meet();
    joonDoes("remove");
    await meet();
    undo();
    await meet();
    expect(titles()).toEqual([undefined, undefined]);
  });
});
