import { describe, expect, it } from "vitest";
import vectors from "../../../tests/vectors/recurrence.json";
import {
  expansionBetween,
  instantOf,
  inZone,
  isServed,
  LIMITS,
  momentAt,
  occurrencesBetween,
  parseRule,
  ruleOf,
  splitId,
} from "./recurrence";
import type { Exception, Exceptions, Occurrence, SeriesEvent, When } from "./recurrence_types";

interface Case {
  readonly name?: string;
  readonly rule: string | null;
  readonly when: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly zone: string;
  readonly deleted?: boolean;
  readonly exceptions?: Readonly<Record<string, Partial<Exception>>>;
  readonly occurrences: readonly unknown[];
}

const CASES = [...vectors.cases, ...vectors.by_hand] as unknown as readonly Case[];
const NOTHING: Exception = {
  excluded: false,
  title: null,
  when: null,
  location: null,
  notes: null,
  status: null,
};

function series(rule: string | null, when: readonly string[], more: object = {}): SeriesEvent {
  return {
    id: "e",
    title: "Series",
    when: when as unknown as When,
    rule,
    extra: null,
    location: null,
    status: null,
    deleted: null,
    ...more,
  };
}

function whole(exceptions: Case["exceptions"]): Exceptions {
  return Object.fromEntries(
    Object.entries(exceptions ?? {}).map(([id, own]) => [id, { ...NOTHING, ...own }]),
  );
}

function row({ recurrenceId, when, title, location, status }: Occurrence): unknown[] {
  const own = { title: title === "Series" ? null : title, location, status };
  const shown = Object.entries(own).filter(([, value]) => value !== null);
  const rest = shown.length === 0 ? [] : [Object.fromEntries(shown)];
  return [recurrenceId, when[0], when[1], ...rest];
}

declare const process: { threadCpuUsage(): { user: number; system: number } };

/** Of the processor's time only: how busy the machine is tells nothing about a rule. */
function workMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

describe("occurrences", () => {
  it.each(CASES.map((c) => [c.name ?? `${c.rule} ${c.when} in ${c.zone}`, c] as const))(
    "are those of the vectors: %s",
    (_, { rule, when, from, to, zone, deleted, exceptions, occurrences }) => {
      const event = series(rule, when, deleted ? { deleted: ["minji", 1] } : {});
      const found = occurrencesBetween(event, whole(exceptions), from, to, zone);
      expect(found.map(row)).toEqual(occurrences);
    },
  );

  it("of series that the editor cannot make are left to the server", () => {
    const when = ["2026-11-02", "2026-11-03", ""];
    const served = [
      series("FREQ=HOURLY", when),
      series("FREQ=DAILY", when, { extra: "RDATE:20261105" }),
      series(null, when, { extra: "RDATE:20261105" }),
    ];
    for (const event of served) {
      expect(isServed(event)).toBe(true);
      expect(occurrencesBetween(event, {}, "2026-11-01", "2026-12-01", "Asia/Seoul")).toEqual([]);
    }
    expect(isServed(series("FREQ=HOURLY", when, { deleted: ["minji", 1] }))).toBe(false);
    expect(isServed(series("FREQ=DAILY", when))).toBe(false);
  });

  it("are no more than the limit, and say so", () => {
    const event = series("FREQ=DAILY", ["2026-11-02", "2026-11-03", ""]);
    const unhurried = { ...LIMITS, now: () => 0 };
    const found = expansionBetween(event, {}, "2026-11-01", "2099-01-01", "Asia/Seoul", unhurried);
    expect([found.cut, found.occurrences.length]).toEqual([true, LIMITS.most]);
    const few = { ...unhurried, most: 3 };
    const three = expansionBetween(event, {}, "2026-11-01", "2027-01-01", "Asia/Seoul", few);
    expect(three.occurrences.map(({ when }) => when[0]).at(-1)).toBe("2026-11-04");
  });

  it("end at the deadline of the clock that is given", () => {
    let now = 0;
    const later = () => {
      now += 20;
      return now;
    };
    const limits = { ...LIMITS, most: Number.POSITIVE_INFINITY, now: () => later() };
    const event = series("FREQ=YEARLY;INTERVAL=1000", ["0001-11-02", "0001-11-03", ""]);
    const found = expansionBetween(event, {}, "2026-11-01", "9990-01-01", "Asia/Seoul", limits);
    expect(found.cut).toBe(true);
    expect(now).toBeLessThan(200);
  });

  it.each([
    ["FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31", "2026-02-01"],
    ["FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;COUNT=5000", "2026-02-01"],
    ["FREQ=YEARLY;INTERVAL=1000;COUNT=5000", "2024-02-29"],
    ["FREQ=MONTHLY;BYDAY=5FR;INTERVAL=1000", "0001-01-01"],
    ["FREQ=DAILY;COUNT=5000", "2020-01-01"],
  ])("come within a tenth of a second of any rule that the editor makes: %s", (rule, day) => {
    const event = series(rule, [`${day}T09:00`, `${day}T10:00`, "America/New_York"]);
    const began = workMs();
    occurrencesBetween(event, {}, "2026-11-01", "2027-12-01", "Asia/Seoul");
    expect(workMs() - began).toBeLessThan(100);
  });
});

