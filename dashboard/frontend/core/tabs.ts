/**
 * What the tabs of one browser tell each other: edits, so that they show the same also without a
 * server, that they open and close, so that another sends what they left, what this device keeps, so
 * that not every tab writes it, and that the shelf changed. Only a convenience: edits reach the server
 * by their own tab, or by whoever finds them in the outbox.
 */

/** The part of a BroadcastChannel that is used. */
export interface TabChannel {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

export interface TabEdit {
  readonly type: "edit";
  readonly document: string;
  readonly lineage: string;
  readonly update: Uint8Array;
}

/** The server refused edits of a document for good, which other tabs may show. */
export interface TabRefusal {
  readonly type: "refused";
  readonly document: string;
}

/** All content up to a number is on this device. */
export interface TabKept {
  readonly type: "kept";
  readonly document: string;
  readonly lineage: string;
  readonly seq: number;
}

export type TabMessage =
  | TabEdit
  | TabRefusal
  | TabKept
  | { readonly type: "hello" | "bye" | "shelf" };

export class Tabs {
  constructor(
    private readonly channel: TabChannel | null,
    heard: (message: TabMessage) => void,
  ) {
    if (channel === null) return;
    channel.onmessage = ({ data }) => {
      const message = messageOf(data);
      if (message !== null) heard(message);
    };
  }

  tell(message: TabMessage): void {
    this.channel?.postMessage(message);
  }

  close(): void {
    this.tell({ type: "bye" });
    this.channel?.close();
  }
}

/** Another tab may run another version of this program. */
function messageOf(data: unknown): TabMessage | null {
  if (typeof data !== "object" || data === null) return null;
  const { type, document, lineage, update, seq } = data as Partial<
    Record<keyof TabEdit | keyof TabKept, unknown>
  >;
  if (type === "hello" || type === "bye" || type === "shelf") return { type };
  if (type === "refused" && typeof document === "string") return { type, document };
  if (typeof document !== "string" || typeof lineage !== "string") return null;
  if (type === "kept" && typeof seq === "number") return { type, document, lineage, seq };
  return type === "edit" && update instanceof Uint8Array
    ? { type, document, lineage, update }
    : null;
}
