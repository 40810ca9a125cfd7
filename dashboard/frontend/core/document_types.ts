/** What a shared document needs, and what it tells. */

import type * as Y from "yjs";
import type { Clock } from "./clock";
import type { DocumentStore } from "./document_store";
import type { Edit } from "./outbox";
import type { Provider } from "./provider";
import type { Role } from "./role";
import type { Shelf } from "./shelf";
import type { TabEdit, TabRefusal } from "./tabs";

export type Missing = "unknown" | "refused";

/** What happened to a document, for those who count and show. */
export type DocumentEvent =
  | { readonly type: "content" }
  | { readonly type: "outbox" }
  | { readonly type: "saved"; readonly count: number }
  | { readonly type: "caught-up"; readonly received: number }
  | { readonly type: "role" }
  | { readonly type: "replaced" };

/** An open document as stores see it: its content, and how it stands. */
export interface LiveDocument {
  /** Its address on the server: `project/launch`. */
  readonly document: string;
  /** Another one after a "replaced" event. What is written to it is an edit of this person. */
  readonly doc: Y.Doc;
  /** False until content came from this device or from the server. */
  readonly ready: boolean;
  /** `unknown`: the server has no such document; `refused`: it may not be opened. */
  readonly missing: Missing | null;
  readonly role: Role;
  /** Edits that the server does not have yet, oldest first. */
  readonly unsent: readonly Edit[];
  /** Gives the unlisten. */
  listen(listener: (event: DocumentEvent) => void): () => void;
}

export interface DocumentOptions {
  readonly document: string;
  /** True: it is made if no server has it. */
  readonly create: boolean;
  readonly store: DocumentStore;
  readonly shelf: Shelf;
  readonly provider: Provider;
  readonly replica: () => string;
  readonly clock: Clock;
  /** By which tabs agree who keeps what the server sends; null: each of them does. */
  readonly locks: LockManager | null;
  /** Of this document, among all that pages of this origin show. */
  readonly lockName: string;
  /** Shows an edit to the other tabs of this browser, when this device keeps it, or that it was refused. */
  readonly share: (message: TabEdit | TabRefusal) => void;
}
