import { describe, expect, it } from "vitest";
import { parseRule, type RuleParts, ruleOf } from "../../core/rule";
import type { When } from "../../store/calendar_types";
import { wordsOf } from "../language";
import { urlOf } from "./event_fields";
import {
  monthlyChoices,
  partsFor,
  repeatProblem,
  shownDays,
  withDay,
  withEndKind,
} from "./repeat_parts";
import { describeRule } from "./rule_words";
import { imagined, nextWhens } from "./series_dates";

/** The last and fourth Wednesday of a month. */
const WEDNESDAY: When = ["2026-11-25T17:00", "2026-11-25T18:00", "Asia/Seoul"];
const [START] = WEDNESDAY;
const weekly = partsFor("weekly", null);

const starts = (parts: RuleParts, most = 5) =>
  nextWhens(imagined(WEDNESDAY, ruleOf(parts)), START, most).map(([start]) => start.slice(0, 10));

describe("the days of a weekly rule", () => {
  it("are the day of the start until others are chosen", () => {
    expect(shownDays(weekly, START)).toEqual(["WE"]);
    expect(ruleOf(withDay(weekly, "FR", START))).toBe("FREQ=WEEKLY;BYDAY=WE,FR");
  });

  it("are never none", () => {
    expect(withDay(weekly, "WE", START)).toBe(weekly);
  });

  it("that are the day of the start alone need not be named", () => {
    const both = withDay(weekly, "FR", START);
    expect(ruleOf(withDay(both, "FR", START))).toBe("FREQ=WEEKLY");
  });
});

describe("a monthly rule", () => {
  const rules = (start: string) =>
    monthlyChoices(start, null).map((monthly) => ruleOf({ ...partsFor("monthly", null), monthly }));

  it("may be on the day, the nth or the last weekday of the start", () => {
    expect(rules(START)).toEqual([
      "FREQ=MONTHLY",
      "FREQ=MONTHLY;BYDAY=4WE",
      "FREQ=MONTHLY;BYDAY=-1WE",
    ]);
  });

  it("may be on the last day, where the start is one", () => {
    expect(rules("2026-11-30")).toContain("FREQ=MONTHLY;BYMONTHDAY=-1");
  });

  it("keeps a choice that another start would not offer", () => {
    const chosen = { on: "nth", nth: 2, day: "MO" } as const;
    expect(monthlyChoices(START, chosen)).toContainEqual(chosen);
  });

  it("gives the dates that it says", () => {
    const last = {
      ...partsFor("monthly", null),
      monthly: { on: "nth", nth: -1, day: "WE" } as const,
    };
    expect(starts(last, 3)).toEqual(["2026-11-25", "2026-12-30", "2027-01-27"]);
  });
});

describe("every rule that the editor makes", () => {
  const frequencies = ["daily", "weekly", "monthly", "yearly"] as const;
  const ends = ["never", "until", "count"] as const;
  const made = frequencies.flatMap((freq) =>
    ends.map((end) => withEndKind({ ...partsFor(freq, null), interval: 2 }, end, START)),
  );

  it.each(made.map((parts) => [ruleOf(parts), parts] as const))(
    "%s is one that it can edit again, with dates",
    (text, parts) => {
      expect(parseRule(text, START)).toEqual(parts);
      expect(repeatProblem(parts, WEDNESDAY, text)).toBeNull();
      expect(starts(parts)[0]).toBe("2026-11-25");
    },
  );
});

describe("a rule that cannot be kept", () => {
  it("ends before the event starts", () => {
    const parts = { ...weekly, end: { until: "2026-11-24" } };
    expect(repeatProblem(parts, WEDNESDAY, ruleOf(parts))).toBe("repeat.endsBeforeStart");
  });

  it("may end on the day of the start", () => {
    const parts = { ...weekly, end: { until: "2026-11-25" } };
    expect(repeatProblem(parts, WEDNESDAY, ruleOf(parts))).toBeNull();
  });
});

describe("a rule in words", () => {
  const [en, ko] = [wordsOf("en"), wordsOf("ko")];

  it.each([
    ["FREQ=DAILY", "Daily", "매일"],
    ["FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE", "Every 2 weeks on Mon, Wed", "2주마다 월 수"],
    ["FREQ=MONTHLY", "Monthly, on day 25", "매월 25일"],
    ["FREQ=MONTHLY;BYDAY=-1WE", "Monthly, on the last Wednesday", "매월 마지막 수요일"],
    ["FREQ=YEARLY;COUNT=1", "Yearly, 1 time", "매년, 1회"],
    ["FREQ=DAILY;UNTIL=20270303", "Daily, until Mar 3, 2027", "매일, 2027. 3. 3.까지"],
    [
      "FREQ=YEARLY;BYWEEKNO=20",
      "A rule of the import: FREQ=YEARLY;BYWEEKNO=20",
      "가져온 규칙: FREQ=YEARLY;BYWEEKNO=20",
    ],
  ])("%s is %s, %s", (rule, inEnglish, inKorean) => {
    expect(describeRule(rule, WEDNESDAY, en)).toBe(inEnglish);
    expect(describeRule(rule, WEDNESDAY, ko)).toBe(inKorean);
  });
});

describe("a link", () => {
  it.each([
    ["https://example.org/x?y=1", "https://example.org/x?y=1"],
    ["example.org", "https://example.org"],
    ["mailto:team@example.org", "mailto:team@example.org"],
    ["  ", null],
    ["javascript:alert(1)", undefined],
    ["data:text/html,x", undefined],
    ["two words", undefined],
    ["https://", undefined],
  ])("typed as %j is kept as %j", (typed, kept) => {
    expect(urlOf(typed)).toBe(kept);
  });
});
