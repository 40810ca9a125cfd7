import { describe, expect, it } from "vitest";
import { type Tab, World } from "../testing/world";

async function two() {
  const world = new World();
  const tabs = [await world.browser().tab("minji"), await world.browser().tab("joon")] as const;
  await world.pass();
  return { world, tabs };
}

function workspace(tab: Tab) {
  return tab.client.workspace.getState();
}

describe("what a workspace lists", () => {
  it("is made with its document, seen by the other, and comes back after a delete", async () => {
    const { world, tabs } = await two();
    const calendar = workspace(tabs[0]).addCalendar("팀 일정", "blue");
    const page = workspace(tabs[0]).addPage("Home");
    await world.pass();
    expect(workspace(tabs[1]).calendars).toMatchObject([{ id: calendar, name: "팀 일정" }]);
    expect(workspace(tabs[1]).pages).toMatchObject([{ id: page, name: "Home" }]);
    expect(world.hub.rooms.has(`calendar/${calendar}`)).toBe(true);
    expect(world.hub.rooms.has(`page/${page}`)).toBe(true);
    workspace(tabs[1]).deleteCalendar(calendar);
    await world.pass();
    expect(workspace(tabs[0]).calendars).toEqual([]);
    const joon = tabs[1].client.presence("workspace").store.getState().me.id;
    expect(workspace(tabs[0]).deleted).toEqual({
      [`calendar/${calendar}`]: [joon, expect.any(Number)],
    });
    workspace(tabs[1]).restore("calendar", calendar);
    await world.pass();
    expect(workspace(tabs[0]).calendars).toMatchObject([{ id: calendar, name: "팀 일정" }]);
    expect(workspace(tabs[0]).deleted).toEqual({});
  });

  it("is moved before another, or to the end", async () => {
    const { world, tabs } = await two();
    const [a, b, c] = ["A", "B", "C"].map((name) => workspace(tabs[0]).addProject(name, "red"));
    workspace(tabs[0]).move("project", c ?? "", a ?? "");
    await world.pass();
    const names = () => workspace(tabs[1]).projects.map(({ name }) => name);
    expect(names()).toEqual(["C", "A", "B"]);
    workspace(tabs[1]).move("project", a ?? "", null);
    expect(names()).toEqual(["C", "B", "A"]);
    expect(workspace(tabs[1]).projects.map(({ id }) => id)).toEqual([c, b, a]);
  });
});
