/** The copy of a document in this page: a Y.Doc, and where what comes into it is from. */

import * as Y from "yjs";
import { type Change, changesOf } from "./changes";
import { touchedBy } from "./touched";

/** What somebody did in this page. */
export interface LocalEdit {
  readonly update: Uint8Array;
  readonly touched: readonly string[];
  readonly changes: readonly Change[];
}

/** The origin of what was read from this device. */
const FROM_DEVICE = Symbol("device");
/** The origin of what another tab of this browser did, and sends. */
const FROM_TAB = Symbol("tab");
/** The origin of what came from the server. */
const FROM_SERVER = Symbol("server");

export class Copy {
  readonly doc = new Y.Doc();
  readonly #changes = new WeakMap<Y.Transaction, readonly Change[]>();
  #received: Uint8Array[] = [];

  constructor(edited: (edit: LocalEdit) => void) {
    // What was deleted can be read right after a transaction, and not any more with its update.
    this.doc.on("afterTransaction", (t: Y.Transaction) => {
      if (t.local) this.#changes.set(t, changesOf(t));
    });
    this.doc.on("update", (update: Uint8Array, origin: unknown, _doc: Y.Doc, t: Y.Transaction) => {
      if (t.local) edited({ update, touched: touchedBy(t), changes: this.#changes.get(t) ?? [] });
      else if (origin === FROM_SERVER) this.#received.push(update);
    });
  }

  /** True when something came that hangs on what did not come. */
  get hasGap(): boolean {
    return this.doc.store.pendingStructs !== null;
  }

  fromDevice(updates: readonly Uint8Array[]): void {
    this.#apply(updates, FROM_DEVICE);
  }

  fromTab(update: Uint8Array): void {
    this.#apply([update], FROM_TAB);
  }

  fromServer(update: Uint8Array): void {
    this.#apply([update], FROM_SERVER);
  }

  /** Everything new that came from the server since the last call; null: nothing. */
  takeReceived(): Uint8Array | null {
    if (this.#received.length === 0) return null;
    const update = Y.mergeUpdates(this.#received);
    this.#received = [];
    return update;
  }

  stateVector(): Uint8Array {
    return Y.encodeStateVector(this.doc);
  }

  /** All that a state vector lacks. */
  difference(stateVector: Uint8Array): Uint8Array {
    return Y.encodeStateAsUpdate(this.doc, stateVector);
  }

  destroy(): void {
    this.doc.destroy();
  }

  #apply(updates: readonly Uint8Array[], origin: symbol): void {
    Y.transact(
      this.doc,
      () => {
        for (const update of updates) Y.applyUpdate(this.doc, update, origin);
      },
      origin,
      false,
    );
  }
}
