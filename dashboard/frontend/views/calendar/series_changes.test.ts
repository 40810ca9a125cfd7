import { describe, expect, it } from "vitest";
import type { StoreApi } from "zustand/vanilla";
import { occurrencesBetween } from "../../core/recurrence";
import type { CalendarState, When } from "../../store/calendar_types";
import type { MoimClient } from "../../store/types";
import { World } from "../../testing/world";
import { wordsOf } from "../language";
import { toastStore } from "../toast";
import { fieldsOf } from "./event_fields";
import { createEvent, deleteEvent, moveEvent, tellDone } from "./event_undo";
import { scopeName } from "./scope";
import { applyToSeries, scopesOf } from "./series_changes";
import { changedDates } from "./series_preview";

const STANDUP: When = ["2026-11-23T09:30", "2026-11-23T09:45", "Asia/Seoul"];
const WEEKDAYS = "FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=9";
const WED = "2026-11-25T09:30";
const FRI = "2026-11-27T09:30";

/** Two people in one calendar, each with a client of their own. */
async function team() {
  const world = new World();
  const minji = await world.browser().tab("Minji");
  const sofia = await world.browser().tab("Sofia");
  await world.pass();
  const calendar = minji.client.workspace.getState().addCalendar("Team", "blue");
  await world.pass();
  const open = (client: MoimClient, id: string): StoreApi<CalendarState> =>
    client.calendar(id).store;
  const here = open(minji.client, calendar);
  const there = open(sofia.client, calendar);
  await world.pass();
  return { world, minji, sofia, calendar, here, there, open };
}

async function series() {
  const rig = await team();
  const id = rig.here.getState().addEvent({ title: "Standup", when: STANDUP, rule: WEEKDAYS });
  await rig.world.pass();
  return { ...rig, id };
}

/** Everything that takes place, as `start title`. */
function taking(store: StoreApi<CalendarState>): string[] {
  const { events, exceptions } = store.getState();
  return Object.values(events)
    .flatMap((event) =>
      occurrencesBetween(
        event,
        exceptions[event.id] ?? {},
        "2026-11-01",
        "2027-02-01",
        "Asia/Seoul",
      ),
    )
    .map(({ when, title }) => `${when[0]} ${title}`)
    .sort();
}

const at = (when: When, day: string, time: string): When => [
  `${day}T${time}`,
  `${day}T${time.slice(0, 2)}:59`,
  when[2],
];

describe("a change of one event of a series", () => {
  it("leaves all others as they are, for everybody", async () => {
    const { world, here, there, id } = await series();
    const before = taking(there);
    const when = at(STANDUP, "2026-11-25", "14:00");
    applyToSeries(here.getState(), { event: id, recurrenceId: WED }, { when }, "this");
    await world.pass();
    const after = taking(there);
    expect(after).toContain("2026-11-25T14:00 Standup");
    expect(after).not.toContain(`${WED} Standup`);
    expect(after).toHaveLength(9);
    expect(after.filter((one) => before.includes(one))).toHaveLength(8);
  });

  it("writes no exception for what the series says anyway", async () => {
    const { here, id } = await series();
    const occurrence = { event: id, recurrenceId: WED };
    applyToSeries(here.getState(), occurrence, { title: "Longer" }, "this");
    applyToSeries(here.getState(), occurrence, { title: "Standup" }, "this");
    expect(here.getState().exceptions[id]).toBeUndefined();
  });

  it("can leave a place empty that the series has", async () => {
    const { here, id } = await series();
    here.getState().setEvent(id, { location: "Room" });
    const event = here.getState().events[id];
    applyToSeries(here.getState(), { event: id, recurrenceId: WED }, { location: null }, "this");
    const own = here.getState().exceptions[id];
    expect(event && fieldsOf("team", event, WED, own).location).toBe("");
    expect(event && fieldsOf("team", event, FRI, own).location).toBe("Room");
  });
});

describe("a change of this and the following", () => {
  it("ends the series before and begins another one, with the rest of its count", async () => {
    const { world, here, there, id } = await series();
    const patch = { when: at(STANDUP, "2026-11-27", "14:00"), title: "Weekly" };
    applyToSeries(here.getState(), { event: id, recurrenceId: FRI }, patch, "following");
    await world.pass();
    const after = taking(there);
    expect(after).toHaveLength(9);
    expect(after.slice(0, 3)).toEqual([
      "2026-11-23T09:30 Standup",
      "2026-11-25T09:30 Standup",
      "2026-11-27T14:00 Weekly",
    ]);
  });

  it("from the first one on is a change of all: no second series", async () => {
    const { here, id } = await series();
    const occurrence = { event: id, recurrenceId: STANDUP[0] };
    applyToSeries(here.getState(), occurrence, { title: "Weekly" }, "following");
    expect(Object.keys(here.getState().events)).toEqual([id]);
    expect(here.getState().events[id]?.title).toBe("Weekly");
  });
});

