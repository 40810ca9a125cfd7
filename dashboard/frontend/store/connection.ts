/** The state of saving and of the connection, for the pill, the offline bar and the outbox list. */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { Clock } from "../core/clock";
import type { Journal } from "../core/journal";
import type { Edit } from "../core/outbox";
import type { Provider } from "../core/provider";
import { saveState } from "../core/save_state";
import type { Shelf } from "../core/shelf";
import type { Documents } from "./documents";
import { sameList } from "./shared";
import type { ConnectionState, OutboxItem } from "./types";

export interface ConnectionOptions {
  readonly provider: Provider;
  readonly documents: Documents;
  readonly journal: Journal;
  readonly shelf: Shelf;
  readonly clock: Clock;
  readonly exportOutbox: () => Promise<Blob>;
}

/** What came and went since the last time offline. */
interface CatchingUp {
  sent: number;
  received: number;
}

/** How the ids of people with an account begin (`moim/access/accounts.py`). */
const ACCOUNT = "user-";

export class Connection {
  readonly store: StoreApi<ConnectionState>;
  #catchingUp: CatchingUp | null = null;
  #cancelTimer: () => void = () => {};

  constructor(private readonly options: ConnectionOptions) {
    const { provider, documents, journal, shelf } = options;
    this.store = createStore<ConnectionState>()(() => ({
      state: "saved",
      waiting: 0,
      connected: false,
      since: options.clock.now(),
      transport: null,
      roundTripMs: null,
      lastSavedAt: null,
      persistent: null,
      opensOffline: null,
      deviceError: null,
      movedAside: 0,
      stopped: null,
      signedIn: false,
      caughtUp: null,
      outbox: [],
      conflicts: [],
      refused: [],
      retryNow: () => provider.retryNow(),
      exportOutbox: options.exportOutbox,
    }));
    provider.listen(() => this.#update());
    journal.listen(() => this.#update());
    shelf.listen(() => this.#shelved());
    documents.listen((_document, event) => {
      if (event.type === "saved") this.#saved(event.count);
      if (event.type === "caught-up") this.#received(event.received);
      this.#update();
    });
    this.#update();
  }

  setPersistent(persistent: boolean | null): void {
    this.store.setState({ persistent });
  }

  setOpensOffline(opensOffline: boolean | null): void {
    this.store.setState({ opensOffline });
  }

  setMovedAside(movedAside: number): void {
    this.store.setState({ movedAside });
  }

  close(): void {
    this.#cancelTimer();
  }

  #shelved(): void {
    const { shelf } = this.options;
    const before = this.store.getState();
    const [conflicts, refused] = [shelf.conflicts, shelf.refused];
    this.store.setState({
      conflicts: sameList(conflicts, before.conflicts) ? before.conflicts : conflicts,
      refused: sameList(refused, before.refused) ? before.refused : refused,
    });
  }

  #saved(count: number): void {
    if (this.#catchingUp) this.#catchingUp.sent += count;
    this.store.setState({ lastSavedAt: this.options.clock.now() });
  }

  #received(count: number): void {
    if (this.#catchingUp) this.#catchingUp.received += count;
  }

  #update(): void {
    const { provider, documents, journal, clock } = this.options;
    const before = this.store.getState();
    const now = clock.now();
    const connected = provider.phase === "connected";
    const since = connected === before.connected ? before.since : now;
    const outbox = itemsOf(documents, before.outbox);
    const oldestAtMs = outbox[0]?.atMs ?? null;
    const { openedAway } = provider;
    const facts = { oldestAtMs, connected, sinceMs: since, openedAway };
    const { state, changesAtMs } = saveState(now, facts);
    if (state === "offline") this.#catchingUp ??= { sent: 0, received: 0 };
    this.store.setState({
      state,
      waiting: outbox.length,
      connected,
      since,
      outbox,
      transport: provider.transport,
      roundTripMs: provider.roundTripMs,
      stopped: provider.stopped,
      signedIn: provider.welcome?.you.id.startsWith(ACCOUNT) ?? before.signedIn,
      deviceError: journal.error,
      caughtUp: this.#caughtUp(state, outbox.length) ?? before.caughtUp,
    });
    this.#cancelTimer();
    if (changesAtMs !== null)
      this.#cancelTimer = clock.after(changesAtMs - now, () => this.#update());
  }

  /** Once: when all documents are live again and nothing waits. */
  #caughtUp(state: ConnectionState["state"], waiting: number): ConnectionState["caughtUp"] {
    const { documents, clock } = this.options;
    const all = documents.all.every((shared) => shared.live || shared.missing !== null);
    if (this.#catchingUp === null || state === "offline" || waiting > 0 || !all) return null;
    const { sent, received } = this.#catchingUp;
    this.#catchingUp = null;
    return { sent, received, at: clock.now() };
  }
}

/** Made once per edit: a long time offline has many. */
const ITEMS = new WeakMap<Edit, OutboxItem>();

function itemOf(document: string, edit: Edit): OutboxItem {
  const known = ITEMS.get(edit);
  if (known) return known;
  const item = { document, touched: edit.touched, atMs: edit.atMs, changes: edit.changes };
  ITEMS.set(edit, item);
  return item;
}

function itemsOf(documents: Documents, previous: readonly OutboxItem[]): readonly OutboxItem[] {
  const items = documents.all.flatMap(({ document, unsent }) =>
    unsent.map((edit) => itemOf(document, edit)),
  );
  items.sort((a, b) => a.atMs - b.atMs);
  return sameList(items, previous) ? previous : items;
}
