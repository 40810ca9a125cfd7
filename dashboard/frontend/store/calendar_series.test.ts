import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { occurrencesBetween, splitId } from "../core/recurrence";
import type { When } from "../core/recurrence_types";
import { seeded } from "../testing/seeded";
import { sharedOver } from "../testing/shared_over";
import { calendarStore } from "./calendar";
import type { CalendarState } from "./calendar_types";
import { InvalidValue } from "./schema";

const MONDAY: When = ["2026-11-02T09:00", "2026-11-02T10:00", "Asia/Seoul"];

let doc: Y.Doc;
let calendar: () => CalendarState;

function opened(over: Y.Doc, person = "minji"): () => CalendarState {
  const author = { me: () => person, now: () => 1_000, random: seeded(1) };
  const store = calendarStore(sharedOver(over), author);
  return store.getState;
}

beforeEach(() => {
  doc = new Y.Doc();
  calendar = opened(doc);
});

function add(rule: string, when: When = MONDAY): string {
  return calendar().addEvent({ title: "스탠드업", when, rule });
}

/** Starts, with what is different about them. */
function shown(id: string, state = calendar()): string[] {
  const event = state.events[id];
  if (!event) return [];
  const found = occurrencesBetween(
    event,
    state.exceptions[id] ?? {},
    "2026-11-01",
    "2026-12-12",
    "Asia/Seoul",
  );
  return found.map(
    ({ when, title }) => `${when[0].slice(5)}${title === "스탠드업" ? "" : ` ${title}`}`,
  );
}

function raw(root: string): unknown {
  return doc.getMap(root).toJSON();
}

describe("editing a title", () => {
  it("leaves the time of an event as it was, byte by byte", () => {
    const id = add("FREQ=WEEKLY");
    const update: Uint8Array[] = [];
    const before = JSON.stringify(calendar().events[id]?.when);
    doc.on("update", (bytes: Uint8Array) => update.push(bytes));
    calendar().setEvent(id, { title: "다른 제목", when: [...MONDAY] as unknown as When });
    expect(JSON.stringify(calendar().events[id]?.when)).toBe(before);
    expect(update).toHaveLength(1);
    expect(new TextDecoder().decode(update[0])).not.toContain("2026-11-02T09:00");
  });

  it("of one of a series gives it no time of its own", () => {
    const id = add("FREQ=WEEKLY");
    calendar().setException(id, "2026-11-09T09:00", { title: "Retro" });
    expect(raw("exceptions")).toEqual({ [`${id}/2026-11-09T09:00/title`]: "Retro" });
    calendar().setException(id, "2026-11-09T09:00", { title: "Review" });
    expect(raw("exceptions")).toEqual({ [`${id}/2026-11-09T09:00/title`]: "Review" });
    expect(calendar().events[id]?.when).toEqual(MONDAY);
  });
});

describe("a series that is cut", () => {
  it("ends before one of it, and another one with all its fields begins there", () => {
    const id = add("FREQ=WEEKLY;BYDAY=MO,WE");
    calendar().setEvent(id, { location: "Room 4", url: "https://example.org" });
    calendar().toggleMember(id, "joon");
    (doc.getMap("events").get(id) as Y.Map<Y.Text>).get("notes")?.insert(0, "안건 🌱");
    const tail = calendar().splitSeries(id, "2026-11-18T09:00", { title: "Later" });
    expect(tail).toBe(splitId(id, "2026-11-18T09:00"));
    expect(shown(id)).toEqual(["02", "04", "09", "11", "16"].map((day) => `11-${day}T09:00`));
    expect(shown(tail)[0]).toBe("11-18T09:00 Later");
    expect(calendar().events[tail]).toMatchObject({
      when: ["2026-11-18T09:00", "2026-11-18T10:00", "Asia/Seoul"],
      rule: "FREQ=WEEKLY;BYDAY=MO,WE",
      location: "Room 4",
      url: "https://example.org",
      members: ["joon"],
    });
    expect((raw("events") as Record<string, { notes: string }>)[tail]?.notes).toBe("안건 🌱");
  });

  it("is cut in one transaction, with the exceptions from there on", () => {
    const id = add("FREQ=DAILY;COUNT=8");
    calendar().setException(id, "2026-11-03T09:00", { title: "early" });
    calendar().setException(id, "2026-11-05T09:00", { title: "here", location: "Room 4" });
    calendar().setException(id, "2026-11-06T09:00", { excluded: true });
    calendar().setException(id, "2026-11-07T09:00", {
      when: ["2026-11-20T12:00", "2026-11-20T13:00", "Asia/Seoul"],
    });
    let transactions = 0;
    doc.on("afterTransaction", () => (transactions += 1));
    const when: When = ["2026-11-05T14:30", "2026-11-05T15:00", "Asia/Seoul"];
    const tail = calendar().splitSeries(id, "2026-11-05T09:00", { when, title: "Afternoon" });
    expect(transactions).toBe(1);
    expect(shown(id)).toEqual(["11-02T09:00", "11-03T09:00 early", "11-04T09:00"]);
    expect(shown(tail)).toEqual([
      "11-05T14:30 Afternoon",
      "11-08T14:30 Afternoon",
      "11-09T14:30 Afternoon",
      "11-20T12:00 Afternoon",
    ]);
    expect(Object.keys(raw("exceptions") as object).sort()).toEqual(
      [
        `${id}/2026-11-03T09:00/title`,
        `${tail}/2026-11-05T14:30/location`,
        `${tail}/2026-11-06T14:30/excluded`,
        `${tail}/2026-11-07T14:30/when`,
      ].sort(),
    );
    expect(calendar().events[tail]?.rule).toBe("FREQ=DAILY;COUNT=5");
  });

  it("by two people at one place is one series", () => {
    const id = add("FREQ=WEEKLY");
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    const theirs = opened(other, "joon");
    const mine = calendar().splitSeries(id, "2026-11-16T09:00", {});
    const yours = theirs().splitSeries(id, "2026-11-16T09:00", { title: "Other" });
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
    expect(yours).toBe(mine);
    expect(Object.keys(calendar().events)).toHaveLength(2);
    expect(shown(mine)).toEqual(shown(mine, theirs()));
    expect([...shown(id), ...shown(mine)]).toHaveLength(6);
  });

  it("at its first event is the series as a whole", () => {
    const id = add("FREQ=WEEKLY");
    expect(calendar().splitSeries(id, MONDAY[0], { title: "New" })).toBe(id);
    expect(calendar().events[id]?.title).toBe("New");
  });

  it("cannot be one that only the server expands; nothing is written", () => {
    const id = add("FREQ=MONTHLY;BYMONTHDAY=1,15");
    expect(() => calendar().splitSeries(id, "2026-11-15T09:00", {})).toThrow(InvalidValue);
    calendar().setEvent(id, { rule: "FREQ=DAILY", extra: "RDATE:20261105T090000" });
    expect(() => calendar().endSeries(id, "2026-11-15T09:00")).toThrow(InvalidValue);
    expect(Object.keys(calendar().events)).toEqual([id]);
    expect(calendar().events[id]?.rule).toBe("FREQ=DAILY");
  });
});

