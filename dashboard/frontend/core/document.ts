/**
 * One shared document of this page: its Y.Doc, what this device keeps of it, its outbox, its presence.
 *
 * An edit is in the Y.Doc at once; from there it goes to the outbox, to the device and to the server.
 * It is saved when the server has acknowledged it, and not before. When the server's document has
 * another lineage, nothing is merged: the copy and its edits stay on the device, and `doc` is replaced.
 */

import * as Y from "yjs";
import type { Clock } from "./clock";
import type { DocumentRow } from "./database";
import type { DocumentStore, StoredEdit } from "./document_store";
import { DEFAULT_LIMITS, type Edit, Outbox, type PushLimits, pushLimits } from "./outbox";
import { Presence } from "./presence";
import type { Ack, Granted, Perm, Resync } from "./protocol";
import type { DocumentMessage, Provider, Subscriber } from "./provider";
import type { TabEdit } from "./tabs";
import { touchedBy } from "./touched";

export type Missing = "unknown" | "refused";

/** What happened to a document, for those who count and show. */
export type DocumentEvent =
  | { readonly type: "content" }
  | { readonly type: "outbox" }
  | { readonly type: "saved"; readonly count: number }
  | { readonly type: "caught-up"; readonly received: number }
  | { readonly type: "replaced" };

export interface DocumentOptions {
  readonly document: string;
  /** True: it is made if no server has it. */
  readonly create: boolean;
  readonly store: DocumentStore;
  readonly provider: Provider;
  readonly replica: () => string;
  readonly clock: Clock;
  /** Shows an edit to the other tabs of this browser, when this device keeps it. */
  readonly share: (edit: TabEdit) => void;
}

/** How long content from the server may wait to be kept: it can be had again. */
const KEEP_AFTER_MS = 1_000;
const RESYNCS_AT_ONCE = 3;
const RESYNC_LATER_MS = 5_000;
const ASK_AGAIN_AFTER_MS = 5_000;

/** The origin of what was read from this device. */
const FROM_DEVICE = Symbol("device");
/** The origin of what another tab of this browser did, and sends. */
const FROM_TAB = Symbol("tab");
/** The origin of what came from the server. */
const FROM_SERVER = Symbol("server");

export class SharedDocument implements Subscriber {
  readonly document: string;
  readonly presence: Presence;
  #doc: Y.Doc;
  #lineage = "";
  #seq = 0;
  #create: boolean;
  #ready = false;
  #live = false;
  #missing: Missing | null = null;
  #channel: number | null = null;
  #pushedAt = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #resyncs = 0;
  #received: Uint8Array[] = [];
  #cancelKeep: (() => void) | null = null;
  #cancelResync: () => void = () => {};
  #detach: () => void = () => {};
  #closed = false;
  readonly #onClose: (() => void)[] = [];
  readonly #keys = new Map<Edit, IDBValidKey>();
  readonly #outbox = new Outbox();
  readonly #listeners = new Set<(event: DocumentEvent) => void>();
  /** Resolves when what this device has is in the document. */
  readonly loaded: Promise<void>;

  constructor(private readonly options: DocumentOptions) {
    this.document = options.document;
    this.#create = options.create;
    this.#doc = this.#made();
    this.presence = new Presence({
      clientId: () => this.#doc.clientID,
      clock: options.clock,
      send: (update) => this.#sendPresence(update),
    });
    this.loaded = this.#load();
  }

  /** Another one after a "replaced" event. */
  get doc(): Y.Doc {
    return this.#doc;
  }

  /** True when content came from this device or from the server, or when it was made here. */
  get ready(): boolean {
    return this.#ready;
  }

  /** True while the server sends what others do. */
  get live(): boolean {
    return this.#live;
  }

  get missing(): Missing | null {
    return this.#missing;
  }

  /** Edits that the server does not have yet, oldest first. */
  get unsent(): readonly Edit[] {
    return this.#outbox.edits;
  }

