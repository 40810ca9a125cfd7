/** Web Locks among the pretended tabs of one browser; `tab()` gives each its own manager. */

type Callback = (lock: Lock | null) => unknown;

interface Held {
  readonly name: string;
  readonly tab: object;
}

export class MemoryLocks {
  #held: Held[] = [];
  #waiting: { readonly name: string; readonly tab: object; readonly grant: () => void }[] = [];

  /** Locks of one tab, and its death. */
  tab(): { locks: LockManager; die: () => void } {
    const tab = {};
    const request = (name: string, options: LockOptions | Callback, callback?: Callback) =>
      callback === undefined
        ? this.#request(tab, name, {}, options as Callback)
        : this.#request(tab, name, options as LockOptions, callback);
    const query = async () => ({ held: this.#held.map(({ name }) => ({ name })), pending: [] });
    return {
      locks: { request, query } as unknown as LockManager,
      die: () => {
        this.#waiting = this.#waiting.filter((waiting) => waiting.tab !== tab);
        for (const held of this.#held) if (held.tab === tab) this.#free(held);
      },
    };
  }

  async #request(tab: object, name: string, options: LockOptions, run: Callback) {
    await Promise.resolve();
    const isTaken = this.#held.some((held) => held.name === name);
    if (isTaken && options.ifAvailable) return run(null);
    if (isTaken) await new Promise<void>((grant) => this.#waiting.push({ name, tab, grant }));
    const held = { name, tab };
    this.#held.push(held);
    try {
      return await run({ name, mode: "exclusive" });
    } finally {
      this.#free(held);
    }
  }

  #free(held: Held): void {
    this.#held = this.#held.filter((other) => other !== held);
    const next = this.#waiting.find(({ name }) => name === held.name);
    this.#waiting = this.#waiting.filter((waiting) => waiting !== next);
    next?.grant();
  }
}
