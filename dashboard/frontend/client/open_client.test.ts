import { describe, expect, it } from "vitest";
import { MemoryHub } from "../testing/memory_hub";
import { TestClock } from "../testing/test_clock";
import { InvalidAddress, openClient, syncAddress } from "./open_client";

describe("the address of a server", () => {
  it("is that of its socket, from where the server is", () => {
    expect(syncAddress("https://moim.test", undefined)).toBe("wss://moim.test/sync");
    expect(syncAddress("http://127.0.0.1:5006/", undefined)).toBe("ws://127.0.0.1:5006/sync");
    expect(syncAddress("wss://moim.test/team/sync", undefined)).toBe("wss://moim.test/team/sync");
    expect(syncAddress("/sync", "https://moim.test/a#b")).toBe("wss://moim.test/sync");
  });

  it("is refused with what was expected when no server can be there", () => {
    for (const url of ["", "moim.test", "mailto:a@moim.test", "file:///sync"])
      expect(() => syncAddress(url, undefined)).toThrow(InvalidAddress);
    expect(() => openClient({ url: "//" })).toThrow(
      'like https://host or wss://host/sync, got "//"',
    );
  });
});

describe("a client without the code of calendars", () => {
  it("says what it was not given, also where a page has brought that of its own", async () => {
    await import("../store/page_calendars");
    const hub = new MemoryHub(new TestClock());
    const socket = hub.WebSocket as unknown as typeof WebSocket;
    const client = openClient({ url: "ws://moim.test", WebSocket: socket, indexedDB: null });
    expect(() => client.calendar("team")).toThrow("expected `calendars` among the options");
    client.close();
  });
});
