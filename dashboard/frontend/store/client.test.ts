import { describe, expect, it, vi } from "vitest";
import { World } from "../testing/world";
import { openClient } from "./client";

describe("a client", () => {
  it("shows another person what one writes, and says saved after the ack", async () => {
    const world = new World();
    const [a, b] = [await world.browser().tab("minji"), await world.browser().tab("joon")];
    await world.pass();
    const id = a.client.workspace.getState().addProject("Launch", "teal");
    await world.pass();
    expect(b.client.workspace.getState().projects.map((p) => p.name)).toEqual(["Launch"]);
    const [mine, theirs] = [a.client.project(id).store, b.client.project(id).store];
    await world.pass();
    const [column] = mine.getState().columns;
    const card = mine.getState().addCard({ column: column?.id ?? "", before: null }, "로그인 🌱");
    await world.pass();
    expect(theirs.getState().cards[card]?.title).toBe("로그인 🌱");
    expect(a.client.connection.getState()).toMatchObject({ state: "saved", waiting: 0 });
  });

  it("lists a person who edits among the members, and leaves out who only looks on", async () => {
    const world = new World();
    const [a, b] = [await world.browser().tab("minji"), await world.browser().tab("joon")];
    await world.pass();
    a.client.workspace.getState().addProject("Launch", "teal");
    await world.pass();
    const names = Object.values(b.client.workspace.getState().members).map(({ name }) => name);
    expect(names).toEqual(["minji"]);
  });

  it("may be closed by several of those who use it", async () => {
    const world = new World();
    const channel = { onmessage: null, postMessage: vi.fn(), close: vi.fn() };
    const client = openClient({
      ...{ url: "ws://moim.test/sync", clock: world.clock, WebSocket: world.hub.WebSocket },
      ...{ indexedDB: null, locks: null, storage: null, page: null, tabs: channel },
    });
    await world.pass();
    client.close();
    client.close();
    await world.pass();
    expect(channel.close).toHaveBeenCalledTimes(1);
  });
});