  listen(listener: (event: DocumentEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls when the document closes. */
  onClose(run: () => void): void {
    this.#onClose.push(run);
  }

  close(): void {
    this.#closed = true;
    for (const run of this.#onClose) run();
    this.keepReceived();
    this.#cancelResync();
    this.#detach();
    this.#channel = null;
    this.presence.close();
    this.#doc.destroy();
  }

  /** Takes over edits of dead tabs that were found later. */
  adopt(edits: readonly StoredEdit[]): void {
    const known = new Set([...this.#keys.values()].map(String));
    for (const stored of edits) if (!known.has(String(stored.key))) this.#takeOver(stored);
    this.#emit({ type: "outbox" });
    this.#push();
  }

  /** Shows what another tab did. It is not ours to send, and the outbox of that tab keeps it. */
  showEdit({ lineage, update }: TabEdit): void {
    if (lineage !== this.#lineage || this.#closed) return;
    Y.applyUpdate(this.#doc, update, FROM_TAB);
    this.#emit({ type: "content" });
  }

  /** Keeps what came from the server on this device now, and not in a moment. */
  keepReceived(): void {
    this.#cancelKeep?.();
    this.#cancelKeep = null;
    if (this.#received.length === 0) return;
    const update = Y.mergeUpdates(this.#received);
    this.#received = [];
    this.options.store.append(this.#about(), update);
  }

  request(): { create: boolean; lineage: string; state_vector: Uint8Array } {
    return {
      create: this.#create,
      lineage: this.#lineage,
      state_vector: Y.encodeStateVector(this.#doc),
    };
  }

  granted(granted: Granted): void {
    if (this.#lineage !== "" && this.#lineage !== granted.lineage) return this.#setAside();
    this.#channel = granted.channel;
    this.#missing = null;
    this.#create = false;
    const received = Math.max(0, granted.seq - this.#seq);
    const isNew = this.#lineage !== granted.lineage;
    this.#lineage = granted.lineage;
    this.#seq = granted.seq;
    if (isNew) this.options.store.adopt(this.#about());
    this.#saved(this.#outbox.granted(granted.cs_durable));
    this.presence.announce();
    this.#push();
    this.#emit({ type: "caught-up", received });
  }

  receive(message: DocumentMessage): void {
    switch (message.type) {
      case "sync":
        this.#live = true;
        return this.#apply(message.update);
      case "update":
        this.#seq = Math.max(this.#seq, message.seq);
        return this.#apply(message.update);
      case "ack":
        return this.#acked(message);
      case "resync":
        return this.#resync(message);
      case "presence":
        return this.presence.receive(message.update);
    }
  }

  refused({ code }: Perm): void {
    if (code === "ok") return;
    if (code === "lineage") return this.#setAside();
    if (code === "storage" && this.#live) return;
    this.#missing = code === "unknown" ? "unknown" : "refused";
    this.#emit({ type: "content" });
  }

  lost(): void {
    this.#channel = null;
    this.#live = false;
    this.#cancelResync();
    this.presence.lost();
  }

  #made(): Y.Doc {
    const doc = new Y.Doc();
    doc.on("update", (update: Uint8Array, origin: unknown, _doc: Y.Doc, t: Y.Transaction) => {
      if (t.local) this.#edited(update, touchedBy(t));
      else if (origin === FROM_SERVER) this.#received.push(update);
    });
    return doc;
  }

  async #load(): Promise<void> {
    try {
      const { about, hasContent, updates, unsent } = await this.options.store.load(this.document);
      if (this.#closed) return;
      this.#lineage = about.lineage;
      this.#seq = about.seq;
      this.#create ||= about.create;
      this.#applyAll(updates, FROM_DEVICE);
      for (const stored of unsent) this.#takeOver(stored);
      this.#ready ||= hasContent;
    } catch (error) {
      console.error(`moim: what this device keeps of ${this.document} cannot be read`, error);
      this.options.store.failed(error);
    }
    if (this.#closed) return;
    if (this.#create) this.options.store.describe(this.#about());
    this.#detach = this.options.provider.attach(this);
    this.#emit({ type: "content" });
    this.#emit({ type: "outbox" });
  }

  #takeOver({ key, row }: StoredEdit): void {
    const edit = {
      update: row.update,
      touched: row.touched,
      base_seq: row.base_seq,
      atMs: row.atMs,
    };
    Y.applyUpdate(this.#doc, row.update, FROM_DEVICE);
    this.#keys.set(edit, key);
    this.#outbox.add(edit);
  }

  #edited(update: Uint8Array, touched: readonly string[]): void {
    const edit = { update, touched, base_seq: this.#seq, atMs: this.options.clock.now() };
    this.#outbox.add(edit);
    this.#ready = true;
    const { document } = this;
    const row = { ...edit, document, replica: this.options.replica(), lineage: this.#lineage };
    this.options.store.keep(row, this.#create, (key) => this.#keys.set(edit, key));
    void this.options.store.settled().then(() => this.options.share({ type: "edit", ...row }));
    this.#emit({ type: "content" });
    this.#emit({ type: "outbox" });
    this.#push();
  }

  #push(): void {
    if (this.#channel === null) return;
    const piece = this.#outbox.next(this.#limits());
    if (piece === null) return;
    const { cs, base_seq, touched, update } = piece;
    this.#pushedAt = this.options.clock.now();
    this.options.provider.send({
      type: "push",
      channel: this.#channel,
      cs,
      base_seq,
      touched,
      values: [],
      update,
    });
  }

  /** An ACK comes after every update up to its `seq`; our own are not sent back to us. */
  #acked({ cs, seq }: Ack): void {
    this.#resyncs = 0;
    this.#seq = Math.max(this.#seq, seq);
    this.options.provider.measured(this.options.clock.now() - this.#pushedAt);
    this.#saved(this.#outbox.acked(cs));
    this.#push();
  }

  #saved(edits: readonly Edit[]): void {
    if (edits.length === 0) return;
    const update = Y.mergeUpdates(edits.map((edit) => edit.update));
    this.options.store.saved(this.#about(), update, () => {
      const keys = edits.map((edit) => this.#keys.get(edit)).filter((key) => key !== undefined);
      for (const edit of edits) this.#keys.delete(edit);
      return keys;
    });
    this.#emit({ type: "saved", count: edits.length });
    this.#emit({ type: "outbox" });
  }

  /** The server lacks items that our edits hang on: it gets everything that it lacks. */
  #resync({ state_vector }: Resync): void {
    this.#resyncs += 1;
    const answer = () => {
      const difference = Y.encodeStateAsUpdate(this.#doc, state_vector);
      this.#outbox.resync(difference, this.#limits());
      this.#push();
    };
    if (this.#resyncs <= RESYNCS_AT_ONCE) return answer();
    this.#cancelResync();
    this.#cancelResync = this.options.clock.after(RESYNC_LATER_MS, answer);
  }

  #apply(update: Uint8Array): void {
    this.#applyAll([update], FROM_SERVER);
    this.#ready = true;
    this.#cancelKeep ??= this.options.clock.after(KEEP_AFTER_MS, () => this.keepReceived());
    this.#emit({ type: "content" });
    if (this.#doc.store.pendingStructs !== null) this.#askAgain();
  }

  /** Something is missing in what came (B2 says that it cannot): asks for the difference, seldom. */
  #askAgain(): void {
    const now = this.options.clock.now();
    if (now - this.#askedAt < ASK_AGAIN_AFTER_MS) return;
    this.#askedAt = now;
    this.options.provider.resubscribe(this);
  }

  #applyAll(updates: readonly Uint8Array[], origin: symbol): void {
    Y.transact(
      this.#doc,
      () => {
        for (const update of updates) Y.applyUpdate(this.#doc, update, origin);
      },
      origin,
      false,
    );
  }

  /** The server's document is another one: ours is kept under its lineage, and begun anew. */
  #setAside(): void {
    this.keepReceived();
    this.#lineage = "";
    this.#seq = 0;
    this.#ready = false;
    this.#live = false;
    this.#channel = null;
    this.#outbox.clear();
    this.#keys.clear();
    this.options.store.describe(this.#about());
    this.#doc.destroy();
    this.#doc = this.#made();
    this.#emit({ type: "replaced" });
    this.#emit({ type: "outbox" });
    this.options.provider.resubscribe(this);
  }

  #limits(): PushLimits {
    const { welcome } = this.options.provider;
    return welcome ? pushLimits(welcome.limits) : DEFAULT_LIMITS;
  }

  #about(): DocumentRow {
    return {
      document: this.document,
      lineage: this.#lineage,
      seq: this.#seq,
      create: this.#create,
    };
  }

  #sendPresence(update: Uint8Array): void {
    if (this.#channel === null) return;
    this.options.provider.send({ type: "presence", channel: this.#channel, update });
  }

  #emit(event: DocumentEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
