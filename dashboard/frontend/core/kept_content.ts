/**
 * What this device keeps of what the server sends of one document, written by one of the tabs that have
 * it open: the leader, a second after something came. The others hold what came until they hear that it
 * is kept, by its number. Whoever holds something for longer than a leader that works needs, writes it
 * and takes the lead: a tab in the background may sleep for hours with its lock. So a browser that dies
 * keeps all but the last seconds, and those come again with the next SUB, as the state vector says.
 *
 * A leader that ends needs no farewell: the next one writes at once what it holds, which is all that is
 * not known to be kept.
 *
 * Edits of this person never wait for a leader. Their own tab brings them from the outbox to the content.
 */

import * as Y from "yjs";
import type { Clock } from "./clock";
import type { DocumentRow } from "./database";
import type { DocumentStore } from "./document_store";
import { Leader } from "./leader";

/** How long content from the server may wait to be kept: it can be had again. */
export const KEEP_AFTER_MS = 1_000;
/** The leader's second, and two for its disk and for telling. */
export const PATIENCE_MS = 3_000;
/** Rows after which the leader makes one of them. */
const MOST_ROWS = 256;

export interface KeptContentOptions {
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly about: () => DocumentRow;
  /** null: tabs cannot agree on one, or cannot hear each other. */
  readonly locks: LockManager | null;
  readonly lockName: string;
}

interface Part {
  readonly seq: number;
  readonly update: Uint8Array;
}

export class KeptContent {
  readonly #leader: Leader;
  /** Not known to be kept, in the order of their numbers. */
  #held: Part[] = [];
  #rows = 0;
  #cancel: (() => void) | null = null;

  constructor(private readonly options: KeptContentOptions) {
    const { locks, lockName } = options;
    this.#leader = new Leader(locks, lockName, () => this.#ledOrNot());
  }

  get leads(): boolean {
    return this.#leader.leads;
  }

  /** Resolves when it is known whether this tab leads. */
  begin(): Promise<void> {
    return this.#leader.begin();
  }

  /** With `seq` the document holds everything up to it. */
  received(seq: number, update: Uint8Array): void {
    this.#held.push({ seq, update });
    this.#wait();
  }

  /** Writes what is held, now and whoever leads. */
  keep(): void {
    this.#waitNoMore();
    if (this.#held.length === 0) return;
    const update = Y.mergeUpdates(this.#held.map((part) => part.update));
    this.#held = [];
    this.options.store.append(this.options.about(), update);
    this.rowAdded();
  }

  /** Another tab has written, and this device keeps everything up to `seq`. */
  keptElsewhere(seq: number): void {
    this.rowAdded();
    const held = this.#held.filter((part) => part.seq > seq);
    if (held.length === this.#held.length) return;
    this.#held = held;
    // It works: what is left has its time from now on.
    this.#waitNoMore();
    if (held.length > 0) this.#wait();
  }

  /** This tab or another one has added to the content. */
  rowAdded(): void {
    this.#rows += 1;
    if (this.#rows < MOST_ROWS || !this.leads) return;
    this.#rows = 0;
    const { document, lineage } = this.options.about();
    this.options.store.compact(document, lineage);
  }

  close(): void {
    this.keep();
    this.#leader.close();
  }

  #wait(): void {
    const { clock } = this.options;
    this.#cancel ??= this.leads
      ? clock.after(KEEP_AFTER_MS, () => this.keep())
      : clock.after(PATIENCE_MS, () => this.#takeTheLead());
  }

  #waitNoMore(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #takeTheLead(): void {
    this.keep();
    this.#leader.steal();
  }

  #ledOrNot(): void {
    this.#waitNoMore();
    if (this.leads) this.keep();
    else if (this.#held.length > 0) this.#wait();
  }
}
