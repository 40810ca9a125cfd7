/**
 * What `moim-client` gives. Every name here is public, has its line and stands in README.md; a test holds
 * the declarations behind the names to `surface.txt`. Nothing else of the package can be imported.
 */

import "./card_fields";

export type {
  /** What an open document is: a Y.Doc, and how it stands. */
  LiveDocument,
} from "../core/document_types";
export {
  /** What every error of this package is. */
  MoimError,
} from "../core/moim_error";
export {
  /** Gives what takes place between two days of events that this device can expand. */
  occurrencesBetween,
} from "../core/recurrence";
export type {
  /** What is different in one event of a series. */
  Exception,
  /** One thing that takes place: an event, or one event of a series. */
  Occurrence,
  /** When an event takes place: start, end and zone. */
  When,
} from "../core/recurrence_types";
export type {
  /** What this person may do in a document. */
  Role,
} from "../core/role";
export type {
  /** Two people set one register unseen by each other. */
  ConflictNotice,
  /** An edit that the server did not accept, kept to be made again. */
  RefusedEdit,
} from "../core/shelf";
export type {
  /** An event or a series, as it stands in its calendar. */
  CalendarEvent,
  /** A calendar: what it holds, and what can be done in it. */
  CalendarState,
  /** What `setEvent` changes of an event. */
  EventPatch,
} from "../store/calendar_types";
export type {
  /** A document that its users hold. */
  HeldDocument,
} from "../store/client";
export {
  /** A value that the schema of a document does not allow; nothing was written. */
  InvalidValue,
} from "../store/schema";
export {
  /** Which entities of a document a transaction changed. */
  type Changes,
  /** The zustand middleware: a store whose state follows a document, and whose actions are transactions. */
  shared,
  /** How a document becomes the state of a store of your own. */
  type View,
  /** Runs one transaction of an action of your own. */
  type Write,
} from "../store/shared";
export type {
  /** A card, with its registers as plain values. */
  Card,
  /** What `setCard` changes of a card. */
  CardPatch,
  /** A column of a project. */
  Column,
  /** How saving and the connection stand. */
  ConnectionState,
  /** A store that its users hold. */
  Held,
  /** A label of a project. */
  Label,
  /** Who else is in a document, by face. */
  Person,
  /** Who is in a document, and what they see of me. */
  PresenceState,
  /** A project: its columns and cards, and what can be done with them. */
  ProjectState,
  /** saved, saving, device (not sent yet) or offline. */
  SaveState,
  /** Where a card goes. */
  Slot,
  /** The projects, calendars and members of a workspace. */
  WorkspaceState,
} from "../store/types";
export {
  /** The code of calendars, for `openClient`; a program that names it not does not load it. */
  calendars,
} from "./calendars";
export {
  /** The client of one server. */
  type Client,
  /** An address at which there can be no server of moim. */
  InvalidAddress,
  /** What `openClient` is told. */
  type OpenOptions,
  /** Opens the client of a server; a page has one. */
  openClient,
} from "./open_client";
export {
  /** A document that did not come, because there is none or it may not be opened. */
  NotReady,
  /** Edits that will not be saved by waiting. */
  NotSaved,
  /** Resolves when a document's content is there. */
  whenReady,
  /** Resolves when all edits made so far are on the server's disk. */
  whenSaved,
} from "./waiting";
