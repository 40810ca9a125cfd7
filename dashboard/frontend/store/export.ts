/** Everything unsent as a file, so that a person can keep it when a browser may not. */

import type { OutboxRow } from "../core/database";
import type { DocumentStore } from "../core/document_store";
import type { Edit } from "../core/outbox";
import type { Shelf } from "../core/shelf";
import type { Documents } from "./documents";

export async function exportedOutbox(
  documents: Documents,
  store: DocumentStore,
  shelf: Shelf,
  nowMs: number,
): Promise<Blob> {
  const waiting = documents.all.flatMap(({ document, unsent }) =>
    unsent.map((edit) => written(document, edit)),
  );
  const kept = (await store.setAside()).map(({ row }) => written(row.document, row));
  const refused = shelf.refused.map(({ updates, ...edit }) => ({
    ...edit,
    updates: updates.map(base64),
  }));
  const file = {
    format: "moim.outbox.1",
    exported_at_ms: nowMs,
    waiting,
    set_aside: kept,
    refused,
  };
  return new Blob([JSON.stringify(file, null, 2)], { type: "application/json" });
}

function written(document: string, edit: Edit | OutboxRow): object {
  const { update, touched, base_seq, atMs, changes = [] } = edit;
  return { document, at_ms: atMs, base_seq, touched, changes, update: base64(update) };
}

function base64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
