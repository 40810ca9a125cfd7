/** A document that is simply there, for tests of what stores make of its content. */

import type * as Y from "yjs";
import type { SharedDocument } from "../core/document";

export function sharedOver(doc: Y.Doc): SharedDocument {
  const open: Pick<SharedDocument, "doc" | "ready" | "missing" | "role" | "unsent" | "listen"> = {
    doc,
    ready: true,
    role: "editor",
    missing: null,
    unsent: [],
    listen: () => () => {},
  };
  return open as SharedDocument;
}
