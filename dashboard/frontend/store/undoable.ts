/** Several edits as one transaction, and the way to take back just those. */

import * as Y from "yjs";
import type { SharedDocument } from "../core/document";
import { FROM_STORE, mayEdit } from "./shared";

export interface Undoable<T> {
  readonly result: T;
  /** Takes back what these edits did; what others wrote over it since then stays. */
  readonly undo: () => void;
}

/**
 * Yjs' own undo, for this one transaction: put back by hand, a former value would also overwrite
 * what somebody else has set meanwhile.
 */
export function undoable<T>(
  document: SharedDocument,
  roots: readonly string[],
  run: () => T,
): Undoable<T> {
  const { doc } = document;
  const manager = new Y.UndoManager(
    roots.map((root) => doc.getMap(root)),
    { trackedOrigins: new Set([FROM_STORE]) },
  );
  try {
    const result = doc.transact(run, FROM_STORE);
    return { result, undo: () => void (mayEdit(document) && manager.undo()) };
  } finally {
    manager.destroy();
  }
}
