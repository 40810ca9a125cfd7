/**
 * One shared document of this page: its Y.Doc, what this device keeps of it, its outbox, its presence.
 *
 * An edit is in the Y.Doc at once; from there it goes to the outbox, to the device and to the server.
 * It is saved when the server has acknowledged it, and not before. What the server does not accept goes to
 * the shelf. When it applied nothing of that, or when its document has another lineage, `doc` is replaced:
 * such edits are never merged.
 */

import type * as Y from "yjs";
import { Copy, type LocalEdit } from "./copy";
import type { DocumentRow } from "./database";
import type { StoredEdit } from "./document_store";
import type { DocumentEvent, DocumentOptions, LiveDocument, Missing } from "./document_types";
import { Gaps } from "./gaps";
import { KeptContent } from "./kept_content";
import type { Ack, Conflict, Granted, Perm, Reject, Resync } from "./messages";
import { DEFAULT_LIMITS, type Edit, IN_FLIGHT_PUSHES, type PushLimits, pushLimits } from "./outbox";
import { Pace } from "./pace";
import { Presence } from "./presence";
import type { DocumentMessage, Subscriber } from "./provider_types";
import { type Role, roleOf } from "./role";
import { noticeOf } from "./shelf";
import type { TabEdit, TabKept } from "./tabs";
import { Unsent } from "./unsent";

/** How long a push may wait for what this device keeps of other tabs' edits. */
const OTHERS_WITHIN_MS = 2_000;

export class SharedDocument implements Subscriber, LiveDocument {
  readonly document: string;
  readonly presence: Presence;
  #copy: Copy;
  #lineage = "";
  #seq = 0;
  /** What `#seq` becomes with the SYNC that is on its way. */
  #granted = 0;
  #create: boolean;
  #role: Role = "editor";
  #ready = false;
  #live = false;
  #missing: Missing | null = null;
  #channel: number | null = null;
  #pushed = { cs: 0, atMs: 0 };
  #detach: () => void = () => {};
  #closed = false;
  readonly #onClose: (() => void)[] = [];
  readonly #gaps: Gaps;
  readonly #pace: Pace;
  readonly #unsent: Unsent;
  readonly #kept: KeptContent;
  /** What the server has, and has not told yet what became of it. */
  readonly #settled: Edit[] = [];
  readonly #listeners = new Set<(event: DocumentEvent) => void>();
  /** Resolves when what this device has is in the document. */
  readonly loaded: Promise<void>;

  constructor(private readonly options: DocumentOptions) {
    this.document = options.document;
    this.#create = options.create;
    this.#gaps = new Gaps(options.clock);
    this.#pace = new Pace(options.clock, () => this.#push());
    this.#unsent = new Unsent(options.document, options.store, options.shelf);
    const { store, clock, locks, lockName } = options;
    this.#kept = new KeptContent({ store, clock, locks, lockName, about: () => this.#about() });
    this.#copy = new Copy((edit) => this.#edited(edit));
    this.presence = new Presence({
      clientId: () => this.#copy.doc.clientID,
      clock: options.clock,
      send: (update) => this.#sendPresence(update),
    });
    this.loaded = this.#load();
  }

