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

/** Smaller content is not worth another way. */
const LARGE_BYTES = 32_768;

export class Copy {
  readonly doc = new Y.Doc();
  readonly #changes = new WeakMap<Y.Transaction, readonly Change[]>();
  readonly #edited: (edit: LocalEdit) => void;
  #received: Uint8Array[] = [];

  constructor(edited: (edit: LocalEdit) => void) {
    this.#edited = edited;
    // What was deleted can be read right after a transaction, and not any more with its update.
    this.doc.on("afterTransaction", (t: Y.Transaction) => {
      if (t.local) this.#changes.set(t, changesOf(t));
    });
    this.doc.on("update", this.#updated);
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
    if (update.length < LARGE_BYTES || this.doc.store.clients.size > 0)
      this.#apply([update], FROM_SERVER);
    else this.#fill(update);
  }

  /**
   * Takes the first content of an empty document. All of it is new, so Yjs need not write it down
   * once more for us, which takes half as long as reading it. It writes a transaction down when it
   * cleans up after it and somebody listens; who edits because of the content does so in a later one.
   */
  #fill(update: Uint8Array): void {
    const listen = (t: Y.Transaction) => {
      if (t.origin !== FROM_SERVER) this.doc.on("update", this.#updated);
    };
    this.doc.off("update", this.#updated);
    this.doc.on("beforeObserverCalls", listen);
    try {
      this.#apply([update], FROM_SERVER);
    } finally {
      this.doc.off("beforeObserverCalls", listen);
      this.doc.on("update", this.#updated);
    }
    this.#received.push(update);
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

  readonly #updated = (
    update: Uint8Array,
    origin: unknown,
    _: Y.Doc,
    transaction: Y.Transaction,
  ): void => {
    if (transaction.local) {
      const changes = this.#changes.get(transaction) ?? [];
      this.#edited({ update, touched: touchedBy(transaction), changes });
    } else if (origin === FROM_SERVER) {
      this.#received.push(update);
    }
  };

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
