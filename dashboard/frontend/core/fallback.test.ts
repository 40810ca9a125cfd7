import { beforeEach, describe, expect, it } from "vitest";
import { MemoryHub } from "../testing/memory_hub";
import { TestClock } from "../testing/test_clock";
import { Provider } from "./provider";
import type { Socket, SocketConstructor } from "./socket";

let clock: TestClock;
let hub: MemoryHub;
let provider: Provider;
/** What becomes of WebSockets on their way. */
let way: "free" | "stripped" | "swallowed" | "mute";
/** Attempts at a WebSocket. */
let attempts: number;

beforeEach(() => {
  clock = new TestClock();
  hub = new MemoryHub(clock);
  way = "free";
  attempts = 0;
  provider = new Provider({
    url: "ws://moim.test/sync",
    identity: () => ({ client: "test", replica: "00".repeat(16), name: "" }),
    WebSocket: webSocketOnItsWay(),
    Polling: hub.WebSocket,
    clock,
    random: () => 0.5,
  });
});

function webSocketOnItsWay(): SocketConstructor {
  return class {
    constructor(url: string, protocol: string) {
      attempts += 1;
      // biome-ignore lint/correctness/noConstructorReturn: a socket that gets through is the hub's
      if (way === "free") return new hub.WebSocket(url, protocol);
      // biome-ignore lint/correctness/noConstructorReturn: the others never reach it
      return lostOnItsWay();
    }
  } as unknown as SocketConstructor;
}

function lostOnItsWay(): Socket {
  const socket: Socket = {
    binaryType: "",
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
    send: () => {},
    close: () => {},
  };
  if (way === "stripped") clock.after(5, () => socket.onclose?.({ code: 1006, reason: "" }));
  if (way === "mute") clock.after(5, () => socket.onopen?.());
  return socket;
}

describe("a client that no WebSocket serves", () => {
  it("[T1] stays with WebSockets as long as they open", async () => {
    provider.connect();
    await clock.advance(10);
    expect([provider.phase, provider.transport]).toEqual(["connected", "websocket"]);
    hub.cut();
    await clock.advance(3_000);
    expect([provider.phase, provider.transport]).toEqual(["connected", "websocket"]);
  });

  it("[T1] polls after two attempts that failed", async () => {
    way = "stripped";
    provider.connect();
    await clock.advance(700);
    expect([provider.transport, attempts]).toEqual(["polling", 2]);
    expect(provider.openedAway).toBe(false);
  });

  it("[T1] polls after 3 s without a WebSocket that opens", async () => {
    way = "swallowed";
    provider.connect();
    await clock.advance(2_900);
    expect(provider.transport).toBeNull();
    await clock.advance(200);
    expect([provider.transport, attempts]).toEqual(["polling", 1]);
  });

  it("[T1] polls when WebSockets open and nothing goes through them", async () => {
    way = "mute";
    provider.connect();
    await clock.advance(11_000);
    expect([provider.transport, attempts]).toEqual(["polling", 2]);
  });

  it("[T1] looks for a WebSocket after 1 s, then each minute, and changes over without a loss", async () => {
    way = "stripped";
    const heard: string[] = [];
    provider.attach({
      document: "open/a",
      request: () => ({ create: true, lineage: "", state_vector: new Uint8Array([0]) }),
      granted: () => heard.push(`granted over ${provider.transport}`),
      receive: () => {},
      refused: () => {},
      lost: () => heard.push("lost"),
    });
    provider.connect();
    await clock.advance(700);
    await clock.advance(1_200);
    expect([provider.transport, attempts]).toEqual(["polling", 3]);
    for (let second = 0; second < 50; second += 5) await pingedFor(5_000);
    expect(attempts).toBe(3);
    way = "free";
    for (let second = 0; second < 15; second += 5) await pingedFor(5_000);
    expect([provider.transport, attempts]).toEqual(["websocket", 4]);
    expect(heard.filter((word, at) => word !== "lost" || heard[at - 1] !== "lost")).toEqual([
      "lost",
      "granted over polling",
      "lost",
      "granted over websocket",
    ]);
    expect(hub.peers.size).toBe(1);
  });

  it("[T1] goes on polling while it looks for a WebSocket that hangs", async () => {
    way = "swallowed";
    provider.connect();
    for (let second = 0; second < 140; second += 5) await pingedFor(5_000);
    expect([provider.transport, provider.phase, attempts]).toEqual(["polling", "connected", 4]);
  });

  it("[T1] takes turns while nobody is there, and has a WebSocket soon after a restart", async () => {
    hub.down = true;
    provider.connect();
    await clock.advance(20_000);
    expect([provider.phase === "connected", provider.openedAway]).toEqual([false, true]);
    expect(attempts).toBeGreaterThan(4);
    hub.down = false;
    await clock.advance(2_600);
    expect(provider.phase).toBe("connected");
    await clock.advance(1_100);
    expect(provider.transport).toBe("websocket");
  });

  it("[T1] polls again at once when its polling breaks off", async () => {
    way = "stripped";
    provider.connect();
    await clock.advance(700);
    const before = attempts;
    hub.cut();
    await clock.advance(1_500);
    expect([provider.transport, attempts]).toEqual(["polling", before]);
  });

  it("leaves no timer and no socket behind when it is closed", async () => {
    way = "swallowed";
    provider.connect();
    await clock.advance(6_000);
    provider.close();
    const before = attempts;
    await clock.advance(200_000);
    expect([attempts, hub.peers.size]).toEqual([before, 0]);
  });
});

async function pingedFor(ms: number): Promise<void> {
  hub.ping(1);
  await clock.advance(ms);
}
