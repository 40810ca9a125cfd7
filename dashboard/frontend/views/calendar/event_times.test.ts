import { describe, expect, it } from "vitest";
import { nextHour, timesOf, whenOf, withAllDay, withStart } from "./event_times";

const MEETING = timesOf(["2026-11-25T17:00", "2026-11-25T18:30", "Asia/Seoul"]);

describe("the fields of a time", () => {
  it.each([
    [["2026-11-25T17:00", "2026-11-25T18:30", "Asia/Seoul"]],
    [["2026-11-25T17:00:30", "2026-11-26T01:00:05", ""]],
    [["2026-11-25", "2026-11-28", ""]],
  ] as const)("give back %j", (when) => {
    expect(whenOf(timesOf([...when]))).toEqual(when);
  });

  it("show the last day of whole days, not the day after", () => {
    expect(timesOf(["2026-02-27", "2026-03-01", ""]).lastDay).toBe("2026-02-28");
  });

  it("are refused where the end lies before the start", () => {
    expect(whenOf({ ...MEETING, to: "16:59" })).toBe("event.endsBeforeStart");
    expect(whenOf({ ...MEETING, lastDay: "2026-11-24" })).toBe("event.endsBeforeStart");
    expect(whenOf({ ...MEETING, allDay: true, zone: "", lastDay: "2026-11-24" })).toBe(
      "event.endsBeforeStart",
    );
  });

  it("are refused where there is no such time", () => {
    expect(whenOf({ ...MEETING, firstDay: "" })).toBe("event.noSuchTime");
    expect(whenOf({ ...MEETING, from: "" })).toBe("event.noSuchTime");
    expect(whenOf({ ...MEETING, firstDay: "2026-02-30", lastDay: "2026-03-01" })).toBe(
      "event.noSuchTime",
    );
  });

  it("may end where they begin", () => {
    expect(whenOf({ ...MEETING, to: "17:00" })).toEqual([
      "2026-11-25T17:00",
      "2026-11-25T17:00",
      "Asia/Seoul",
    ]);
  });
});

describe("another start", () => {
  it("takes the end along, over midnight too", () => {
    expect(whenOf(withStart(MEETING, { from: "23:00" }))).toEqual([
      "2026-11-25T23:00",
      "2026-11-26T00:30",
      "Asia/Seoul",
    ]);
  });

  it("keeps the number of whole days", () => {
    const times = timesOf(["2026-11-25", "2026-11-28", ""]);
    expect(whenOf(withStart(times, { firstDay: "2026-12-30" }))).toEqual([
      "2026-12-30",
      "2027-01-02",
      "",
    ]);
  });

  it("leaves the end where the start is no time yet", () => {
    expect(withStart(MEETING, { firstDay: "" }).lastDay).toBe("2026-11-25");
  });
});

describe("all day", () => {
  it("keeps the days, without one that only its midnight touches", () => {
    const night = timesOf(["2026-11-25T20:00", "2026-11-26T00:00", "Asia/Seoul"]);
    expect(whenOf(withAllDay(night, true, "Asia/Seoul"))).toEqual(["2026-11-25", "2026-11-26", ""]);
  });

  it("gives a time in the zone when it is switched off", () => {
    const days = timesOf(["2026-11-25", "2026-11-26", ""]);
    expect(whenOf(withAllDay(days, false, "Europe/Berlin"))).toEqual([
      "2026-11-25T09:00",
      "2026-11-25T10:00",
      "Europe/Berlin",
    ]);
  });
});

it("a new event stands at the next full hour", () => {
  const [start, end] = nextHour(new Date(2026, 10, 25, 23, 10), "");
  expect([start, end]).toEqual(["2026-11-26T00:00", "2026-11-26T01:00"]);
});