describe("a change of all", () => {
  it("moves every one by what this one moved, and keeps exceptions with their events", async () => {
    const { world, here, there, id } = await series();
    here.getState().setException(id, FRI, { title: "Demo" });
    const when = at(STANDUP, "2026-11-25", "11:00");
    applyToSeries(here.getState(), { event: id, recurrenceId: WED }, { when }, "all");
    await world.pass();
    const after = taking(there);
    expect(after).toHaveLength(9);
    expect(after.every((one) => one.includes("T11:00"))).toBe(true);
    expect(after).toContain("2026-11-27T11:00 Demo");
  });

  it("takes what this one had of its own along, or it would not follow", async () => {
    const { here, id } = await series();
    const occurrence = { event: id, recurrenceId: WED };
    applyToSeries(here.getState(), occurrence, { title: "Only here" }, "this");
    applyToSeries(here.getState(), occurrence, { title: "Everywhere" }, "all");
    expect(taking(here).filter((one) => one.endsWith("Everywhere"))).toHaveLength(9);
  });
});

describe("a deletion", () => {
  it.each([
    ["this", 8],
    ["following", 1],
    ["all", 0],
  ] as const)("of %s leaves %d", async (scope, left) => {
    const { world, here, there, id } = await series();
    applyToSeries(here.getState(), { event: id, recurrenceId: WED }, "deleted", scope);
    await world.pass();
    expect(taking(there)).toHaveLength(left);
  });
});

describe("the way back", () => {
  const patches = [
    ["this", { when: at(STANDUP, "2026-11-25", "14:00") }],
    ["following", { when: at(STANDUP, "2026-11-25", "14:00"), title: "Weekly" }],
    ["all", { when: at(STANDUP, "2026-11-26", "14:00"), rule: "FREQ=DAILY;COUNT=3" }],
    ["this", "deleted"],
    ["following", "deleted"],
    ["all", "deleted"],
  ] as const;

  it.each(patches)("from %s %j gives everybody what was", async (scope, patch) => {
    const { world, here, there, id } = await series();
    here.getState().setException(id, FRI, { title: "Demo" });
    await world.pass();
    const before = taking(there);
    const { undo } = applyToSeries(here.getState(), { event: id, recurrenceId: WED }, patch, scope);
    await world.pass();
    expect(taking(there)).not.toEqual(before);
    undo();
    await world.pass();
    expect(taking(there)).toEqual(before);
    expect(there.getState().events[id]?.rule).toBe(WEEKDAYS);
  });

  it("leaves what somebody else changed meanwhile", async () => {
    const { world, here, there, id } = await series();
    const occurrence = { event: id, recurrenceId: WED };
    const { undo } = applyToSeries(here.getState(), occurrence, { title: "Mine" }, "all");
    await world.pass();
    there.getState().setEvent(id, { title: "Hers", location: "Room" });
    await world.pass();
    undo();
    await world.pass();
    expect(here.getState().events[id]).toMatchObject({ title: "Hers", location: "Room" });
    expect(there.getState().events[id]?.title).toBe("Hers");
  });

  it("is one edit, as the change was", async () => {
    const { minji, here, id, world } = await series();
    await world.pass(1_000);
    const occurrence = { event: id, recurrenceId: FRI };
    applyToSeries(here.getState(), occurrence, { title: "Weekly" }, "following");
    expect(minji.client.connection.getState().waiting).toBe(1);
  });
});

describe("the choices", () => {
  it("are this, following and all, but a rule never belongs to one", async () => {
    const { here, id } = await series();
    const event = here.getState().events[id];
    expect(event && scopesOf(event, { title: "X" })).toEqual(["this", "following", "all"]);
    expect(event && scopesOf(event, { rule: null })).toEqual(["following", "all"]);
  });

  it("cannot cut a series that only the server expands", async () => {
    const { here, id } = await series();
    here.getState().setEvent(id, { rule: "FREQ=YEARLY;BYWEEKNO=20" });
    const event = here.getState().events[id];
    expect(event && scopesOf(event, { title: "X" })).toEqual(["this", "all"]);
  });

  it("say how many each of them means", () => {
    const size = { following: 8, all: 12, exceptions: 2 };
    const en = wordsOf("en");
    expect(scopeName("this", size, en)).toBe("This event");
    expect(scopeName("following", size, en)).toBe("This and 7 later");
    expect(scopeName("all", size, en)).toBe("All 12 (2 exceptions kept)");
    expect(scopeName("all", size, wordsOf("ko"))).toBe("전체 12개 (예외 2개 유지)");
    const endless = { following: null, all: null, exceptions: 0 };
    expect(scopeName("following", endless, en)).toBe("This and all later");
  });
});

