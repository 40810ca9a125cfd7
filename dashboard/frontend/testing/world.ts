/** A hub, a clock and browsers whose tabs come and go, for tests of the whole client. */

import "../store/page_calendars";
import { IDBFactory } from "fake-indexeddb";
import type { Socket, SocketConstructor } from "../core/socket";
import { openClient } from "../store/client";
import type { MoimClient } from "../store/types";
import { MemoryChannels } from "./memory_channels";
import { MemoryHub } from "./memory_hub";
import { MemoryLocks } from "./memory_locks";
import { seeded } from "./seeded";
import { TabClock } from "./tab_clock";
import { TestClock } from "./test_clock";

export interface Tab {
  readonly client: MoimClient;
  /** The tab is closed. */
  readonly die: () => Promise<void>;
  /** Its process ends: nothing is written or said any more. */
  readonly kill: () => void;
  /** Until it wakes none of its timers runs; it hears, and keeps its locks. */
  readonly sleep: () => void;
  readonly wake: () => void;
}

export interface BrowserOptions {
  readonly locks?: boolean;
  readonly tabs?: boolean;
  readonly keeps?: boolean;
}

export class World {
  readonly clock = new TestClock();
  readonly hub = new MemoryHub(this.clock);
  readonly #random: () => number;

  constructor(seed = 1) {
    this.#random = seeded(seed);
  }

  browser(options: BrowserOptions = {}): Browser {
    return new Browser(this.clock, this.hub, this.#random, options);
  }

  goOffline(): void {
    this.hub.down = true;
    this.hub.cut();
  }

  /** Long enough for everybody to come back. */
  goOnline(): Promise<void> {
    this.hub.down = false;
    return this.pass(4_000);
  }

  /** Long enough for a round trip, or several. */
  pass(ms = 100): Promise<void> {
    return this.clock.advance(ms);
  }
}

export class Browser {
  readonly indexedDB = new IDBFactory();
  readonly #locks = new MemoryLocks();
  readonly #channels = new MemoryChannels();

  constructor(
    private readonly clock: TestClock,
    private readonly hub: MemoryHub,
    private readonly random: () => number,
    private readonly options: BrowserOptions,
  ) {}

  /** A page in place of another one. */
  async reopened(tab: Tab): Promise<Tab> {
    await tab.die();
    const next = await this.tab();
    await this.clock.advance(1_000);
    return next;
  }

  async tab(name?: string): Promise<Tab> {
    const { locks, die } = this.#locks.tab();
    const clock = new TabClock(this.clock);
    const channel = this.options.tabs === false ? null : this.#channels.open();
    const sockets: Socket[] = [];
    const client = openClient({
      url: "ws://moim.test/sync",
      ...(name === undefined ? {} : { name }),
      indexedDB: this.options.keeps === false ? null : this.indexedDB,
      locks: this.options.locks === false ? null : locks,
      storage: null,
      page: null,
      tabs: channel,
      WebSocket: this.#socketsOf(sockets),
      Polling: null,
      clock,
      random: this.random,
    });
    await this.clock.advance(0);
    return {
      client,
      die: async () => {
        await this.clock.advance(0);
        client.close();
        die();
        await this.clock.advance(0);
      },
      kill: () => {
        clock.sleep();
        channel?.close();
        for (const socket of sockets) {
          socket.onmessage = null;
          socket.close();
        }
        die();
      },
      sleep: () => clock.sleep(),
      wake: () => clock.wake(),
    };
  }

  #socketsOf(opened: Socket[]): SocketConstructor {
    return class extends this.hub.WebSocket {
      constructor(url: string, protocol: string) {
        super(url, protocol);
        opened.push(this);
      }
    };
  }
}
