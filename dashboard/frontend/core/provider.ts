/**
 * One connection to `/sync`, many documents. The provider keeps a connection, whatever happens, and
 * hands each document its messages; what an edit is and when it is saved is the document's business.
 *
 * A life: connecting -> (WELCOME) connected -> (lost) waiting -> connecting ..., or stopped, when the
 * server closes with a final code. Timers of hidden tabs sleep, therefore PONG is sent from the
 * message handler, and the page says when it wakes (`check`).
 */

import { Backoff } from "./backoff";
import { isFinal, OVERLOADED } from "./close_codes";
import { Dialer, type TransportName } from "./dialer";
import type { ClientMessage, ServerMessage, Welcome } from "./messages";
import { decode, encode, PROTOCOL, SUBPROTOCOL } from "./protocol";
import type { Phase, ProviderOptions, Stopped, Subscriber } from "./provider_types";
import type { Socket } from "./socket";
import { Subscriptions } from "./subscriptions";

const CONNECT_TIMEOUT_MS = 5_000;
/** A WebSocket that has not opened by then may be one that something on the way swallows. */
const OPEN_TIMEOUT_MS = 3_000;
/** After a restart of the server polling may only have been the first to reach it. */
const FIRST_LOOK_MS = 1_000;
const LOOK_AGAIN_MS = 60_000;
const TICK_MS = 1_000;
/** A tick later than this means that the page slept. */
const JUMP_MS = 4_000;
/** What a waking page may still find in the socket's buffer before it is called dead. */
const WAKE_GRACE_MS = 1_000;
const DEFAULT_DEAD_MS = 8_000;
/** Of what the server calls dead: by then a dead connection is gone, also where timers come a second late. */
const PATIENCE = 7 / 8;

export const NOT_SIGNED_IN = 4401;

export class Provider {
  #phase: Phase = "waiting";
  #stopped: Stopped | null = null;
  #welcome: Welcome | null = null;
  #socket: Socket | null = null;
  #transport: TransportName = "websocket";
  #better: Socket | null = null;
  #helloAt = 0;
  #heardAt = 0;
  #tickAt = 0;
  #drainMs: number | null = null;
  #roundTripMs: number | null = null;
  #cancelTimer: () => void = () => {};
  #cancelLook: () => void = () => {};
  readonly #dialer: Dialer;
  readonly #backoff: Backoff;
  readonly #subscriptions: Subscriptions;
  readonly #listeners = new Set<() => void>();

