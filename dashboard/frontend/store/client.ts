/** The one client of a page: opens documents and gives them to views as zustand stores. */

import type * as Y from "yjs";
import type { StoreApi } from "zustand/vanilla";
import { type Clock, systemClock } from "../core/clock";
import type { Database } from "../core/database";
import { SharedDocument } from "../core/document";
import { DocumentStore } from "../core/document_store";
import type { LiveDocument } from "../core/document_types";
import { Journal } from "../core/journal";
import type { ResolveAction } from "../core/messages";
import { MoimError } from "../core/moim_error";
import { Provider } from "../core/provider";
import { Replica } from "../core/replica";
import { Shelf } from "../core/shelf";
import type { SocketConstructor } from "../core/socket";
import { type TabMessage, Tabs } from "../core/tabs";
import { Adoption } from "./adoption";
import { askingAt } from "./asking";
import { type CalendarCode, calendarCode } from "./calendar_code";
import type { CalendarState } from "./calendar_types";
import {
  type ClientOptions,
  channelOf,
  databaseOf,
  keptUnder,
  locksOf,
  pageOf,
  personOf,
  pollingAt,
  storageOf,
} from "./client_options";
import { Connection } from "./connection";
import { Decisions } from "./decisions";
import { Documents } from "./documents";
import { exportedOutbox } from "./export";
import { KeptAnswers } from "./kept_answers";
import { watchPage } from "./page";
import { pageStore } from "./page_document";
import type { PageState } from "./page_types";
import { presenceStore } from "./presence";
import { projectStore } from "./project";
import type { ServedOccurrences, ServedOptions } from "./served_occurrences";
import { Settings } from "./settings";
import { SharedText } from "./shared_text";
import type {
  ConnectionState,
  Held,
  HeldText,
  Hue,
  Member,
  MoimClient,
  PresenceState,
  ProjectState,
  WorkspaceState,
} from "./types";
import { addMember, workspaceStore } from "./workspace";

export const WORKSPACE_ID = "workspace";
const CLIENT_NAME = "moim-web/1";

/** How long a document waits for the view that it was opened for. */
const PREFETCH_MS = 10_000;
/** A tab says bye while it still owns its replica. */
const BYE_MS = 500;

/** A document that its users hold; it closes when the last one lets go and nothing of it is unsent. */
export interface HeldDocument {
  readonly document: LiveDocument;
  release(): void;
}

/** A client for programs that read documents in ways of their own, also such as have no schema. */
export interface DocumentClient extends MoimClient {
  /** `create`: the document is made if the server does not have it. */
  document(document: string, create?: boolean): HeldDocument;
}

export function openClient(options: ClientOptions): DocumentClient {
  return new Client(options);
}

class Client implements DocumentClient {
  readonly connection: StoreApi<ConnectionState>;
  readonly workspace: StoreApi<WorkspaceState>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #settings: Settings;
  readonly #database: Database | null;
  readonly #journal: Journal;
  readonly #replica: Replica;
  readonly #store: DocumentStore;
  readonly #shelf: Shelf;
  readonly #decisions: Decisions;
  readonly #adoption: Adoption;
  readonly #provider: Provider;
  readonly #documents: Documents;
  readonly #state: Connection;
  readonly #tabs: Tabs;
  readonly #leaderLocks: LockManager | null;
  readonly #workspace: SharedDocument;
  readonly #projects = new Map<string, StoreApi<ProjectState>>();
  readonly #calendars = new Map<string, StoreApi<CalendarState>>();
  readonly #pages = new Map<string, StoreApi<PageState>>();
  readonly #answers: KeptAnswers;
  readonly #ask: ServedOptions["ask"];
  readonly #presences = new Map<string, StoreApi<PresenceState>>();
  readonly #unwatch: () => void;
  #name: string;
  #idle = false;
  #closed = false;
  #edited = false;
  #askedToPersist = false;

