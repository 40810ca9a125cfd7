import { describe, expect, it } from "vitest";
import { begun, project } from "../../testing/board_tab";
import { World } from "../../testing/world";
import { writeValue } from "./write_value";

async function open() {
  const world = new World();
  const { tab, id, card } = await begun(world, world.browser());
  return { tab, id, card, document: `project/${id}`, state: () => project(tab, id) };
}

describe("a register that is written by its path", () => {
  it("holds the value, and nothing after null", async () => {
    const { tab, card, document, state } = await open();
    writeValue(tab.client, document, `cards/${card}/due`, "2026-11-27");
    expect(state().cards[card]?.due).toBe("2026-11-27");
    writeValue(tab.client, document, `cards/${card}/due`, null);
    expect(state().cards[card]?.due).toBeNull();
  });

  it("puts a card into the column that its place names", async () => {
    const { tab, card, document, state } = await open();
    const [, to] = state().columns.map((column) => column.id);
    writeValue(tab.client, document, `cards/${card}/place`, `${to}|V`);
    expect(state().cards[card]?.column).toBe(to);
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
    writeValue(tab.client, "workspace", `projects/${id}/name`, "Landing");
    expect(tab.client.workspace.getState().projects[0]?.name).toBe("Landing");
  });

  it("changes nothing where the thing is not", async () => {
    const { tab, card, document, state } = await open();
    const before = state().cards[card];
    writeValue(tab.client, document, "cards/none/title", "x");
    writeValue(tab.client, document, "labels/none/name", "x");
    expect(state().cards).toEqual({ [card]: before });
  });
});
