/** Edits that nobody sends any more: those of tabs that are gone, and of documents that are no more. */

import type { Clock } from "../core/clock";
import type { DocumentStore } from "../core/document_store";
import type { Journal } from "../core/journal";
import type { Replica } from "../core/replica";
import type { Shelf } from "../core/shelf";
import { rescue } from "../core/unsent";
import type { Documents } from "./documents";

/** Others take over what the leader of a document has not sent by then: it may sleep. */
const ADOPT_ANYWAY_AFTER_MS = 3_000;
/** How often edits are looked for that a tab left which died without a word. */
const ADOPT_EVERY_MS = 30_000;

export interface AdoptionOptions {
  readonly documents: Documents;
  readonly store: DocumentStore;
  readonly shelf: Shelf;
  readonly journal: Journal;
  readonly replica: Replica;
  readonly clock: Clock;
  /** Told how many edits cannot be done again, as it is not known what they did. */
  readonly setMovedAside: (count: number) => void;
}

export class Adoption {
  #closed = false;
  #cancel: () => void = () => {};
  #cancelAnyway: () => void = () => {};

  constructor(private readonly options: AdoptionOptions) {}

  /** Takes over what is there, and from then on looks now and then. */
  async begin(): Promise<void> {
    await this.adopt();
    this.#adoptLater();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
    this.#cancelAnyway();
  }

  async adopt(): Promise<void> {
    this.#cancelAnyway();
    this.#cancelAnyway = this.options.clock.after(ADOPT_ANYWAY_AFTER_MS, () => {
      void this.#adopt(true);
    });
    await this.#adopt(false);
  }

  async #adopt(anyway: boolean): Promise<void> {
    if (this.#closed) return;
    try {
      await this.options.documents.adopt(anyway);
      await this.rescue();
    } catch (error) {
      console.error("moim: unsent edits on this device cannot be read", error);
    }
  }

  /** Edits of documents that are no more can be done again, where it is known what they did. */
  async rescue(): Promise<void> {
    const { journal, store, shelf } = this.options;
    await journal.settled();
    if (journal.error === null) this.options.setMovedAside(await rescue(store, shelf));
  }

  /** What a tab leaves is sent by the others as soon as it is gone. */
  async watchTabs(): Promise<void> {
    if (this.#closed) return;
    await this.options.replica.watchOthers(() => void this.adopt());
  }

  #adoptLater(): void {
    this.#cancel = this.options.clock.after(ADOPT_EVERY_MS, () => {
      void this.adopt();
      this.#adoptLater();
    });
  }
}
