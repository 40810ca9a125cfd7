import { afterEach, describe, expect, it, vi } from "vitest";
import { keptUnder, personOf } from "./client_options";

function page(cookie: string, host = "moim.test"): Window {
  return { location: { host }, document: { cookie } } as unknown as Window;
}

describe("whose edits are kept here", () => {
  const url = "wss://moim.test/sync";

  it("is said by the server's cookie", () => {
    const cookie = "a=1; moim_person=user-0a1b2c; b=2";
    expect(personOf({ url, page: page(cookie) })).toBe("user-0a1b2c");
  });

  it("is nobody in particular for guests, and for what is no id", () => {
    expect(personOf({ url, page: page("") })).toBeNull();
    expect(personOf({ url, page: page("not_moim_person=user-1; moim_person=<b>") })).toBeNull();
  });

  it("is not said by the cookie of another server's page", () => {
    const cookie = "moim_person=user-0a1b2c";
    expect(personOf({ url, page: page(cookie, "elsewhere.test") })).toBeNull();
  });
});

describe("where it is kept", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("is apart for each server, and for a page of the server as it always was", () => {
    vi.stubGlobal("location", { host: "moim.test" });
    const names = ["wss://moim.test/sync", "wss://a.test/sync", "wss://b.test/sync"].map((url) =>
      keptUnder({ url, page: null }),
    );
    expect(names).toEqual(["moim /sync", "moim a.test/sync", "moim b.test/sync"]);
  });
});
