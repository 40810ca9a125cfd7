/** What a view may read and do. Views know these types only: no Yjs, no socket. */

import type { StoreApi } from "zustand/vanilla";
import type { Change } from "../core/changes";
import type { ResolveAction } from "../core/messages";
import type { Role } from "../core/role";
import type { ConflictNotice, RefusedEdit } from "../core/shelf";
import type { CalendarState, When } from "./calendar_types";
import type { PageState } from "./page_types";
import type { ServedOccurrences } from "./served_occurrences";
import type { Undoable } from "./undoable";

export type { Change, ConflictNotice, RefusedEdit, Role, Undoable };

export type Hue = "red" | "orange" | "yellow" | "green" | "teal" | "blue" | "violet" | "pink";
export type Status = "backlog" | "ready" | "doing" | "review" | "done";
export type Priority = "low" | "medium" | "high" | "urgent";

/**
 * A card as the view reads it; `place` is already split. Unset registers are null. A field that is
 * new in the schema comes through by itself; the view's file of that field declares it:
 * `declare module "../store/types" { interface Card { readonly size: string | null } }`.
 */
export interface Card {
  readonly id: string;
  readonly title: string;
  readonly column: string;
  readonly key: string;
  readonly number: number | null;
  readonly labels: readonly string[];
  readonly members: readonly string[];
  readonly priority: Priority | null;
  readonly start: string | null;
  readonly due: string | null;
  readonly deleted: readonly [who: string, atMs: number] | null;
}

export interface Column {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly status: Status;
  readonly limit: number | null;
}

export interface Label {
  readonly id: string;
  readonly name: string;
  readonly colour: Hue;
}

/** One line of a card's checklist. */
export interface ChecklistItem {
  readonly id: string;
  readonly title: string;
  readonly card: string;
  readonly key: string;
  /** Who ticked it, and when. */
  readonly done: readonly [who: string, atMs: number] | null;
  readonly members: readonly string[];
}

/** What somebody said about a card; its text is shared like a note's. */
export interface Comment {
  readonly id: string;
  readonly card: string;
  readonly created: readonly [who: string, atMs: number];
  readonly body: string;
  readonly mentions: readonly string[];
  readonly editedAtMs: number | null;
}

/** What `setCard` does not write: identity, place and sets have their own actions. */
type Managed = "id" | "column" | "key" | "number" | "labels" | "members" | "deleted";

/** Registers that `setCard` writes as they are; null takes the key out. */
export type CardPatch = Partial<Omit<Card, Managed>>;

/** Where a card goes: beside a neighbour the person saw, else at the end of the column. */
export interface Slot {
  readonly column: string;
  readonly before: string | null;
}

export interface ProjectState {
  /** False until content came from this device or from the server. */
  readonly ready: boolean;
  /** `unknown`: the server has no such project; `refused`: it may not be opened. */
  readonly missing: null | "unknown" | "refused";
  /** A viewer's actions write nothing. */
  readonly role: Role;
  readonly description: string;
  readonly prefix: string;
  readonly columns: readonly Column[];
  readonly labels: readonly Label[];
  readonly cards: Readonly<Record<string, Card>>;
  /** Card ids in order by column id; deleted cards are left out. */
  readonly order: Readonly<Record<string, readonly string[]>>;
  /** Checklists by card id, each in order; comments by card id, the oldest first. */
  readonly checklists: Readonly<Record<string, readonly ChecklistItem[]>>;
  readonly comments: Readonly<Record<string, readonly Comment[]>>;
  /** Cards with edits that are not yet on the server's disk. */
  readonly unsent: ReadonlySet<string>;

  /** Runs several actions as one transaction that can be taken back; see `CalendarState`. */
  together<T>(run: () => T): Undoable<T>;
  addCard(slot: Slot, title: string): string;
  setCard(id: string, patch: CardPatch): void;
  moveCard(id: string, slot: Slot): void;
  toggleLabel(id: string, label: string): void;
  toggleMember(id: string, person: string): void;
  deleteCard(id: string): void;
  restoreCard(id: string): void;
  addColumn(name: string, status: Status): string;
  setColumn(id: string, patch: Partial<Pick<Column, "name" | "status" | "limit">>): void;
  moveColumn(id: string, before: string | null): void;
  deleteColumn(id: string): void;
  addLabel(name: string, colour: Hue): string;
  setInfo(patch: Partial<{ description: string; prefix: string }>): void;