  /** Another one after a "replaced" event. */
  get doc(): Y.Doc {
    return this.#copy.doc;
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

  /** What this person may do here, as the server last said; before it said so, edit. */
  get role(): Role {
    return this.#role;
  }

  /** Whether this tab does for the document what one of them does for all. */
  get leads(): boolean {
    return this.#kept.leads;
  }

  /** Edits that the server does not have yet, oldest first. */
  get unsent(): readonly Edit[] {
    return this.#unsent.edits;
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
    this.#pace.begin();
    this.#kept.close();
    this.#gaps.cancel();
    this.#detach();
    this.#channel = null;
    this.presence.close();
    this.#copy.destroy();
  }

  /** Takes over edits of dead tabs that were found later. */
  adopt(edits: readonly StoredEdit[]): void {
    for (const stored of edits) if (!this.#unsent.has(stored.key)) this.#takeOver(stored);
    this.#emit({ type: "outbox" });
    this.#push();
  }

  /** Shows what another tab did. It is not ours to send, and the outbox of that tab keeps it. */
  showEdit({ lineage, update }: TabEdit): void {
    if (lineage !== this.#lineage || this.#closed) return;
    this.#copy.fromTab(update);
    this.#unsent.besideOthers();
    this.#emit({ type: "content" });
  }

  /** Another tab has written what came from the server. */
  keptElsewhere({ lineage, seq }: TabKept): void {
    if (lineage === this.#lineage) this.#kept.keptElsewhere(seq);
  }

  /** Keeps what came from the server on this device now, and not in a moment. */
  keepReceived(): void {
    this.#kept.keep();
  }

  /** What another tab did was refused for good, and this copy may hold it; unless edits may hang on it. */
  dropOfTabs(): void {
    if (this.unsent.length === 0 && !this.#closed) this.#beginAnew();
  }

  /** Tells the server what the person decided about conflicts here, now or when it can be told. */
  tellDecisions(): void {
    const channel = this.#channel;
    if (channel === null) return;
    for (const { id, action } of this.options.shelf.decisions(this.document))
      this.options.provider.send({ type: "resolve", channel, id, action });
  }

  request(): { create: boolean; lineage: string; state_vector: Uint8Array } {
    return {
      create: this.#create,
      lineage: this.#lineage,
      state_vector: this.#copy.stateVector(),
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
    this.#granted = granted.seq;
    this.#setRole(granted.role);
    if (isNew) this.options.store.adopt(this.#about());
    this.#pace.begin();
    this.#settled.push(...this.#unsent.outbox.granted(granted.cs_durable));
    this.presence.announce();
    // After the conflicts that come along: one of them may be newer than what was decided.
    queueMicrotask(() => this.tellDecisions());
    this.#push();
    this.#emit({ type: "caught-up", received });
  }

  receive(message: DocumentMessage): void {
    switch (message.type) {
      case "sync":
        return this.#synced(message.update);
      case "update":
        return this.#apply(message.seq, message.update);
      case "ack":
        return this.#acked(message);
      case "resync":
        return this.#resync(message);
      case "presence":
        return this.presence.receive(message.update);
      case "reject":
        return message.hard ? this.#refusedForGood(message) : this.#takenBack(message);
      case "conflict":
        return this.#conflict(message);
      case "resolved":
        return this.options.shelf.settle(message.id);
    }
  }

  refused({ code, message }: Perm): void {
    if (code === "ok") return;
    if (code === "lineage") return this.#setAside();
    if (code === "storage" && this.#live) return;
    if (code === "role") this.#setRole(message);
    if (code === "role" && message !== "none") return;
    if (code === "role") this.lost(false);
    this.#missing = code === "unknown" ? "unknown" : "refused";
    this.#emit({ type: "content" });
  }

  lost(forGood: boolean): void {
    this.#unsent.lost(forGood);
    this.#channel = null;
    this.#live = false;
    this.#gaps.cancel();
    this.presence.lost();
  }

  async #load(): Promise<void> {
    try {
      const { store } = this.options;
      await Promise.all([store.opened, this.#kept.begin()]);
      const stored = await store.load(this.document, this.leads);
      if (this.#closed) return;
      const { about, hasContent, updates, unsent, hasOthers } = stored;
      this.#lineage = about.lineage;
      this.#seq = about.seq;
      this.#create ||= about.create;
      this.#role = roleOf(about.role ?? this.#role);
      this.#copy.fromDevice(updates);
      for (const edit of unsent) this.#takeOver(edit);
      if (hasOthers) this.#unsent.besideOthers();
      this.#ready ||= hasContent;
    } catch (error) {
      console.error(`moim: what this device keeps of ${this.document} cannot be read`, error);
      this.options.store.failed(error);
    }
    if (this.#closed) return;
    if (this.#create) this.options.store.describe(this.#about());
    this.#detach = this.options.provider.attach(this);
    this.#emit({ type: "content" });
    this.#emit({ type: "role" });
    this.#emit({ type: "outbox" });
  }

  #takeOver(stored: StoredEdit): void {
    this.#copy.fromDevice([stored.row.update]);
    this.#unsent.takeOver(stored);
  }

  #edited(made: LocalEdit): void {
    const { update } = made;
    const edit = { ...made, base_seq: this.#seq, atMs: this.options.clock.now() };
    this.#ready = true;
    const [document, lineage] = [this.document, this.#lineage];
    this.#unsent.keep(edit, { replica: this.options.replica(), lineage }, this.#create);
    const share = () => this.options.share({ type: "edit", document, lineage, update });
    void this.options.store.settled().then(share);
    this.#emit({ type: "content" });
    this.#emit({ type: "outbox" });
    void this.#pushAfterOthers(edit);
    this.#push();
  }

  async #pushAfterOthers(edit: Edit): Promise<void> {
    const asked = this.#unsent.letOthersPrecede(edit);
    if (!this.#unsent.isAsking) return;
    const cancel = this.options.clock.after(OTHERS_WITHIN_MS, () => {
      this.#unsent.askNoMore(edit);
      this.#push();
    });
    await asked.catch((error: unknown) => this.options.store.failed(error));
    cancel();
    this.#emit({ type: "outbox" });
    this.#push();
  }

  #push(): void {
    const channel = this.#channel;
    if (channel === null || this.#unsent.isAsking) return;
    const pieces = this.#unsent.outbox.next(this.#limits(), this.#pace.of(IN_FLIGHT_PUSHES));
    const last = pieces.at(-1);
    if (last === undefined) return;
    this.#pushed = { cs: last.cs, atMs: this.options.clock.now() };
    this.options.provider.send(
      ...pieces.map(({ cs, base_seq, touched, values, update }) => {
        return { type: "push", channel, cs, base_seq, touched, values, update } as const;
      }),
    );
  }

  /** An ACK comes after every update up to its `seq`; our own are not sent back to us. */
  #acked({ cs, seq }: Ack): void {
    this.#gaps.closed();
    this.#seq = Math.max(this.#seq, seq);
    if (cs === this.#pushed.cs)
      this.options.provider.measured(this.options.clock.now() - this.#pushed.atMs);
    this.#saved(this.#unsent.outbox.acked(cs));
    this.#push();
  }

  #saved(edits: readonly Edit[]): void {
    if (edits.length === 0) return;
    // What they hang on is kept before them, whoever is to keep it.
    this.keepReceived();
    this.#kept.rowAdded();
    const count = this.#unsent.saved(this.#about(), edits, this.doc);
    this.#emit({ type: "saved", count });
    this.#emit({ type: "outbox" });
  }

  #takenBack(reject: Reject): void {
    this.#pace.takenBack();
    this.#unsent.takenBack(this.#about(), this.#unsent.outbox.rejected(reject.cs), reject);
    this.#emit({ type: "outbox" });
  }

  /** The server applied nothing from an edit on: what is here without them is not to be had from this copy. */
  #refusedForGood(reject: Reject): void {
    const edits = this.#unsent.outbox.rejectedFrom(reject.cs);
    this.#unsent.refuse(edits, reject);
    this.options.share({ type: "refused", document: this.document });
    this.#beginAnew();
  }

  #conflict(conflict: Conflict): void {
    const changes = this.#unsent.outbox.edited(conflict.cs).flatMap((edit) => edit.changes);
    const change = changes.findLast(({ path }) => path === conflict.path);
    this.options.shelf.report(noticeOf(this.document, conflict, change?.after ?? null));
  }

  /** The server lacks items that our edits hang on: it gets everything that it lacks. */
  #resync({ state_vector }: Resync): void {
    this.#unsent.outbox.hold();
    this.#gaps.answer(() => {
      this.#unsent.outbox.resync(this.#copy.difference(state_vector), this.#limits());
      this.#push();
    });
  }

  #synced(update: Uint8Array): void {
    this.#apply(this.#granted, update);
    this.#saved(this.#settled.splice(0));
    this.#live = true;
    this.#emit({ type: "content" });
  }

  #apply(seq: number, update: Uint8Array): void {
    this.#copy.fromServer(update);
    this.#seq = Math.max(this.#seq, seq);
    this.#ready = true;
    const news = this.#copy.takeReceived();
    if (news !== null) this.#kept.received(seq, news);
    this.#emit({ type: "content" });
    // B2 says that it cannot be.
    if (this.#copy.hasGap) this.#gaps.ask(() => this.options.provider.resubscribe(this));
  }

  /** The server's document is another one: ours is kept under its lineage, and begun anew. */
  #setAside(): void {
    this.keepReceived();
    this.options.store.setLineageAside(this.document, this.#lineage);
    this.#lineage = "";
    this.#seq = 0;
    this.#unsent.setAside();
    // Their rows stay, under the lineage that had them, and are found there.
    this.#settled.length = 0;
    this.#beginAnew();
  }

  /** Another copy, from what the server has; edits that still wait are in it, as they are its own. */
  #beginAnew(): void {
    this.keepReceived();
    this.#gaps.cancel();
    this.#ready = false;
    this.#live = false;
    this.#channel = null;
    this.#copy.destroy();
    this.#copy = new Copy((edit) => this.#edited(edit));
    this.#copy.fromDevice(this.unsent.map(({ update }) => update));
    this.#emit({ type: "replaced" });
    this.#emit({ type: "outbox" });
    this.options.provider.resubscribe(this);
  }

  #setRole(word: string): void {
    const role = roleOf(word);
    if (role === this.#role) return;
    this.#role = role;
    this.options.store.describe(this.#about());
    this.#emit({ type: "role" });
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
      role: this.#role,
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
