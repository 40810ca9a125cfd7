/** The open documents of a client. One stays open while somebody holds it or it has unsent edits. */

import type { SharedDocument } from "../core/document";
import type { DocumentStore } from "../core/document_store";
import type { DocumentEvent } from "../core/document_types";

interface Open {
  readonly shared: SharedDocument;
  holders: number;
}

export class Documents {
  readonly #open = new Map<string, Open>();
  readonly #listeners = new Set<(document: SharedDocument, event: DocumentEvent) => void>();

  constructor(
    private readonly make: (document: string, create: boolean) => SharedDocument,
    private readonly store: DocumentStore,
  ) {}

  get all(): SharedDocument[] {
    return [...this.#open.values()].map(({ shared }) => shared);
  }

  find(document: string): SharedDocument | undefined {
    return this.#open.get(document)?.shared;
  }

  listen(listener: (document: SharedDocument, event: DocumentEvent) => void): void {
    this.#listeners.add(listener);
  }

  /** Opens a document, or joins those who hold it; `release` is to be called once. */
  hold(document: string, create = false): { shared: SharedDocument; release: () => void } {
    const open = this.#open.get(document) ?? this.#begin(document, create);
    open.holders += 1;
    let released = false;
    const release = () => {
      if (released) return;
      released = true;
      open.holders -= 1;
      this.#closeIfIdle(document);
    };
    return { shared: open.shared, release };
  }

  /**
   * Finds edits that nobody sends: of earlier pages, and of tabs that are gone. Those of a document are
   * taken over by the tab that leads there, or `anyway`.
   */
  async adopt(anyway: boolean): Promise<void> {
    const found = await this.store.unsent();
    await Promise.all(found.map((document) => this.#adopt(document, anyway)));
  }

  async #adopt(document: string, anyway: boolean): Promise<void> {
    const { shared, release } = this.hold(document);
    try {
      await shared.loaded;
      if (anyway || shared.leads) shared.adopt(await this.store.left(document));
    } finally {
      release();
    }
  }

  close(): void {
    for (const { shared } of this.#open.values()) shared.close();
    this.#open.clear();
  }

  #begin(document: string, create: boolean): Open {
    const open = { shared: this.make(document, create), holders: 0 };
    this.#open.set(document, open);
    open.shared.listen((event) => {
      for (const listener of this.#listeners) listener(open.shared, event);
      if (event.type === "outbox") this.#closeIfIdle(document);
    });
    return open;
  }

  #closeIfIdle(document: string): void {
    const open = this.#open.get(document);
    if (open === undefined || open.holders > 0 || open.shared.unsent.length > 0) return;
    this.#open.delete(document);
    open.shared.close();
  }
}
