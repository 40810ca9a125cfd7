/**
 * Clients as browsers have them, in Node, for tests that put a bad line before a real server.
 *
 * A line in is a JSON list `[client, deed, ...details]`, and has one line out: `{ answer }`. A change of
 * a client's state has a line of its own: `{ client, state }`. Nothing is kept when the process ends.
 */

import type * as Y from "yjs";
import { systemClock } from "../core/clock";
import { SharedDocument } from "../core/document";
import { DocumentStore } from "../core/document_store";
import { Journal } from "../core/journal";
import { PollingSocket } from "../core/polling_socket";
import { Provider } from "../core/provider";
import { Replica } from "../core/replica";
import { Shelf } from "../core/shelf";
import type { Socket, SocketConstructor } from "../core/socket";

declare const process: {
  readonly stdin: { setEncoding(name: string): AsyncIterable<string> };
  readonly stdout: { write(line: string): void };
};

/** Where no WebSocket gets through. */
class StrippedSocket implements Socket {
  binaryType = "";
  onopen: Socket["onopen"] = null;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  onerror: Socket["onerror"] = null;

  constructor() {
    systemClock.after(0, () => this.onclose?.({ code: 1006, reason: "" }));
  }

  send(): void {}

  close(): void {}
}

class LineClient {
  readonly #provider: Provider;
  readonly #store: DocumentStore;
  readonly #shelf: Shelf;
  readonly #replica = new Replica(null, null, Math.random);
  readonly #documents = new Map<string, SharedDocument>();

  constructor(
    url: string,
    transport: string,
    private readonly changed: (state: object) => void,
  ) {
    const journal = new Journal(null, systemClock);
    this.#store = new DocumentStore(null, journal, this.#replica, null);
    this.#shelf = new Shelf(null, journal, Math.random, () => {});
    const polls = transport === "polling";
    this.#provider = new Provider({
      url,
      identity: () => ({ client: "moim-line/1", replica: this.#replica.id, name: "" }),
      WebSocket: polls ? StrippedSocket : (WebSocket as unknown as SocketConstructor),
      Polling: polls ? PollingSocket : null,
      clock: systemClock,
      random: Math.random,
    });
    this.#provider.listen(() => this.#tell());
    this.#provider.connect();
    this.#tell();
  }

  open(document: string, create: boolean): void {
    if (this.#documents.has(document)) return;
    const shared = new SharedDocument({
      document,
      create,
      store: this.#store,
      shelf: this.#shelf,
      provider: this.#provider,
      replica: () => this.#replica.id,
      clock: systemClock,
      locks: null,
      lockName: "",
      share: () => {},
    });
    this.#documents.set(document, shared);
    shared.listen(() => this.#tell());
    this.#tell();
  }

  /** One edit. */
  set(document: string, values: Readonly<Record<string, unknown>>): void {
    const { doc } = this.#document(document);
    const map = doc.getMap("data");
    doc.transact(() => {
      for (const [key, value] of Object.entries(values)) map.set(key, value);
    });
  }

  values(document: string): unknown {
    const doc: Y.Doc = this.#document(document).doc;
    return doc.getMap("data").toJSON();
  }

  close(): void {
    for (const shared of this.#documents.values()) shared.close();
    this.#provider.close();
  }

  #document(document: string): SharedDocument {
    const shared = this.#documents.get(document);
    if (shared === undefined) throw new Error(`expected an open document, got ${document}`);
    return shared;
  }

  #tell(): void {
    const documents = [...this.#documents].map(([document, { live, unsent, missing }]) => {
      const isLive = live && this.#provider.phase === "connected";
      return [document, { live: isLive, pending: unsent.length, missing }];
    });
    const { phase, transport } = this.#provider;
    this.changed({ phase, transport, documents: Object.fromEntries(documents) });
  }
}

const clients = new Map<number, LineClient>();

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function done(id: number, deed: string, details: readonly unknown[]): unknown {
  if (deed === "connect") {
    const [url, transport] = details as [string, string];
    clients.set(id, new LineClient(url, transport, (state) => say({ client: id, state })));
    return null;
  }
  const client = clients.get(id);
  if (client === undefined) throw new Error(`expected a client that was connected, got ${id}`);
  switch (deed) {
    case "open":
      return client.open(...(details as [string, boolean]));
    case "set":
      return client.set(...(details as [string, Record<string, unknown>]));
    case "values":
      return client.values(...(details as [string]));
    case "close":
      clients.delete(id);
      return client.close();
    default:
      throw new Error(`expected open, set, values or close, got ${deed}`);
  }
}

async function main(): Promise<void> {
  let rest = "";
  for await (const text of process.stdin.setEncoding("utf8")) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [id, deed, ...details] = JSON.parse(line) as [number, string, ...unknown[]];
      say({ answer: done(id, deed, details) ?? null });
    }
  }
}

void main();
