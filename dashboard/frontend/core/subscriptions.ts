/**
 * The documents of a connection: which are asked for, on which channel each is, and whom its messages
 * go to. They outlive connections; what is known of channels does not.
 */

import type { Clock } from "./clock";
import type { Granted, Perm, Sub, Unsub } from "./messages";
import type { DocumentMessage, Subscriber } from "./provider_types";

/** Refusals that may pass: storage works again, or a project's maker is about to make it. */
const ASK_AGAIN_MS = new Map([
  ["storage", 5_000],
  ["unknown", 2_000],
]);

export class Subscriptions {
  readonly #subscribers = new Map<string, Subscriber>();
  readonly #asked = new Set<string>();
  readonly #channels = new Map<number, Subscriber>();
  readonly #channelOf = new Map<string, number>();
  readonly #cancelRetries = new Map<string, () => void>();

  constructor(
    private readonly clock: Clock,
    private readonly isConnected: () => boolean,
    private readonly send: (message: Sub | Unsub) => void,
  ) {}

  /** Opens a document, now or once there is a connection; gives its end. */
  attach(subscriber: Subscriber): () => void {
    if (this.#subscribers.has(subscriber.document))
      throw new Error(`expected one subscriber to ${subscriber.document}, got a second`);
    this.#subscribers.set(subscriber.document, subscriber);
    this.#subscribe(subscriber);
    return () => this.#detach(subscriber);
  }

  /** Asks for the document anew, with what its copy is now. */
  again(subscriber: Subscriber): void {
    this.#leave(subscriber.document);
    this.#subscribe(subscriber);
  }

  connected(): void {
    for (const subscriber of this.#subscribers.values()) this.#subscribe(subscriber);
  }

  lost(forGood: boolean): void {
    this.#asked.clear();
    this.#channels.clear();
    this.#channelOf.clear();
    for (const subscriber of this.#subscribers.values()) subscriber.lost(forGood);
  }

  close(): void {
    for (const cancel of this.#cancelRetries.values()) cancel();
  }

  granted(granted: Granted): void {
    this.#asked.delete(granted.document);
    const subscriber = this.#subscribers.get(granted.document);
    if (subscriber === undefined) {
      this.send({ type: "unsub", channel: granted.channel });
      return;
    }
    this.#channels.set(granted.channel, subscriber);
    this.#channelOf.set(granted.document, granted.channel);
    subscriber.granted(granted);
  }

  refused(perm: Perm): void {
    const subscriber = this.#subscribers.get(perm.document);
    if (perm.channel === 0) this.#asked.delete(perm.document);
    if (subscriber === undefined) return;
    const delayMs = perm.channel === 0 ? ASK_AGAIN_MS.get(perm.code) : undefined;
    if (delayMs !== undefined) this.#askLater(subscriber, delayMs);
    subscriber.refused(perm);
  }

  receive(message: DocumentMessage): void {
    this.#channels.get(message.channel)?.receive(message);
  }

  #subscribe(subscriber: Subscriber): void {
    const { document } = subscriber;
    if (!this.isConnected() || this.#asked.has(document)) return;
    this.#asked.add(document);
    this.send({ type: "sub", document, ...subscriber.request() });
  }

  #askLater(subscriber: Subscriber, delayMs: number): void {
    const { document } = subscriber;
    this.#cancelRetries.get(document)?.();
    const ask = () => {
      if (this.#subscribers.get(document) === subscriber) this.#subscribe(subscriber);
    };
    this.#cancelRetries.set(document, this.clock.after(delayMs, ask));
  }

  #detach(subscriber: Subscriber): void {
    const { document } = subscriber;
    if (this.#subscribers.get(document) !== subscriber) return;
    this.#subscribers.delete(document);
    this.#cancelRetries.get(document)?.();
    this.#leave(document);
  }

  #leave(document: string): void {
    const channel = this.#channelOf.get(document);
    if (channel === undefined) return;
    this.#channelOf.delete(document);
    this.#channels.delete(channel);
    this.send({ type: "unsub", channel });
  }
}
