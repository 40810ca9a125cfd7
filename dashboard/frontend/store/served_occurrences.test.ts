/** Series that only the server expands: asked for, kept on the device, and overlaid with what is known. */

import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it } from "vitest";
import * as Y from "yjs";
import { createStore, type StoreApi } from "zustand/vanilla";
import { Database } from "../core/database";
import { Journal } from "../core/journal";
import type { When } from "../core/recurrence_types";
import { seeded } from "../testing/seeded";
import { sharedOver } from "../testing/shared_over";
import { TestClock } from "../testing/test_clock";
import { askingAt, type Question } from "./asking";
import { calendarStore } from "./calendar";
import type { CalendarState } from "./calendar_types";
import { KeptAnswers } from "./kept_answers";
import { type ServedOccurrences, servedOccurrences } from "./served_occurrences";
import type { ConnectionState, Held } from "./types";

const MONDAY: When = ["2026-11-02T09:00", "2026-11-02T10:00", "Asia/Seoul"];
const LAST_WORKDAY = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1";
const NOVEMBER: Question = {
  calendar: "team",
  from: "2026-11-01",
  to: "2026-12-01",
  zone: "Asia/Seoul",
};

let clock: TestClock;
let device: IDBFactory;
let calendar: StoreApi<CalendarState>;
let connection: StoreApi<ConnectionState>;
let asked: Question[];
let answer: () => unknown;

function add(title: string, rule: string): string {
  return calendar.getState().addEvent({ title, when: MONDAY, rule });
}

function at(event: string, day: string): object {
  const when = [`${day}T09:00`, `${day}T10:00`, "Asia/Seoul"];
  const fields = { title: "as the server has it", location: null, status: null };
  return { event, recurrenceId: `${day}T09:00`, when, ...fields, isException: false };
}

/** A page of this device: what it keeps is read again. */
function page(question = NOVEMBER): Held<ServedOccurrences> {
  const database = new Database(device, "moim", clock);
  return servedOccurrences({
    question,
    calendar: { store: calendar, release: () => {} },
    connection,
    ask: async (about) => {
      asked.push(about);
      return answer();
    },
    answers: new KeptAnswers(database, new Journal(database, clock), clock),
    clock,
  });
}

function days(held: Held<ServedOccurrences>): string[] {
  return held.store
    .getState()
    .occurrences.map(({ when, title }) => `${when[0].slice(5, 10)} ${title}`);
}

function away(): never {
  throw new Error("the server is away");
}

beforeEach(() => {
  clock = new TestClock();
  device = new IDBFactory();
  asked = [];
  answer = away;
  connection = createStore(() => ({ connected: true }) as ConnectionState);
  const author = { me: () => "minji", now: () => 1_000, random: seeded(1) };
  calendar = calendarStore(sharedOver(new Y.Doc()), author);
});

