import { describe, expect, it } from "vitest";
import { begun, project } from "../../testing/board_tab";
import { World } from "../../testing/world";
import { wayBack, writeValue } from "./write_value";

async function open() {
  const world = new World();
  const { tab, id, card } = await begun(world, world.browser());
  return { tab, id, card, document: `project/${id}`, state: () => project(tab, id) };
}

describe("a register that is written by its path", () => {
  it("holds the value, and what it held before when that is taken back", async () => {
    const { tab, card, document, state } = await open();
    const undo = wayBack(tab.client, document, `cards/${card}/title`);
    writeValue(tab.client, document, `cards/${card}/title`, "second");
    expect(state().cards[card]?.title).toBe("second");
    undo?.();
    expect(state().cards[card]?.title).toBe("first");
  });

  it("is emptied by null, and by the way back to nothing", async () => {
    const { tab, card, document, state } = await open();
    const undo = wayBack(tab.client, document, `cards/${card}/due`);
    writeValue(tab.client, document, `cards/${card}/due`, "2026-11-27");
    expect(state().cards[card]?.due).toBe("2026-11-27");
    undo?.();
    expect(state().cards[card]?.due).toBeNull();
  });

  it("moves a card to its former column", async () => {
    const { tab, card, document, state } = await open();
    const [from, to] = state().columns.map((column) => column.id);
    const undo = wayBack(tab.client, document, `cards/${card}/place`);
    state().moveCard(card, { column: to ?? "", before: null });
    expect(state().cards[card]?.column).toBe(to);
    undo?.();
    expect(state().cards[card]?.column).toBe(from);
  });

  it("deletes and restores", async () => {
    const { tab, card, document, state } = await open();
    writeValue(tab.client, document, `cards/${card}/deleted`, ["x", 1]);
    expect(state().cards[card]?.deleted).not.toBeNull();
    writeValue(tab.client, document, `cards/${card}/deleted`, null);
    expect(state().cards[card]?.deleted).toBeNull();
  });

  it("of the workspace is a document's name", async () => {
    const { tab, id } = await open();
    const undo = wayBack(tab.client, "workspace", `projects/${id}/name`);
    writeValue(tab.client, "workspace", `projects/${id}/name`, "Landing");
    expect(tab.client.workspace.getState().projects[0]?.name).toBe("Landing");
    undo?.();
    expect(tab.client.workspace.getState().projects[0]?.name).toBe("Launch");
  });

  it("has no way back when it is not there", async () => {
    const { tab, document } = await open();
    expect(wayBack(tab.client, document, "cards/none/title")).toBeNull();
    expect(wayBack(tab.client, document, "labels/none/name")).toBeNull();
  });
});