  addItem(card: string, title: string, before?: string | null): string;
  setItem(id: string, patch: { readonly title: string }): void;
  tickItem(id: string, done: boolean): void;
  moveItem(id: string, before: string | null): void;
  toggleItemMember(id: string, person: string): void;
  deleteItem(id: string): void;
  restoreItem(id: string): void;
  addComment(card: string, body: string, mentions: readonly string[]): string;
  setComment(id: string, body: string, mentions: readonly string[]): void;
  deleteComment(id: string): void;
  restoreComment(id: string): void;
}

/** What a workspace lists; each entry is a document of its own. */
export type EntryKind = "project" | "calendar" | "page";

export interface ProjectEntry {
  readonly id: string;
  readonly name: string;
  readonly colour: Hue;
  readonly key: string;
}

export interface CalendarEntry {
  readonly id: string;
  readonly name: string;
  readonly colour: Hue;
  readonly key: string;
}

export interface PageEntry {
  readonly id: string;
  readonly name: string;
  readonly key: string;
}

export interface Member {
  readonly id: string;
  readonly name: string;
  readonly colour: Hue;
}

export interface WorkspaceState {
  readonly ready: boolean;
  /** A viewer's actions write nothing. */
  readonly role: Role;
  readonly name: string;
  readonly projects: readonly ProjectEntry[];
  readonly calendars: readonly CalendarEntry[];
  readonly pages: readonly PageEntry[];
  readonly members: Readonly<Record<string, Member>>;
  /** Runs several actions as one transaction that can be taken back; see `CalendarState`. */
  together<T>(run: () => T): Undoable<T>;
  /** Who deleted what, and when, by document: `project/<id>`. */
  readonly deleted: Readonly<Record<string, readonly [who: string, atMs: number]>>;
  /** Makes the project's record and its document with three columns; gives its id. */
  addProject(name: string, colour: Hue): string;
  setProject(id: string, patch: Partial<Pick<ProjectEntry, "name" | "colour">>): void;
  deleteProject(id: string): void;
  addCalendar(name: string, colour: Hue): string;
  setCalendar(id: string, patch: Partial<Pick<CalendarEntry, "name" | "colour">>): void;
  deleteCalendar(id: string): void;
  addPage(name: string): string;
  setPage(id: string, patch: Partial<Pick<PageEntry, "name">>): void;
  deletePage(id: string): void;
  restore(kind: EntryKind, id: string): void;
  /** Before another of its kind, or at the end for null. */
  move(kind: EntryKind, id: string, before: string | null): void;
  setWorkspace(patch: Partial<{ name: string }>): void;
}

/** A card in the air over a board. */
export interface CardDrag {
  readonly card: string;
  readonly slot: Slot;
}

/** An event, or a dated card, in the air over a calendar; where it would stand. */
export interface EventDrag {
  readonly event: string;
  readonly recurrenceId: string | null;
  readonly when: When;
}

/** What one person moves in one document, as others see it. */
export type Drag = CardDrag | EventDrag;

/** Which entity somebody has open; `field` is null for one who only looks at it. */
export interface Editing {
  readonly entity: string;
  readonly field: string | null;
}

/** Where a tab is. */
export interface At {
  readonly document: string;
  /** The card, event or cell that is open there. */
  readonly entity: string | null;
  /** The person's keys go to this tab. */
  readonly front: boolean;
}

/** One face: tabs of the same person are one. */
export interface Person {
  readonly id: string;
  readonly name: string;
  readonly colour: Hue;
  readonly tabs: number;
  readonly idle: boolean;
  readonly drag: Drag | null;
  readonly editing: Editing | null;
  /** Where this person is, one a document, those in front first; told in the workspace only. */
  readonly places: readonly At[];
}