describe("a series that is ended", () => {
  it("has nothing from one of it on, and what was before stays", () => {
    const id = add("FREQ=WEEKLY;COUNT=20");
    calendar().endSeries(id, "2026-11-16T09:00");
    expect(shown(id)).toEqual(["11-02T09:00", "11-09T09:00"]);
    expect(calendar().events[id]?.rule).toBe("FREQ=WEEKLY;UNTIL=20261115");
  });

  it("at its first event is deleted, and can be restored", () => {
    const id = add("FREQ=WEEKLY");
    calendar().endSeries(id, MONDAY[0]);
    expect(calendar().events[id]?.deleted).toEqual(["minji", 1_000]);
    calendar().restoreEvent(id);
    expect(shown(id)).toHaveLength(6);
  });
});

describe("a series that moves as a whole", () => {
  it("takes its days and exceptions along", () => {
    const id = add("FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20261126");
    calendar().setException(id, "2026-11-05T09:00", { title: "Retro" });
    calendar().setException(id, "2026-11-09T09:00", { excluded: true });
    calendar().setSeries(id, { when: ["2026-11-03T10:30", "2026-11-03T11:00", "Asia/Seoul"] });
    expect(calendar().events[id]?.rule).toBe("FREQ=WEEKLY;BYDAY=TU,FR;UNTIL=20261127");
    expect(shown(id)).toEqual([
      "11-03T10:30",
      "11-06T10:30 Retro",
      "11-13T10:30",
      "11-17T10:30",
      "11-20T10:30",
      "11-24T10:30",
      "11-27T10:30",
    ]);
  });

  it("of the second Monday becomes one of the second Tuesday, each with its own exception", () => {
    const when: When = ["2026-09-14", "2026-09-15", ""];
    const id = add("FREQ=MONTHLY;BYDAY=2MO", when);
    calendar().setException(id, "2026-12-14", { title: "last of the year" });
    calendar().setSeries(id, { when: ["2026-09-15", "2026-09-16", ""] });
    expect(calendar().events[id]?.rule).toBe("FREQ=MONTHLY;BYDAY=3TU");
    expect(raw("exceptions")).toEqual({ [`${id}/2026-12-15/title`]: "last of the year" });
  });

  it("a week on does not mix up exceptions that come to stand where others stood", () => {
    const id = add("FREQ=WEEKLY");
    calendar().setException(id, "2026-11-02T09:00", { title: "first" });
    calendar().setException(id, "2026-11-09T09:00", { title: "second" });
    calendar().setSeries(id, { when: ["2026-11-09T09:00", "2026-11-09T10:00", "Asia/Seoul"] });
    expect(shown(id).slice(0, 3)).toEqual([
      "11-09T09:00 first",
      "11-16T09:00 second",
      "11-23T09:00",
    ]);
  });

  it("keeps its exceptions where only other words change", () => {
    const id = add("FREQ=WEEKLY");
    calendar().setException(id, "2026-11-09T09:00", { title: "Retro" });
    const before = raw("exceptions");
    calendar().setSeries(id, { title: "Weekly" });
    expect(raw("exceptions")).toEqual(before);
  });

  it("refuses an end before the start, and writes nothing", () => {
    const id = add("FREQ=WEEKLY");
    const when: When = ["2026-11-02T09:00", "2026-11-02T08:00", "Asia/Seoul"];
    expect(() => calendar().setSeries(id, { when })).toThrow(InvalidValue);
    expect(calendar().events[id]?.when).toEqual(MONDAY);
  });
});