describe("rules", () => {
  it("that the editor makes are told from others, as in Python", () => {
    expect(vectors.simple.filter((rule) => parseRule(rule) === null)).toEqual([]);
    expect(vectors.exotic.filter((rule) => parseRule(rule) !== null)).toEqual([]);
  });

  it.each([
    ["FREQ=DAILY", { freq: "daily", interval: 1, days: [], monthly: null, end: null }],
    ["FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", { days: ["MO", "WE"], interval: 2 }],
    ["FREQ=MONTHLY;BYMONTHDAY=31;COUNT=4", { monthly: { on: "day", day: 31 }, end: { count: 4 } }],
    ["FREQ=MONTHLY;BYDAY=-1FR", { monthly: { on: "nth", nth: -1, day: "FR" } }],
    ["FREQ=YEARLY;UNTIL=20261203", { freq: "yearly", end: { until: "2026-12-03" } }],
  ])("are read and written as they were: %s", (rule, expected) => {
    const parts = parseRule(rule);
    expect(parts).toMatchObject(expected);
    expect(parts && ruleOf(parts)).toBe(rule);
  });

  it("are written in one order, without what is as always", () => {
    const parts = parseRule("wkst=MO;byday=WE,MO,WE;interval=1;freq=weekly;");
    expect(parts && ruleOf(parts)).toBe("FREQ=WEEKLY;BYDAY=MO,WE");
  });

  it("end on the last day on which something starts", () => {
    const rule = "FREQ=DAILY;UNTIL=20261203T080000";
    expect(parseRule(rule, "2026-11-02T08:00")?.end).toEqual({ until: "2026-12-03" });
    expect(parseRule(rule, "2026-11-02T08:01")?.end).toEqual({ until: "2026-12-02" });
    expect(parseRule(rule)?.end).toEqual({ until: "2026-12-03" });
  });
});

describe("times", () => {
  it.each(vectors.instants as [string, string, string][])(
    "are the instants of the vectors: %s in %s",
    (moment, zone, instant) => {
      expect(instantOf(moment, zone)).toBe(Date.parse(instant));
    },
  );

  it("are told on the clock of another zone; days and floating times stay", () => {
    expect(momentAt(Date.UTC(2026, 2, 8, 7, 30), "Asia/Seoul")).toBe("2026-03-08T16:30");
    expect(momentAt(30_000, "")).toBe("1970-01-01T00:00:30");
    const morning: When = ["2026-11-02T09:00", "2026-11-02T10:00", "Asia/Seoul"];
    expect(inZone(morning, "America/New_York")).toEqual([
      "2026-11-01T19:00",
      "2026-11-01T20:00",
      "America/New_York",
    ]);
    const day: When = ["2026-11-02", "2026-11-03", ""];
    expect(inZone(day, "America/New_York")).toBe(day);
    const floating: When = ["2026-11-02T09:00", "2026-11-02T10:00", ""];
    expect(inZone(floating, "America/New_York")).toBe(floating);
  });
});

describe("the id of a cut series", () => {
  it.each(vectors.splits as [string, string, string][])("is that of Python: %s at %s", (...c) => {
    expect(splitId(c[0], c[1])).toBe(c[2]);
    expect(c[2]).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });
});