  constructor(private readonly options: ProviderOptions) {
    this.#backoff = new Backoff(options.clock, options.random);
    this.#dialer = new Dialer((options.Polling ?? null) !== null);
    this.#subscriptions = new Subscriptions(
      options.clock,
      () => this.#phase === "connected",
      (message) => this.send(message),
    );
  }

  get phase(): Phase {
    return this.#phase;
  }

  get stopped(): Stopped | null {
    return this.#stopped;
  }

  /** What carries the connection; null while there is none. */
  get transport(): TransportName | null {
    return this.#phase === "connected" ? this.#transport : null;
  }

  /** What the server said at the last connection; null before the first. */
  get welcome(): Welcome | null {
    return this.#welcome;
  }

  /** True when there was no server yet, whichever way was tried. */
  get openedAway(): boolean {
    return this.#welcome === null && this.#dialer.isNobodyThere;
  }

  get roundTripMs(): number | null {
    return this.#roundTripMs;
  }

  /** Calls on each change of the phase, of the identity or of the round trip; gives the unlisten. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  connect(): void {
    if (this.#phase === "connecting" || this.#phase === "connected") return;
    this.#cancelTimer();
    this.#stopped = null;
    this.#open();
  }

  /** Connects at once, also when the server had ended the connection for good. */
  retryNow(): void {
    this.#backoff.reset();
    this.connect();
  }

  /** Ends the connection and begins another, for a new name or replica. */
  reconnect(): void {
    this.#drop();
    this.retryNow();
  }

  close(): void {
    this.#drop();
    this.#cancelTimer();
    this.#subscriptions.close();
    this.#change("closed");
  }

  /** Opens a document; gives its end. */
  attach(subscriber: Subscriber): () => void {
    return this.#subscriptions.attach(subscriber);
  }

  /** Asks for the document anew, with what its copy is now. */
  resubscribe(subscriber: Subscriber): void {
    this.#subscriptions.again(subscriber);
  }

  /** As one WebSocket message. False when there is no connection; the sender is told by `granted` when there is one again. */
  send(...messages: readonly ClientMessage[]): boolean {
    if (this.#socket === null || this.#phase !== "connected") return false;
    this.#socket.send(encode(...messages));
    return true;
  }

  measured(roundTripMs: number): void {
    this.#roundTripMs = roundTripMs;
    this.#notify();
  }

  /** The page woke up, or the network came back: what was thought of the connection may be wrong. */
  check(): void {
    if (this.#phase === "waiting") return this.retryNow();
    const socket = this.#socket;
    if (this.#phase !== "connected" || this.#silentMs() < this.#deadMs()) return;
    this.options.clock.after(WAKE_GRACE_MS, () => {
      if (socket === this.#socket && this.#silentMs() >= this.#deadMs()) this.#lost(null, true);
    });
  }

  #open(): void {
    const { url, WebSocket, Polling = null, clock } = this.options;
    this.#transport = this.#dialer.next();
    if (!this.#change("connecting")) return;
    if (this.#transport === "polling" && Polling !== null) {
      this.#use(new Polling(url, SUBPROTOCOL));
      this.#cancelTimer = clock.after(CONNECT_TIMEOUT_MS, () => this.#lost(null));
      return;
    }
    this.#use(new WebSocket(url, SUBPROTOCOL));
    if (Polling === null)
      this.#cancelTimer = clock.after(CONNECT_TIMEOUT_MS, () => this.#lost(null));
    else this.#cancelTimer = clock.after(OPEN_TIMEOUT_MS, () => this.#hung());
  }

  #use(socket: Socket): void {
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#greet(socket);
    socket.onmessage = ({ data }) => this.#hear(data);
    socket.onclose = ({ code, reason }) => this.#lost({ code, reason });
    socket.onerror = () => {};
    this.#socket = socket;
  }

  #hung(): void {
    this.#dialer.hung();
    this.#lost(null, true);
  }

  /** Over polling: looks now and then whether a WebSocket gets through by now. */
  #lookForBetter(delayMs: number): void {
    const { url, WebSocket, clock } = this.options;
    this.#cancelLook = clock.after(delayMs, () => {
      const socket = new WebSocket(url, SUBPROTOCOL);
      this.#better = socket;
      socket.onopen = () => this.#changeOver(socket);
      socket.onclose = () => this.#lookAgain();
      socket.onerror = () => {};
      this.#cancelLook = clock.after(OPEN_TIMEOUT_MS, () => this.#lookAgain());
    });
  }

  #lookAgain(): void {
    this.#lookNoMore();
    this.#lookForBetter(LOOK_AGAIN_MS);
  }

  #lookNoMore(): void {
    this.#cancelLook();
    const socket = this.#better;
    this.#better = null;
    if (socket !== null) letGo(socket);
  }

  #changeOver(socket: Socket): void {
    this.#better = null;
    this.#drop();
    this.#transport = "websocket";
    this.#use(socket);
    if (this.#change("connecting")) this.#greet(socket);
  }

  #greet(socket: Socket): void {
    this.#cancelTimer();
    this.#cancelTimer = this.options.clock.after(CONNECT_TIMEOUT_MS, () => this.#lost(null));
    this.#helloAt = this.options.clock.now();
    socket.send(encode({ type: "hello", protocol: PROTOCOL, ...this.options.identity() }));
  }

  #hear(data: unknown): void {
    this.#heardAt = this.options.clock.now();
    const socket = this.#socket;
    try {
      if (!(data instanceof ArrayBuffer)) throw new TypeError("expected bytes, got text");
      for (const message of decode(new Uint8Array(data))) {
        this.#handle(message);
        if (socket !== this.#socket) return;
      }
    } catch (error) {
      console.error("moim: the connection is dropped after a message it could not take", error);
      this.#lost({ code: 4500, reason: String(error) });
    }
  }

  #handle(message: ServerMessage): void {
    switch (message.type) {
      case "ping":
        this.send({ type: "pong", token: message.token });
        return;
      case "welcome":
        return this.#welcomed(message);
      case "granted":
        return this.#subscriptions.granted(message);
      case "perm":
        return this.#subscriptions.refused(message);
      case "drain":
        this.#drainMs = message.delay_ms;
        return;
      case "sync":
      case "presence":
      case "ack":
      case "resync":
      case "update":
      case "reject":
      case "conflict":
      case "resolved":
        return this.#subscriptions.receive(message);
    }
  }

  #welcomed(welcome: Welcome): void {
    // Another tab of this browser may have signed somebody else in: nobody sends another's edits.
    const { person = null } = this.options;
    if (person !== null && welcome.you.id !== person)
      return this.#lost({ code: NOT_SIGNED_IN, reason: "somebody else is signed in here" });
    this.#cancelTimer();
    this.#welcome = welcome;
    this.#roundTripMs = this.options.clock.now() - this.#helloAt;
    this.#backoff.connected();
    this.#dialer.welcomed(this.#transport);
    if (this.#transport === "polling") this.#lookForBetter(FIRST_LOOK_MS);
    if (!this.#change("connected")) return;
    this.#tickAt = this.options.clock.now();
    this.#tick();
    this.#subscriptions.connected();
  }

  #tick(): void {
    const { clock } = this.options;
    const leftMs = this.#deadMs() - this.#silentMs();
    this.#cancelTimer = clock.after(leftMs > 0 ? Math.min(TICK_MS, leftMs) : TICK_MS, () => {
      const slept = clock.now() - this.#tickAt > JUMP_MS;
      this.#tickAt = clock.now();
      if (slept) this.check();
      else if (this.#silentMs() >= this.#deadMs()) return this.#lost(null, true);
      this.#tick();
    });
  }

  /** How long nothing was heard; a clock set back counts from now. */
  #silentMs(): number {
    const now = this.options.clock.now();
    this.#heardAt = Math.min(this.#heardAt, now);
    return now - this.#heardAt;
  }

  #deadMs(): number {
    return PATIENCE * (this.#welcome === null ? DEFAULT_DEAD_MS : this.#welcome.dead_s * 1_000);
  }

  /** `closed` is null when we give the connection up ourselves; a dead one is replaced at once. */
  #lost(closed: Stopped | null, atOnce = false): void {
    const isRefused = closed !== null && isFinal(closed.code);
    if (this.#phase === "connecting") this.#dialer.failed(this.#transport);
    this.#drop(isRefused);
    if (isRefused) {
      this.#stopped = closed;
      this.#change("stopped");
      return;
    }
    const overloaded = closed !== null && OVERLOADED.has(closed.code);
    const delayMs = this.#delayMs(overloaded);
    if (!this.#change("waiting")) return;
    this.#cancelTimer = this.options.clock.after(atOnce ? 0 : delayMs, () => this.connect());
  }

  #delayMs(overloaded: boolean): number {
    const drainMs = this.#drainMs;
    this.#drainMs = null;
    const delayMs = this.#backoff.lost(overloaded);
    return drainMs === null ? delayMs : this.options.random() * drainMs;
  }

  #drop(forGood = false): void {
    this.#cancelTimer();
    this.#lookNoMore();
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    letGo(socket);
    this.#phase = "waiting";
    this.#subscriptions.lost(forGood);
  }

  /** False: a listener has closed the provider, or begun something else. */
  #change(phase: Phase): boolean {
    this.#phase = phase;
    this.#notify();
    return this.#phase === phase;
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}

function letGo(socket: Socket): void {
  socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
  socket.close();
}
