import { beforeEach, describe, expect, it } from "vitest";
import { MemoryHub } from "../testing/memory_hub";
import { seeded } from "../testing/seeded";
import { TestClock } from "../testing/test_clock";
import { Backoff } from "./backoff";
import { NOT_SIGNED_IN, Provider } from "./provider";
import type { Subscriber } from "./provider_types";

const REPLICA = "00".repeat(16);

let clock: TestClock;
let hub: MemoryHub;
let provider: Provider;

beforeEach(() => {
  clock = new TestClock();
  hub = new MemoryHub(clock);
  provider = providerWith(0.5);
});

function providerWith(drawn: number, person: string | null = null): Provider {
  return new Provider({
    url: "ws://moim.test/sync",
    identity: () => ({ client: "test", replica: REPLICA, name: "" }),
    WebSocket: hub.WebSocket,
    clock,
    random: () => drawn,
    person,
  });
}

function subscriber(document: string): Subscriber & { readonly heard: string[] } {
  const heard: string[] = [];
  return {
    document,
    heard,
    request: () => ({ create: true, lineage: "", state_vector: new Uint8Array([0]) }),
    granted: () => heard.push("granted"),
    receive: (message) => heard.push(message.type),
    refused: (perm) => heard.push(perm.code),
    lost: () => heard.push("lost"),
  };
}

describe("a connection", () => {
  it("[H2] is made when the server has welcomed, and knows who it is then", async () => {
    provider.connect();
    expect(provider.phase).toBe("connecting");
    await clock.advance(10);
    expect(provider.phase).toBe("connected");
    expect(provider.welcome?.you.id).toBe("guest-000000");
  });

  it("[H3] answers PING with the same token from its message handler", async () => {
    provider.connect();
    await clock.advance(10);
    hub.ping(129);
    await clock.advance(2);
    expect(hub.pongs).toEqual([129]);
  });

  it("[H3] is gone and being replaced within 8 s of the last thing heard", async () => {
    provider.connect();
    await clock.advance(10);
    hub.blackholed = true;
    await clock.advance(6_000);
    expect(provider.phase).toBe("connected");
    await clock.advance(1_900);
    expect(provider.phase).toBe("connecting");
    hub.blackholed = false;
    await clock.advance(6_000);
    expect(provider.phase).toBe("connected");
  });

  it("[H3] is gone as soon when it was last heard right after a look at it", async () => {
    provider.connect();
    await clock.advance(1_010);
    hub.ping(1);
    await clock.advance(2);
    hub.blackholed = true;
    await clock.advance(6_900);
    expect(provider.phase).toBe("connected");
    await clock.advance(200);
    expect(provider.phase).toBe("connecting");
  });

  it("is over for good when a listener closes it, whatever it is told", async () => {
    for (const phase of ["connecting", "connected", "waiting"]) {
      const closed = providerWith(0.5);
      const unlisten = closed.listen(() => {
        if (closed.phase !== phase) return;
        unlisten();
        closed.close();
      });
      closed.connect();
      await clock.advance(10);
      hub.cut();
      await clock.advance(20_000);
      expect([closed.phase, hub.peers.size]).toEqual(["closed", 0]);
    }
  });

  it("lives on while the server pings", async () => {
    provider.connect();
    await clock.advance(10);
    for (let n = 0; n < 6; n += 1) {
      hub.ping(n);
      await clock.advance(5_000);
    }
    expect([provider.phase, hub.opened]).toEqual(["connected", 1]);
  });

  it("is given up when it was not made within 5 s", async () => {
    hub.blackholed = true;
    provider.connect();
    await clock.advance(5_200);
    expect(hub.opened).toBe(2);
  });

  it.each([4400, 4401, 4403, 4413])(
    "stops for good at close code %i, and says why",
    async (code) => {
      provider.connect();
      await clock.advance(10);
      for (const peer of hub.peers) peer.drop(code, "because");
      await clock.advance(60_000);
      expect(provider.stopped).toEqual({ code, reason: "because" });
      expect(hub.opened).toBe(1);
      provider.retryNow();
      await clock.advance(10);
      expect([provider.phase, provider.stopped]).toEqual(["connected", null]);
    },
  );

  it("stops when the server says that this is somebody else than whose edits it keeps", async () => {
    const others = providerWith(0.5, "user-0123");
    const board = subscriber("project/launch");
    others.attach(board);
    others.connect();
    await clock.advance(10);
    expect(others.stopped?.code).toBe(NOT_SIGNED_IN);
    expect(board.heard).not.toContain("granted");
    const own = providerWith(0.5, "guest-000000");
    own.connect();
    await clock.advance(10);
    expect(own.phase).toBe("connected");
  });

  it.each([1006, 1012, 1013, 4408, 4500, 4503])("comes back after close code %i", async (code) => {
    provider.connect();
    await clock.advance(10);
    hub.cut(code);
    await clock.advance(2_600);
    expect(provider.phase).toBe("connected");
  });

  it("[H4] waits a random part of the delay that DRAIN named", async () => {
    provider.connect();
    await clock.advance(10);
    for (const peer of hub.peers) peer.drain(4_000);
    await clock.advance(10);
    expect(provider.phase).toBe("connected");
    hub.cut(1012);
    await clock.advance(1_990);
    expect(hub.opened).toBe(1);
    await clock.advance(20);
    expect(hub.opened).toBe(2);
  });

  it("tries at once when the page wakes", async () => {
    hub.down = true;
    provider = providerWith(0.99);
    provider.connect();
    await clock.advance(20_000);
    hub.down = false;
    clock.sleep(1);
    if (provider.phase === "waiting") provider.check();
    await clock.advance(5);
    expect(provider.phase).toBe("connected");
  });

  it("finds a dead socket within a second after the machine slept", async () => {
    provider.connect();
    await clock.advance(10);
    hub.blackholed = true;
    clock.sleep(300_000);
    hub.peers.clear();
    hub.blackholed = false;
    await clock.advance(2_000);
    expect([provider.phase, hub.opened]).toEqual(["connected", 2]);
  });

  it("keeps a socket that speaks after the machine slept", async () => {
    provider.connect();
    await clock.advance(10);
    clock.sleep(300_000);
    hub.ping(1);
    await clock.advance(3_000);
    expect([provider.phase, hub.opened]).toEqual(["connected", 1]);
  });
});

