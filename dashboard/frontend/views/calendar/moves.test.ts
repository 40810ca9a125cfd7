import { describe, expect, it } from "vitest";
import { inZone } from "../../core/recurrence";
import { addMonths, monthDays, weekNumber, weekOf } from "./dates";
import { movedCard, movedWhen, rangeOf, spanAt, steppedCursor, steppedSpan } from "./moves";

const SEOUL = "Asia/Seoul";

describe("an event that is moved", () => {
  it("keeps its own zone", () => {
    const was = ["2026-11-25T09:00", "2026-11-25T10:00", "America/New_York"] as const;
    const to = { start: "2026-11-26T23:30", end: "2026-11-27T00:30" };
    expect(movedWhen(was, to, SEOUL, inZone)).toEqual([
      "2026-11-26T09:30",
      "2026-11-26T10:30",
      "America/New_York",
    ]);
  });

  it("takes the person's zone when a whole day gets a time", () => {
    const to = { start: "2026-11-26T09:00", end: "2026-11-26T10:00" };
    expect(movedWhen(["2026-11-25", "2026-11-26", ""], to, SEOUL, inZone)).toEqual([
      "2026-11-26T09:00",
      "2026-11-26T10:00",
      SEOUL,
    ]);
  });

  it("has no zone as a whole day, and none where it is the same on every clock", () => {
    const timed = ["2026-11-25T09:00", "2026-11-25T10:00", SEOUL] as const;
    const day = { start: "2026-11-26", end: "2026-11-27" };
    expect(movedWhen(timed, day, SEOUL, inZone)).toEqual(["2026-11-26", "2026-11-27", ""]);
    const anywhere = ["2026-11-25T09:00", "2026-11-25T10:00", ""] as const;
    const to = { start: "2026-11-26T09:00", end: "2026-11-26T10:00" };
    expect(movedWhen(anywhere, to, SEOUL, inZone)[2]).toBe("");
  });

  it("stays as long by keys, day by day and by quarters of an hour", () => {
    const span = { start: "2026-11-25T09:50", end: "2026-11-25T11:20" };
    expect(steppedSpan(span, "ArrowRight", "week")).toEqual({
      start: "2026-11-26T09:50",
      end: "2026-11-26T11:20",
    });
    expect(steppedSpan(span, "ArrowDown", "week").start).toBe("2026-11-25T10:05");
    expect(steppedSpan(span, "ArrowDown", "month").start).toBe("2026-12-02T09:50");
    const days = { start: "2026-11-25", end: "2026-11-28" };
    expect(steppedSpan(days, "ArrowDown", "week")).toEqual(days);
    expect(spanAt(days, "2026-12-31")).toEqual({ start: "2026-12-31", end: "2027-01-03" });
  });
});

describe("a card that is moved", () => {
  it("stays as long", () => {
    const was = { start: "2026-11-24", due: "2026-11-26" };
    expect(movedCard(was, { start: "2026-11-30", end: "2026-12-03" })).toEqual({
      start: "2026-11-30",
      due: "2026-12-02",
    });
  });

  it("keeps having a due date only, until it is made longer", () => {
    const was = { start: null, due: "2026-11-26" };
    expect(movedCard(was, { start: "2026-11-30", end: "2026-12-01" })).toEqual({
      start: null,
      due: "2026-11-30",
    });
    expect(movedCard(was, { start: "2026-11-30", end: "2026-12-02" })).toEqual({
      start: "2026-11-30",
      due: "2026-12-01",
    });
  });

  it("takes the day of an hour that it is dropped on", () => {
    const to = { start: "2026-11-30T09:00", end: "2026-11-30T10:00" };
    expect(movedCard({ start: null, due: "2026-11-26" }, to).due).toBe("2026-11-30");
  });
});

describe("the cursor", () => {
  it("walks half hours within its day, days beside it, weeks in a month", () => {
    expect(steppedCursor("2026-11-25T09:00", "ArrowDown", "week")).toBe("2026-11-25T09:30");
    expect(steppedCursor("2026-11-25T23:30", "ArrowDown", "week")).toBe("2026-11-25T23:30");
    expect(steppedCursor("2026-11-25T09:00", "ArrowLeft", "week")).toBe("2026-11-24T09:00");
    expect(steppedCursor("2026-11-25", "ArrowUp", "month")).toBe("2026-11-18");
  });

  it("selects from its anchor, both ways, the last slot included", () => {
    const span = { start: "2026-11-25T09:00", end: "2026-11-25T11:00" };
    expect(rangeOf("2026-11-25T09:00", "2026-11-25T10:30")).toEqual(span);
    expect(rangeOf("2026-11-25T10:30", "2026-11-25T09:00")).toEqual(span);
    expect(rangeOf("2026-11-25", "2026-11-26")).toEqual({
      start: "2026-11-25",
      end: "2026-11-27",
    });
  });
});

describe("days", () => {
  it("are counted in weeks as ISO 8601 does", () => {
    expect(weekNumber("2026-11-25")).toBe(48);
    expect(weekNumber("2027-01-03")).toBe(53);
    expect(weekNumber("2024-12-30")).toBe(1);
    expect(weekOf("2026-11-29")).toBe("2026-11-23");
  });

  it("end with the month when there are fewer of them", () => {
    expect(addMonths("2026-01-31", 1)).toBe("2026-02-28");
    expect(addMonths("2026-01-15", -1)).toBe("2025-12-15");
    expect(monthDays("2026-11-25")[0]).toBe("2026-10-26");
  });
});
