/**
 * Which tab of a browser keeps what the server sends of a document: the one that holds the document's
 * Web Lock. The browser frees the lock however the tab ends, and the next in line has it at once.
 *
 * A tab that sleeps keeps its lock. Whoever notices that it does not do its work takes the lock away
 * (`steal`); it learns so when it wakes, and stands in line again. Nothing but work hangs on who leads:
 * for a moment two tabs may think that they do, and then both write the same.
 */
export class Leader {
  #leads = false;
  #closed = false;
  /** Ends what is asked for; a lock that is held ends by `#release`. */
  #waiting = new AbortController();
  #release: () => void = () => {};

  /**
   * `locks` null: tabs cannot agree, and each of them leads. `changed` is called when this tab comes to
   * lead, or does not any more.
   */
  constructor(
    private readonly locks: LockManager | null,
    private readonly name: string,
    private readonly changed: () => void,
  ) {}

  get leads(): boolean {
    return this.#leads;
  }

  /** Resolves when it is known whether this tab leads at once; later it may come to. */
  async begin(): Promise<void> {
    if (this.locks === null) return this.#set(true);
    await new Promise<void>((known) => {
      void this.#ask({ ifAvailable: true }, known).then(() => this.#standInLine());
    });
  }

  steal(): void {
    if (this.#leads || this.#closed) return;
    this.#waiting.abort();
    void this.#ask({ steal: true }, () => {}).then(() => this.#standInLine());
  }

  close(): void {
    this.#closed = true;
    this.#leads = false;
    this.#waiting.abort();
    this.#release();
  }

  async #standInLine(): Promise<void> {
    while (!this.#closed && !this.#leads) {
      const waiting = new AbortController();
      this.#waiting = waiting;
      await this.#ask({ signal: waiting.signal }, () => {});
      // Another request of ours has gone past this one, and goes on when it ends.
      if (waiting.signal.aborted) return;
    }
  }

  /** Resolves when the lock is not, or no longer, ours; `known` is called as soon as we have it or not. */
  async #ask(options: LockOptions, known: () => void): Promise<void> {
    const hold = (lock: Lock | null) => {
      if (lock !== null && !this.#closed) this.#set(true);
      known();
      if (lock === null || this.#closed) return undefined;
      return new Promise<void>((resolve) => {
        this.#release = resolve;
      });
    };
    try {
      await this.locks?.request(this.name, options, hold);
    } catch (error) {
      const isOrdinary = error instanceof DOMException && error.name === "AbortError";
      // A page that may have no locks: as where there are none.
      if (!isOrdinary) return this.#leadAlone(known, error);
      if (options.signal?.aborted !== true) this.#set(false);
    }
  }

  #leadAlone(known: () => void, error: unknown): void {
    console.warn(`moim: the lock ${this.name} cannot be had`, error);
    this.#set(true);
    known();
  }

  #set(leads: boolean): void {
    if (this.#closed || this.#leads === leads) return;
    this.#leads = leads;
    this.changed();
  }
}