describe("documents of a connection", () => {
  it("are asked for again on every connection", async () => {
    const doc = subscriber("open/a");
    provider.attach(doc);
    provider.connect();
    await clock.advance(10);
    hub.cut();
    await clock.advance(500);
    expect(doc.heard).toEqual(["granted", "sync", "lost", "granted", "sync"]);
  });

  it("are asked for again when the connection went before the answer", async () => {
    const doc = subscriber("open/a");
    provider.attach(doc);
    provider.connect();
    await clock.advance(3);
    expect([provider.phase, doc.heard]).toEqual(["connected", []]);
    hub.cut();
    await clock.advance(500);
    expect(doc.heard).toEqual(["lost", "granted", "sync"]);
  });

  it("[S1] hear why they may not be opened, and the connection stays", async () => {
    const doc = subscriber("open/none");
    provider.attach({ ...doc, request: () => ({ ...doc.request(), create: false }) });
    provider.connect();
    await clock.advance(10);
    expect(doc.heard).toEqual(["unknown"]);
    expect(provider.phase).toBe("connected");
  });

  it("[S5] hear nothing after they were left", async () => {
    const doc = subscriber("open/a");
    const leave = provider.attach(doc);
    provider.connect();
    await clock.advance(2);
    leave();
    await clock.advance(10);
    expect(doc.heard).toEqual([]);
    expect([...hub.peers].some((peer) => peer.has(hub.room("open/a")))).toBe(false);
  });
});

describe("waiting before the next attempt", () => {
  const limits = [300, 600, 1_200, 2_400, 2_500, 2_500, 2_500];

  it("is any part of 300 ms at first, and never longer than 2.5 s", () => {
    const random = seeded(7);
    const waits = limits.map((): number[] => []);
    for (let run = 0; run < 500; run += 1) {
      const backoff = new Backoff(clock, random);
      for (const drawn of waits) drawn.push(backoff.lost(false));
    }
    waits.forEach((drawn, attempt) => {
      const limit = limits[attempt] as number;
      expect(Math.max(...drawn)).toBeLessThanOrEqual(limit);
      expect(Math.max(...drawn)).toBeGreaterThan(0.95 * limit);
      expect(Math.min(...drawn)).toBeLessThan(0.05 * limit);
    });
  });

  it("starts anew only after a connection that lasted", () => {
    const backoff = new Backoff(clock, () => 1);
    expect([backoff.lost(false), backoff.lost(false)]).toEqual([300, 600]);
    backoff.connected();
    clock.sleep(1_000);
    expect(backoff.lost(false)).toBe(1_200);
    backoff.connected();
    clock.sleep(6_000);
    expect(backoff.lost(false)).toBe(300);
  });

  it("is longer at once when the server is overloaded", () => {
    expect(new Backoff(clock, () => 1).lost(true)).toBe(1_200);
  });
});