describe("what only the server expands", () => {
  it("is asked for once and shown by start, under the titles that this device knows", async () => {
    const id = add("마지막 평일", LAST_WORKDAY);
    answer = () => ({ occurrences: [at(id, "2026-11-30"), at(id, "2026-11-02")], cut: [id] });
    const held = page();
    expect(held.store.getState().state).toBe("waiting");
    await clock.advance(1_000);
    expect(asked).toEqual([NOVEMBER]);
    expect(days(held)).toEqual(["11-02 마지막 평일", "11-30 마지막 평일"]);
    expect(held.store.getState()).toMatchObject({ state: "fresh", cut: [id] });
  });

  it("is not asked for in a calendar of simple rules", async () => {
    add("Weekly", "FREQ=WEEKLY");
    const held = page();
    await clock.advance(60_000);
    expect(asked).toEqual([]);
    expect(held.store.getState()).toEqual({ occurrences: [], state: "none", cut: [] });
  });

  it("is asked for when the first such series comes into an open calendar", async () => {
    const held = page();
    await clock.advance(1_000);
    const id = add("Imported", LAST_WORKDAY);
    answer = () => ({ occurrences: [at(id, "2026-11-30")], cut: [] });
    await clock.advance(1_000);
    expect(days(held)).toEqual(["11-30 Imported"]);
  });

  it("is asked for again when the rule changes, and not when another event does", async () => {
    const id = add("Imported", LAST_WORKDAY);
    answer = () => ({ occurrences: [at(id, "2026-11-30")], cut: [] });
    page();
    await clock.advance(1_000);
    add("Another", "FREQ=WEEKLY");
    await clock.advance(1_000);
    expect(asked).toHaveLength(1);
    calendar.getState().setEvent(id, { rule: LAST_WORKDAY.replace("-1", "1") });
    await clock.advance(1_000);
    expect(asked).toHaveLength(2);
  });

  it("shows what is deleted, left out or renamed here before the server says so", async () => {
    const id = add("Imported", LAST_WORKDAY);
    answer = () => ({ occurrences: [at(id, "2026-11-02"), at(id, "2026-11-30")], cut: [] });
    const held = page();
    await clock.advance(1_000);
    answer = away;
    calendar.getState().setException(id, "2026-11-02T09:00", { excluded: true });
    calendar.getState().setException(id, "2026-11-30T09:00", { title: "Moved to the hall" });
    expect(days(held)).toEqual(["11-30 Moved to the hall"]);
    expect(held.store.getState().state).toBe("kept");
    calendar.getState().deleteEvent(id);
    expect(days(held)).toEqual([]);
  });

  it("stays over a reload while the server is away, and only for the days that were asked", async () => {
    const id = add("Imported", LAST_WORKDAY);
    answer = () => ({ occurrences: [at(id, "2026-11-30")], cut: [] });
    const before = page();
    await clock.advance(1_000);
    before.release();
    answer = away;
    const [after, other] = [page(), page({ ...NOVEMBER, from: "2026-10-01" })];
    await clock.advance(1_000);
    expect(days(after)).toEqual(["11-30 Imported"]);
    expect(after.store.getState().state).toBe("kept");
    expect(other.store.getState().state).toBe("waiting");
  });

  it("is asked for again until the server answers, at once when it is back", async () => {
    const id = add("Imported", LAST_WORKDAY);
    const held = page();
    await clock.advance(25_000);
    expect(asked).toHaveLength(3);
    connection.setState({ connected: false });
    answer = () => ({ occurrences: [at(id, "2026-11-30")], cut: [] });
    connection.setState({ connected: true });
    await clock.advance(100);
    expect(days(held)).toEqual(["11-30 Imported"]);
  });

  it("takes nothing that is no answer", async () => {
    add("Imported", LAST_WORKDAY);
    answer = () => ({ message: "a proxy's own words" });
    const held = page();
    await clock.advance(1_000);
    expect(held.store.getState().state).toBe("waiting");
  });
});

it("keeps the fifty last answers on the device", async () => {
  const database = new Database(device, "moim", clock);
  const journal = new Journal(database, clock);
  const answers = new KeptAnswers(database, journal, clock);
  for (let number = 0; number < 60; number += 1) {
    answers.set({ ...NOVEMBER, calendar: `c${number}` }, { occurrences: [], cut: [] });
    clock.sleep(1);
  }
  await journal.settled();
  const rows = await database.read((transaction) => transaction.list("answers"));
  expect(rows).toHaveLength(50);
  const again = new KeptAnswers(new Database(device, "moim", clock), journal, clock);
  await again.read();
  expect(again.get({ ...NOVEMBER, calendar: "c9" })).toBeUndefined();
  expect(again.get({ ...NOVEMBER, calendar: "c10" })).toEqual({ occurrences: [], cut: [] });
});

it("asks beside the socket, whatever path the server has", async () => {
  const urls: string[] = [];
  const fetching = async (url: URL | RequestInfo) => {
    urls.push(String(url));
    return new Response("[]", { status: urls.length > 1 ? 503 : 200 });
  };
  const ask = askingAt("wss://team.example/moim/sync", fetching as typeof fetch);
  expect(await ask(NOVEMBER)).toEqual([]);
  expect(urls).toEqual([
    "https://team.example/moim/api/calendar/team/occurrences?from=2026-11-01&to=2026-12-01&zone=Asia%2FSeoul",
  ]);
  await expect(ask(NOVEMBER)).rejects.toThrow("got 503");
});
