import { EditorState } from "@codemirror/state";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ySyncAnnotation, ySyncFacet } from "y-codemirror.next";
import { add, begun, connection, project, waiting } from "../testing/board_tab";
import { type Browser, type Tab, World } from "../testing/world";
import { bindText } from "./text_binding";

let world: World;
let browser: Browser;
let tab: Tab;
let id: string;
let card: string;

beforeEach(async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  world = new World();
  browser = world.browser();
  ({ tab, id, card } = await begun(world, browser));
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function become(role: string): Promise<void> {
  world.hub.setRole(`project/${id}`, role);
  await world.pass();
}

describe("a role [G1, G2]", () => {
  it("is editor until a server says otherwise, and changes while a document is open", async () => {
    expect(project(tab, id).role).toBe("editor");
    await become("viewer");
    expect(project(tab, id).role).toBe("viewer");
    await become("owner");
    expect(project(tab, id).role).toBe("owner");
  });

  it("that this program does not know may not edit", async () => {
    await become("commenter");
    expect(project(tab, id).role).toBe("viewer");
  });

  it("is known again when the page opens without a server", async () => {
    await become("viewer");
    world.hub.down = true;
    world.hub.cut();
    await tab.die();
    const next = await browser.tab();
    project(next, id);
    await world.pass(10);
    expect(project(next, id).role).toBe("viewer");
  });

  it("of a viewer lets no action write anything", async () => {
    await become("viewer");
    const pushes = world.hub.pushes.length;
    const before = project(tab, id).cards;
    add(tab, id, "not mine to add");
    project(tab, id).addColumn("More", "review");
    project(tab, id).setCard(card, { title: "not mine to name" });
    project(tab, id).together(() => project(tab, id).deleteCard(card));
    project(tab, id).addComment(card, "said", []);
    const text = tab.client.text(`project/${id}`, `columns/${project(tab, id).columns[0]?.id}/x`);
    text.begin();
    text.release();
    await world.pass();
    expect([project(tab, id).cards, waiting(tab)]).toEqual([before, 0]);
    expect(project(tab, id).columns.length).toBe(3);
    expect(world.hub.pushes.length).toBe(pushes);
    expect(console.warn).toHaveBeenCalled();
  });

  it("of a viewer lets others write into an open editor, and nobody else", async () => {
    const text = tab.client.text(`project/${id}`, `cards/${card}/notes`);
    const binding = bindText(text, (name) => name);
    const doc = binding?.text ?? "";
    const editor = EditorState.create({ doc, extensions: binding?.extension ?? [] });
    const typed = { changes: { from: 0, insert: "x" } };
    expect(editor.update(typed).docChanged).toBe(true);
    await become("viewer");
    expect(editor.update(typed).docChanged).toBe(false);
    const theirs = ySyncAnnotation.of(editor.facet(ySyncFacet));
    expect(editor.update({ ...typed, annotations: theirs }).docChanged).toBe(true);
    text.release();
  });

  it("of a viewer of the workspace lets no document be made", async () => {
    world.hub.setRole("workspace", "viewer");
    await world.pass();
    const rooms = world.hub.rooms.size;
    tab.client.workspace.getState().addCalendar("Not mine", "red");
    await world.pass();
    expect([tab.client.workspace.getState().calendars, world.hub.rooms.size]).toEqual([[], rooms]);
  });

  it("taken away while edits wait gives them back to their author", async () => {
    world.hub.down = true;
    world.hub.cut();
    project(tab, id).setCard(card, { title: "too late" });
    world.hub.room(`project/${id}`).role = "viewer";
    world.hub.down = false;
    await world.pass(4_000);
    expect(project(tab, id)).toMatchObject({ role: "viewer" });
    expect(project(tab, id).cards[card]?.title).toBe("first");
    expect(connection(tab)).toMatchObject({ waiting: 0, refused: [{ code: "role" }] });
    const key = connection(tab).refused[0]?.key ?? "";
    expect(tab.client.applyAgain(key)).toBe(false);
    await become("editor");
    expect(tab.client.applyAgain(key)).toBe(true);
    expect(project(tab, id).cards[card]?.title).toBe("too late");
  });

  it("none ends the subscription: nobody is known to be there any more", async () => {
    const other = await world.browser().tab("joon");
    project(other, id);
    const { store } = tab.client.presence(`project/${id}`);
    await world.pass();
    expect(store.getState().people.length).toBe(1);
    await become("none");
    expect(project(tab, id).missing).toBe("refused");
    expect(store.getState().people).toEqual([]);
  });
});
