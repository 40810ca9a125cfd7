import { describe, expect, it } from "vitest";
import { inZone, occurrencesBetween } from "../../core/recurrence";
import type { CalendarEvent, When } from "../../store/calendar_types";
import type { Card, Column, ProjectState } from "../../store/types";
import { CardEntries, cardSpan, EventEntries, touches, unscheduled } from "./entries";

const SEOUL = "Asia/Seoul";
const WEEK = { start: "2026-11-23", end: "2026-11-30" };
const SOURCE = { calendar: "team", colour: "blue" } as const;

function event(id: string, when: When, more: Partial<CalendarEvent> = {}): CalendarEvent {
  const unset = { rule: null, extra: null, location: null, url: null, status: null, uid: null };
  return { ...unset, id, title: id, when, members: [], deleted: null, ...more };
}

function card(id: string, more: Partial<Card> = {}): Card {
  const unset = { number: null, labels: [], members: [], priority: null, start: null, due: null };
  return { ...unset, id, title: id, column: "todo", key: "a", deleted: null, ...more } as Card;
}

function column(id: string, status: Column["status"]): Column {
  return { id, name: id, key: id, status, limit: null };
}

function project(cards: readonly Card[]): ProjectState {
  return {
    prefix: "LN",
    columns: [column("todo", "ready"), column("end", "done")],
    cards: Object.fromEntries(cards.map((one) => [one.id, one])),
    order: {
      todo: cards.filter((one) => one.column === "todo").map(({ id }) => id),
      end: cards.filter((one) => one.column === "end").map(({ id }) => id),
    },
  } as unknown as ProjectState;
}

function counted() {
  let expansions = 0;
  const entries = new EventEntries(
    (one, exceptions, { start, end }) => {
      expansions += 1;
      return occurrencesBetween(one, exceptions ?? {}, start, end, SEOUL);
    },
    (when) => inZone(when, SEOUL),
  );
  return { entries, expansions: () => expansions };
}

describe("events on a calendar", () => {
  it("stand where the person's own clock is", () => {
    const { entries } = counted();
    const events = {
      a: event("a", ["2026-11-25T09:00", "2026-11-25T10:00", "America/New_York"]),
    };
    const [entry] = entries.of(events, {}, SOURCE, WEEK);
    expect(entry).toMatchObject({ start: "2026-11-25T23:00", end: "2026-11-26T00:00" });
  });

  it("have a key for each one of a series", () => {
    const { entries } = counted();
    const events = {
      a: event("a", ["2026-11-24T09:00", "2026-11-24T10:00", SEOUL], {
        rule: "FREQ=DAILY;COUNT=2",
      }),
    };
    expect(entries.of(events, {}, SOURCE, WEEK).map(({ key }) => key)).toEqual([
      "calendar/team/a/2026-11-24T09:00",
      "calendar/team/a/2026-11-25T09:00",
    ]);
  });

  it("are expanded again only where they changed", () => {
    const { entries, expansions } = counted();
    const when: When = ["2026-11-24T09:00", "2026-11-24T10:00", SEOUL];
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, at) => [`e${at}`, event(`e${at}`, when)]),
    );
    const before = entries.of(many, {}, SOURCE, WEEK);
    expect(expansions()).toBe(500);
    const edited = { ...many, e7: event("e7", when, { title: "Other words" }) };
    const after = entries.of(edited, {}, SOURCE, WEEK);
    expect(expansions()).toBe(501);
    const changed = after.filter((entry, at) => entry !== before[at]);
    expect(changed.map((entry) => entry.occurrence.title)).toEqual(["Other words"]);
  });

  it("leave when they are deleted", () => {
    const { entries } = counted();
    const when: When = ["2026-11-24", "2026-11-25", ""];
    const events = { a: event("a", when, { deleted: ["me", 1] }), b: event("b", when) };
    expect(entries.of(events, {}, SOURCE, WEEK).map((one) => one.event)).toEqual(["b"]);
  });
});

describe("a span", () => {
  it("does not touch the day on which it ends at midnight", () => {
    const day = { start: "2026-11-26", end: "2026-11-27" };
    expect(touches({ start: "2026-11-25", end: "2026-11-26" }, day)).toBe(false);
    expect(touches({ start: "2026-11-25T22:00", end: "2026-11-26T00:30" }, day)).toBe(true);
  });
});

describe("dated cards", () => {
  it("take the days from start to due, or the one day that they have", () => {
    expect(cardSpan({ start: "2026-11-24", due: "2026-11-26" })).toEqual({
      start: "2026-11-24",
      end: "2026-11-27",
    });
    expect(cardSpan({ start: null, due: "2026-11-26" })).toEqual({
      start: "2026-11-26",
      end: "2026-11-27",
    });
    expect(cardSpan({ start: null, due: null })).toBeNull();
  });

  it("keep their days when somebody wrote a start after the due date", () => {
    expect(cardSpan({ start: "2026-11-26", due: "2026-11-24" })).toEqual({
      start: "2026-11-24",
      end: "2026-11-27",
    });
  });

  it("stand on the calendar by their number and column, and only in its days", () => {
    const cards = [
      card("here", { due: "2026-11-26", number: 7, column: "end" }),
      card("past", { due: "2026-10-01" }),
      card("none"),
    ];
    const entries = new CardEntries().of("launch", project(cards), WEEK);
    expect(entries.map(({ key, label, column: at }) => [key, label, at?.status])).toEqual([
      ["project/launch/here", "LN-7", "done"],
    ]);
  });

  it("are unscheduled while they have no date and are not finished", () => {
    const cards = [
      card("dated", { start: "2026-11-26" }),
      card("free"),
      card("finished", { column: "end" }),
    ];
    expect(unscheduled(project(cards)).map(({ id }) => id)).toEqual(["free"]);
  });
});
