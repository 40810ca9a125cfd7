/**
 * A shared text as its readers see it: what it says, whether it is there, and which one it is. The text
 * at a path may appear later, and the whole document may be replaced (another lineage).
 */

import * as Y from "yjs";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { SharedDocument } from "../core/document";
import { FROM_STORE, fieldsOf, mayEdit } from "./shared";
import type { HeldText, TextState } from "./types";

export class SharedText implements HeldText {
  readonly store: StoreApi<TextState>;
  #text: Y.Text | null;
  #unfollow: () => void = () => {};
  readonly #unlisten: () => void;
  readonly #root: string;
  readonly #id: string;
  readonly #field: string;

  constructor(
    readonly document: SharedDocument,
    readonly path: string,
    private readonly letGo: () => void,
  ) {
    const [root = "", id = "", field = ""] = path.split("/");
    [this.#root, this.#id, this.#field] = [root, id, field];
    this.#text = this.#found();
    this.store = createStore<TextState>(() => stateOf(this.#text, 0));
    this.#follow();
    this.#unlisten = document.listen((event) => {
      if (event.type === "replaced") this.#follow();
    });
  }

  /** For the binding of an editor; null while there is none. */
  get text(): Y.Text | null {
    return this.#text;
  }

  begin(): void {
    const { doc } = this.document;
    const fields = fieldsOf(doc, this.#root, this.#id);
    if (this.#text !== null || fields === undefined || !mayEdit(this.document)) return;
    doc.transact(() => fields.set(this.#field, new Y.Text()), FROM_STORE);
  }

  release(): void {
    this.#unlisten();
    this.#unfollow();
    this.letGo();
  }

  #follow(): void {
    this.#unfollow();
    const { doc } = this.document;
    const onTransaction = (transaction: Y.Transaction) => this.#look(transaction);
    doc.on("afterTransaction", onTransaction);
    this.#unfollow = () => doc.off("afterTransaction", onTransaction);
    this.#look(null);
  }

  #look(transaction: Y.Transaction | null): void {
    const found = this.#found();
    const { generation } = this.store.getState();
    if (found !== this.#text) {
      this.#text = found;
      this.store.setState(stateOf(found, generation + 1));
    } else if (found !== null && (transaction === null || touches(transaction, found)))
      this.store.setState(stateOf(found, generation));
  }

  #found(): Y.Text | null {
    const value = fieldsOf(this.document.doc, this.#root, this.#id)?.get(this.#field);
    return value instanceof Y.Text ? value : null;
  }
}

function touches({ changed }: Y.Transaction, text: Y.Text): boolean {
  return [...changed.keys()].some((type) => Object.is(type, text));
}

function stateOf(text: Y.Text | null, generation: number): TextState {
  return { exists: text !== null, text: text?.toString() ?? "", generation };
}