  constructor(private readonly options: ClientOptions) {
    const page = pageOf(options);
    const locks = locksOf(options);
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#settings = new Settings(storageOf(options));
    this.#name = options.name ?? this.#settings.name;
    this.#database = databaseOf(options, this.#clock);
    this.#ask = askingAt(options.url, options.fetch ?? ((...asked) => fetch(...asked)));
    this.#journal = new Journal(this.#database, this.#clock);
    this.#answers = new KeptAnswers(this.#database, this.#journal, this.#clock);
    this.#replica = new Replica(this.#database, locks, this.#random);
    this.#store = new DocumentStore(
      this.#database,
      this.#journal,
      this.#replica,
      locks,
      ({ document, lineage, seq }) => this.#tell({ type: "kept", document, lineage, seq }),
    );
    const channel = channelOf(options);
    this.#tabs = new Tabs(channel, (message) => this.#hear(message));
    this.#leaderLocks = channel === null || this.#database === null ? null : locks;
    this.#shelf = new Shelf(this.#database, this.#journal, this.#random, () =>
      this.#tell({ type: "shelf" }),
    );
    this.#provider = this.#makeProvider();
    this.#documents = new Documents((id, create) => this.#makeDocument(id, create), this.#store);
    this.#state = new Connection({
      provider: this.#provider,
      documents: this.#documents,
      journal: this.#journal,
      shelf: this.#shelf,
      clock: this.#clock,
      exportOutbox: () =>
        exportedOutbox(this.#documents, this.#store, this.#shelf, this.#clock.now()),
    });
    this.#decisions = new Decisions(this.#shelf, this.#documents);
    this.#adoption = new Adoption({
      documents: this.#documents,
      store: this.#store,
      shelf: this.#shelf,
      journal: this.#journal,
      replica: this.#replica,
      clock: this.#clock,
      setMovedAside: (count) => this.#state.setMovedAside(count),
    });
    this.connection = this.#state.store;
    this.#workspace = this.#documents.hold(WORKSPACE_ID, true).shared;
    this.workspace = this.#openWorkspace();
    this.#watchConnection();
    this.#watchKeeper();
    this.#unwatch =
      page === null
        ? () => {}
        : watchPage(page, this.#clock, {
            wake: () => this.#provider.check(),
            leave: () => this.#leave(),
            idle: (idle) => this.#setIdle(idle),
          });
    void this.#begin();
  }

  project(id: string): Held<ProjectState> {
    return this.#hold(`project/${id}`, this.#projects, (shared) =>
      projectStore(shared, this.#author()),
    );
  }

  document(document: string, create = false): HeldDocument {
    const { shared, release } = this.#documents.hold(document, create);
    return { document: shared, release };
  }

  prefetch(document: string): void {
    const { release } = this.#documents.hold(document);
    this.#clock.after(PREFETCH_MS, release);
  }

  calendar(id: string): Held<CalendarState> {
    return this.#hold(`calendar/${id}`, this.#calendars, (shared) =>
      this.#calendarCode().store(shared, this.#author()),
    );
  }

  calendarOccurrences(id: string, from: string, to: string, zone: string): Held<ServedOccurrences> {
    return this.#calendarCode().served({
      question: { calendar: id, from, to, zone },
      calendar: this.calendar(id),
      connection: this.connection,
      ask: this.#ask,
      answers: this.#answers,
      clock: this.#clock,
    });
  }

  page(id: string): Held<PageState> {
    return this.#hold(`page/${id}`, this.#pages, (shared) => pageStore(shared, this.#author()));
  }

  presence(document: string): Held<PresenceState> {
    return this.#hold(document, this.#presences, (shared) =>
      presenceStore(shared.presence, {
        me: () => this.#me(),
        listen: (listener) => {
          shared.onClose(this.#provider.listen(listener));
        },
      }),
    );
  }

  text(document: string, path: string): HeldText {
    const { shared, release } = this.#documents.hold(document);
    return new SharedText(shared, path, release);
  }

  resolveConflict(id: string, action: ResolveAction): (() => void) | null {
    return this.#decisions.resolve(id, action);
  }

  applyAgain(key: string): boolean {
    return this.#decisions.applyAgain(key);
  }

  forgetRefused(key: string): void {
    this.#shelf.forget(key);
  }

  rename(name: string): void {
    this.#name = name;
    this.#settings.name = name;
    this.#provider.reconnect();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unwatch();
    this.#adoption.close();
    this.#provider.close();
    this.#documents.close();
    this.#state.close();
    void this.#journal.settled().then(() => {
      this.#journal.close();
      this.#replica.release();
      this.#tabs.close();
      return this.#database?.close();
    });
  }

  async #begin(): Promise<void> {
    await this.#store.opened;
    if (this.#closed) return;
    this.#provider.connect();
    this.#tabs.tell({ type: "hello" });
    void this.#adoption.watchTabs();
    await this.#loadShelf();
    await this.#adoption.begin();
    this.#state.setPersistent((await globalThis.navigator?.storage?.persisted?.()) ?? null);
  }

  #tell(message: TabMessage): void {
    if (!this.#closed) this.#tabs.tell(message);
  }

  #hear(message: TabMessage): void {
    if (message.type === "edit") this.#documents.find(message.document)?.showEdit(message);
    else if (message.type === "kept")
      this.#documents.find(message.document)?.keptElsewhere(message);
    else if (message.type === "hello") void this.#adoption.watchTabs();
    else if (message.type === "refused") this.#documents.find(message.document)?.dropOfTabs();
    else if (message.type === "shelf") void this.#loadShelf();
    else this.#clock.after(BYE_MS, () => void this.#adoption.adopt());
  }

  async #loadShelf(): Promise<void> {
    try {
      await this.#shelf.load();
    } catch (error) {
      this.#journal.fail(error);
    }
  }

  /** Perhaps for good: what came just now is wanted without a server, too. */
  #leave(): void {
    for (const shared of this.#documents.all) shared.keepReceived();
    this.#tabs.tell({ type: "bye" });
  }

  #makeProvider(): Provider {
    return new Provider({
      url: this.options.url,
      identity: () => ({ client: CLIENT_NAME, replica: this.#replica.id, name: this.#name }),
      WebSocket: this.options.WebSocket ?? (globalThis.WebSocket as unknown as SocketConstructor),
      Polling: this.options.Polling === undefined ? pollingAt(this.options) : this.options.Polling,
      clock: this.#clock,
      random: this.#random,
      person: personOf(this.options),
    });
  }

  #makeDocument(document: string, create: boolean): SharedDocument {
    const shared = new SharedDocument({
      document,
      create,
      store: this.#store,
      shelf: this.#shelf,
      provider: this.#provider,
      replica: () => this.#replica.id,
      clock: this.#clock,
      locks: this.#leaderLocks,
      lockName: `moim-leader ${keptUnder(this.options)} ${document}`,
      share: (edit) => this.#tabs.tell(edit),
    });
    shared.presence.set({ idle: this.#idle });
    return shared;
  }

  #openWorkspace(): StoreApi<WorkspaceState> {
    return workspaceStore(this.#workspace, {
      ...this.#author(),
      columnNames: this.options.columnNames ?? (() => ["To do", "Doing", "Done"]),
      createDocument: (document, begin) => this.#createDocument(document, begin),
    });
  }

  #createDocument(document: string, begin: (doc: Y.Doc) => void): void {
    const { shared, release } = this.#documents.hold(document, true);
    shared.doc.transact(() => begin(shared.doc));
    release();
  }

  /** One store for all holders of a document; the document closes with the last. */
  #hold<State>(
    document: string,
    stores: Map<string, StoreApi<State>>,
    make: (shared: SharedDocument) => StoreApi<State>,
  ): Held<State> {
    const { shared, release } = this.#documents.hold(document);
    const known = stores.get(document);
    const store = known ?? make(shared);
    if (known === undefined) {
      stores.set(document, store);
      shared.onClose(() => stores.delete(document));
    }
    return { store, release };
  }

  #calendarCode(): CalendarCode {
    const { calendars } = this.options;
    if (calendars === null)
      throw new MoimError("client.calendar: expected `calendars` among the options, got none");
    return calendars ?? calendarCode();
  }

  #author() {
    return {
      me: () => this.#me().id,
      now: () => this.#clock.now(),
      random: this.#random,
    };
  }

  #me(): Member {
    const you = this.#provider.welcome?.you;
    return you ? { ...you, colour: you.colour as Hue } : this.#settings.me;
  }

  #watchKeeper(): void {
    const { keeper = null } = this.options;
    this.#state.setOpensOffline(keeper === null ? false : keeper.opens);
    keeper?.listen(() => this.#state.setOpensOffline(keeper.opens));
  }

  #watchConnection(): void {
    let wasConnected = false;
    this.#provider.listen(() => {
      const isConnected = this.#provider.phase === "connected";
      if (isConnected && !wasConnected) {
        this.#settings.me = this.#me();
        this.options.keeper?.check();
        void this.#adoption.adopt();
      }
      wasConnected = isConnected;
    });
    this.#documents.listen((shared, event) => {
      if (event.type === "replaced") void this.#adoption.rescue();
      if (event.type === "outbox" && shared.unsent.length > 0) {
        this.#edited = true;
        void this.#askToPersist();
      }
      this.#join();
    });
  }

  /**
   * Who edits is a member, under the name that the server knows; who only looks on leaves no trace,
   * or a demo would soon list every visitor.
   */
  #join(): void {
    const me = this.#me();
    const known = this.workspace.getState().members[me.id];
    const joins = known === undefined && this.#edited;
    const renamed = known !== undefined && (known.name !== me.name || known.colour !== me.colour);
    const mayJoin = this.#workspace.live && this.#workspace.role !== "viewer";
    if (mayJoin && (joins || renamed)) addMember(this.#workspace.doc, me);
  }

  async #askToPersist(): Promise<void> {
    if (this.#askedToPersist) return;
    this.#askedToPersist = true;
    this.#state.setPersistent((await globalThis.navigator?.storage?.persist?.()) ?? null);
  }

  #setIdle(idle: boolean): void {
    this.#idle = idle;
    for (const shared of this.#documents.all) shared.presence.set({ idle });
  }
}
