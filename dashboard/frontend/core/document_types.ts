/** What a shared document needs, and what it tells. */

import type { Clock } from "./clock";
import type { DocumentStore } from "./document_store";
import type { Provider } from "./provider";
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

export interface DocumentOptions {
  readonly document: string;
  /** True: it is made if no server has it. */
  readonly create: boolean;
  readonly store: DocumentStore;
  readonly shelf: Shelf;
  readonly provider: Provider;
  readonly replica: () => string;
  readonly clock: Clock;
  /** Shows an edit to the other tabs of this browser, when this device keeps it, or that it was refused. */
  readonly share: (message: TabEdit | TabRefusal) => void;
}
