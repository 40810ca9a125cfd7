/** Web Locks among the pretended tabs of one test; `tab()` gives each its own manager. */

interface HeldLock {
  readonly name: string;
  readonly tab: object;
  readonly free: () => void;
}

type Callback = (lock: Lock | null) => unknown;

export class MemoryLocks {
  #held: HeldLock[] = [];

  /** Locks of one tab, and its death. */
  tab(): { locks: LockManager; die: () => void } {
    const tab = {};
    const request = (name: string, options: LockOptions | Callback, callback?: Callback) =>
      this.#request(tab, name, (callback ?? options) as Callback);
    const query = async () => ({ held: this.#held.map(({ name }) => ({ name })), pending: [] });
    return {
      locks: { request, query } as unknown as LockManager,
      die: () => {
        this.#held = this.#held.filter((lock) => lock.tab !== tab);
      },
    };
  }

  /** As with `ifAvailable`. */
  async #request(tab: object, name: string, callback: Callback): Promise<unknown> {
    await Promise.resolve();
    if (this.#held.some((lock) => lock.name === name)) return callback(null);
    const lock = { name, tab, free: () => {} };
    this.#held.push(lock);
    try {
      return await callback({ name, mode: "exclusive" });
    } finally {
      this.#held = this.#held.filter((other) => other !== lock);
    }
  }
}