export interface PresenceState {
  readonly me: Member;
  /** Others in this document, one per person, in order of arrival. */
  readonly people: readonly Person[];
  setDrag(drag: Drag | null): void;
  /** While I am in no field, the others see what I have open. */
  setEditing(editing: Editing | null): void;
  setAt(at: At): void;
  setOpen(entity: string | null): void;
}

export type SaveState = "saved" | "saving" | "device" | "offline";

/** One for the whole client; drives the pill, the offline bar and the connection panel. */
export interface ConnectionState {
  readonly state: SaveState;
  /** Edits that are not yet on the server's disk, over all documents. */
  readonly waiting: number;
  readonly connected: boolean;
  /** ms since epoch of the last change of `connected`. */
  readonly since: number;
  /** What carries the connection; null while there is none. */
  readonly transport: "websocket" | "polling" | null;
  readonly roundTripMs: number | null;
  readonly lastSavedAt: number | null;
  /** False: the browser may clear what is kept on this device. null: not known. */
  readonly persistent: boolean | null;
  /** False: pages do not open without the server, here or in this browser. null: not known yet. */
  readonly opensOffline: boolean | null;
  /** Why edits cannot be kept on this device at the moment; null: they can. */
  readonly deviceError: string | null;
  /** Edits that were never sent and belong to a document that is no more; kept, and exported. */
  readonly movedAside: number;
  /** Set when the server ended the connection for good, with its close code and words. */
  readonly stopped: { readonly code: number; readonly reason: string } | null;
  /** The person has an account on the server; false for guests, and until the server has said so. */
  readonly signedIn: boolean;
  /** What came and went while catching up after the last time offline. */
  readonly caughtUp: {
    readonly sent: number;
    readonly received: number;
    readonly at: number;
  } | null;
  /** What waits: newest last. */
  readonly outbox: readonly OutboxItem[];
  /** Over all open documents and all that this device keeps, newest last. */
  readonly conflicts: readonly ConflictNotice[];
  /** Edits that the server did not accept, newest last. */
  readonly refused: readonly RefusedEdit[];
  retryNow(): void;
  /** Everything unsent, as a file the person can keep. */
  exportOutbox(): Promise<Blob>;
}

export interface OutboxItem {
  readonly document: string;
  readonly touched: readonly string[];
  readonly atMs: number;
  readonly changes: readonly Change[];
}

/** A store that its users hold; the document closes when the last one lets go. */
export interface Held<State> {
  readonly store: StoreApi<State>;
  release(): void;
}

export interface TextState {
  /** False when the entity or its text is not there (yet). */
  readonly exists: boolean;
  readonly text: string;
  /** Another number when another text stands at the path: an editor then begins anew. */
  readonly generation: number;
}

/** A shared text in a document; `store/text_binding.ts` binds an editor to it. */
export interface HeldText extends Held<TextState> {
  /** Makes the text when its entity is there without one. */
  begin(): void;
}

/** The one client of a page; made by `openClient` in `store/client.ts`. */
export interface MoimClient {
  readonly connection: StoreApi<ConnectionState>;
  readonly workspace: StoreApi<WorkspaceState>;
  project(id: string): Held<ProjectState>;
  calendar(id: string): Held<CalendarState>;
  /** Opens a document that is going to be shown, before the code that shows it is here. */
  prefetch(document: string): void;
  /** Of the series that only the server expands; see `store/served_occurrences.ts`. */
  calendarOccurrences(id: string, from: string, to: string, zone: string): Held<ServedOccurrences>;
  page(id: string): Held<PageState>;
  presence(document: string): Held<PresenceState>;
  /** The text at a path `root/id/field` of a document, as `cards/<id>/notes`. */
  text(document: string, path: string): HeldText;
  /**
   * Settles a conflict: "mine" and "both" write again, "theirs" and "seen" do not. Gives the way to take
   * back what was written; null when nothing was, or not yet.
   */
  resolveConflict(id: string, action: ResolveAction): (() => void) | null;
  /** Does a refused edit again, as a new edit, and forgets the old one. False: it cannot be done now. */
  applyAgain(key: string): boolean;
  forgetRefused(key: string): void;
  /** The guest's own name, kept in this browser. */
  rename(name: string): void;
  close(): void;
}
