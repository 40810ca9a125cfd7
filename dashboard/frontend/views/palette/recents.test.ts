import { describe, expect, it } from "vitest";
import { addressOf, type Place } from "../shell/route";
import { documentsWithEntities, type Kept, recentPlaces, remember } from "./recents";

function storage(first: Readonly<Record<string, string>> = {}): Kept {
  const kept = new Map(Object.entries(first));
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
  };
}

function card(id: string): Place {
  return { kind: "project", id: "launch", entity: id };
}

describe("recent places", () => {
  it("are the latest first, each once", () => {
    const kept = storage();
    for (const id of ["a", "b", "a"]) remember("minji", card(id), kept);
    expect(recentPlaces("minji", kept).map(addressOf)).toEqual([
      "/project/launch?card=a",
      "/project/launch?card=b",
    ]);
  });

  it("are each person's own", () => {
    const kept = storage();
    remember("minji", card("a"), kept);
    expect(recentPlaces("joon", kept)).toEqual([]);
  });

  it("are twelve at most", () => {
    const kept = storage();
    for (let at = 0; at < 30; at += 1) remember("minji", card(`c${at}`), kept);
    expect(recentPlaces("minji", kept)).toHaveLength(12);
    expect(recentPlaces("minji", kept)[0]?.entity).toBe("c29");
  });

  it.each(["no json", '{"a":1}', '[1,null,"/elsewhere/x","/"]'])(
    "leave out what is no place: %s",
    (text) => {
      expect(recentPlaces("minji", storage({ "moim.recent.minji": text }))).toEqual([]);
    },
  );

  it("do without a storage that is full", () => {
    const full: Kept = {
      getItem: () => null,
      setItem: () => {
        throw new Error("full");
      },
    };
    expect(() => remember("minji", card("a"), full)).not.toThrow();
  });

  it("name the documents whose cards are among them", () => {
    const whole: Place = { kind: "calendar", id: "team", entity: null };
    expect(documentsWithEntities([card("a"), whole, card("b")])).toEqual(["project/launch"]);
  });
});