describe("the preview", () => {
  it("says of each date what becomes of it", async () => {
    const { here, id } = await series();
    const event = here.getState().events[id];
    if (!event) throw new Error("expected the series");
    const when = at(STANDUP, "2026-11-25", "14:00");
    const starts = (scope: "this" | "following" | "all") =>
      changedDates(event, {}, WED, { when }, scope).map(({ after }) => after?.[0]);
    expect(starts("this").slice(0, 2)).toEqual(["2026-11-25T14:00", "2026-11-27T09:30"]);
    expect(starts("following").slice(0, 2)).toEqual(["2026-11-25T14:00", "2026-11-27T14:00"]);
    expect(starts("all").slice(0, 2)).toEqual(["2026-11-23T14:00", "2026-11-25T14:00"]);
    const gone = changedDates(event, {}, WED, "deleted", "this");
    expect(gone[0]).toMatchObject({ after: null, isChanged: true });
    expect(gone[1]?.isChanged).toBe(false);
  });

  it.each(["this", "following", "all"] as const)(
    "of %s shows the dates that there will be",
    async (scope) => {
      const { here, id } = await series();
      const event = here.getState().events[id];
      if (!event) throw new Error("expected the series");
      const when = at(STANDUP, "2026-11-26", "14:00");
      const told = changedDates(event, {}, WED, { when }, scope).map(({ after }) => after?.[0]);
      applyToSeries(here.getState(), { event: id, recurrenceId: WED }, { when }, scope);
      const there = taking(here).map((one) => one.split(" ")[0]);
      for (const start of told) expect(there).toContain(start);
    },
  );
});

describe("a whole event", () => {
  it("is made in one edit and can be taken back", async () => {
    const { world, here, there, minji, calendar } = await team();
    await world.pass(1_000);
    const event = here.getState();
    expect(Object.keys(event.events)).toEqual([]);
    const { id, undo } = createEvent(minji.client, {
      calendar,
      title: "Lunch",
      when: STANDUP,
      rule: null,
      isExotic: false,
      location: "Roof",
      url: null,
      status: null,
      members: ["minji", "sofia"],
    });
    expect(minji.client.connection.getState().waiting).toBe(1);
    await world.pass();
    expect(there.getState().events[id]).toMatchObject({
      title: "Lunch",
      location: "Roof",
      members: ["minji", "sofia"],
    });
    undo();
    await world.pass();
    expect(there.getState().events[id]?.deleted).not.toBeNull();
  });

  it("moves to another calendar with all it has, and back", async () => {
    const { world, minji, sofia, calendar, here, there, open, id } = await series();
    const other = minji.client.workspace.getState().addCalendar("Private", "pink");
    here.getState().setEvent(id, { location: "Room", status: "tentative" });
    here.getState().toggleMember(id, "minji");
    here.getState().setException(id, FRI, { title: "Demo" });
    await world.pass();
    const moved = moveEvent(minji.client, calendar, id, other);
    await world.pass();
    const target = open(sofia.client, other);
    await world.pass();
    expect(taking(there)).toEqual([]);
    expect(taking(target)).toHaveLength(9);
    expect(taking(target)).toContain(`${FRI} Demo`);
    expect(target.getState().events[moved?.id ?? ""]).toMatchObject({
      location: "Room",
      status: "tentative",
      members: ["minji"],
    });
    moved?.undo();
    await world.pass();
    expect(taking(there)).toHaveLength(9);
    expect(taking(target)).toEqual([]);
  });

  it("that is gone cannot be moved", async () => {
    const { minji, calendar } = await team();
    const other = minji.client.workspace.getState().addCalendar("Private", "pink");
    expect(moveEvent(minji.client, calendar, "nothing", other)).toBeNull();
  });

  it("is deleted with a toast whose action brings it back", async () => {
    const { here, id } = await series();
    const toasts = toastStore();
    const told = { toasts, words: wordsOf("en") };
    tellDone(told, "event.deleted", "Standup", deleteEvent(here, id).undo);
    expect(taking(here)).toEqual([]);
    expect(toasts.getState().toast?.text).toBe("Deleted “Standup”");
    toasts.getState().toast?.action?.run();
    expect(taking(here)).toHaveLength(9);
  });
});
