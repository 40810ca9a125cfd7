import { describe, expect, it } from "vitest";
import { isZone, matchingZones, zoneChoices, zoneName } from "./zones";

const WINTER = new Date("2026-11-25T12:00Z");
const SUMMER = new Date("2026-07-25T12:00Z");

describe("a zone's name", () => {
  it("is its city and the offset of that day", () => {
    expect(zoneName("Asia/Seoul", WINTER)).toBe("Seoul (GMT+9)");
    expect(zoneName("America/New_York", WINTER)).toBe("New York (GMT-5)");
    expect(zoneName("America/New_York", SUMMER)).toBe("New York (GMT-4)");
    expect(zoneName("Australia/Lord_Howe", WINTER)).toBe("Lord Howe (GMT+11)");
  });

  it("is the bare city where this browser does not know the zone", () => {
    expect(isZone("Mars/Olympus_Mons")).toBe(false);
    expect(zoneName("Mars/Olympus_Mons", WINTER)).toBe("Olympus Mons");
  });
});

describe("the list of zones", () => {
  const choices = zoneChoices("ko", WINTER);
  const found = (typed: string) => matchingZones(choices, typed).map(({ zone }) => zone);

  it("is searched by city, by IANA name, by offset and by its name in the language", () => {
    expect(found("lord how")).toEqual(["Australia/Lord_Howe"]);
    expect(found("asia/seo")).toEqual(["Asia/Seoul"]);
    expect(found("한국")).toContain("Asia/Seoul");
    expect(found("gmt+9")).toContain("Asia/Tokyo");
  });

  it("says nothing where nothing matches", () => {
    expect(found("atlantis")).toEqual([]);
  });

  it("begins with what begins with the typed word", () => {
    expect(found("lon")[0]).toBe("Europe/London");
  });
});
