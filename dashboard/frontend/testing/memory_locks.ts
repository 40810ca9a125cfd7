/**
 * Web Locks among the pretended tabs of one browser, as the specification has them for exclusive locks;
 * `tab()` gives each its own manager.
 */

type Callback = (lock: Lock | null) => unknown;

interface Held {
  readonly name: string;
  readonly tab: object;
  /** Somebody has taken it away. */
  readonly steal: () => void;
}

interface Waiting {
  readonly name: string;
  readonly tab: object;
  readonly grant: () => void;
}

interface Asked {
  readonly tab: object;
  readonly name: string;
  readonly options: LockOptions;
  readonly run: Callback;
}

export class MemoryLocks {
  #held: Held[] = [];
  #waiting: Waiting[] = [];
  readonly #dead = new Set<object>();

  /** Locks of one tab, and its death. */
  tab(): { locks: LockManager; die: () => void } {
    const tab = {};
    const request = (name: string, options: LockOptions | Callback, callback?: Callback) =>
      callback === undefined
        ? this.#request({ tab, name, options: {}, run: options as Callback })
        : this.#request({ tab, name, options: options as LockOptions, run: callback });
    const query = async () => ({ held: this.#held.map(({ name }) => ({ name })), pending: [] });
    return {
      locks: { request, query } as unknown as LockManager,
      die: () => {
        this.#dead.add(tab);
        this.#waiting = this.#waiting.filter((waiting) => waiting.tab !== tab);
        for (const held of this.#held) if (held.tab === tab) this.#free(held);
      },
    };
  }

  #request(asked: Asked): Promise<unknown> {
    const { steal = false, ifAvailable = false, signal } = asked.options;
    if ((signal && (steal || ifAvailable)) || (steal && ifAvailable))
      return Promise.reject(new DOMException("options exclude each other", "NotSupportedError"));
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      queueMicrotask(() => {
        if (this.#dead.has(asked.tab)) return;
        if (steal) this.#takeAway(asked.name);
        const isTaken = !steal && this.#isTaken(asked.name);
        if (isTaken && ifAvailable) resolve(asked.run(null));
        else if (isTaken) this.#stand(asked, resolve, reject);
        else this.#grant(asked, resolve, reject);
      });
    });
  }

  #isTaken(name: string): boolean {
    return [...this.#held, ...this.#waiting].some((lock) => lock.name === name);
  }

  #takeAway(name: string): void {
    const stolen = this.#held.filter((held) => held.name === name);
    this.#held = this.#held.filter((held) => held.name !== name);
    for (const held of stolen) held.steal();
  }

  #stand(asked: Asked, resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
    const { tab, name, options } = asked;
    const waiting = { name, tab, grant: () => this.#grant(asked, resolve, reject) };
    this.#waiting.push(waiting);
    options.signal?.addEventListener("abort", () => {
      if (!this.#waiting.includes(waiting)) return;
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
      reject(options.signal?.reason);
    });
  }

  #grant(asked: Asked, resolve: (value: unknown) => void, reject: (error: unknown) => void): void {
    const { tab, name, run } = asked;
    const steal = () => reject(new DOMException("the lock was taken away", "AbortError"));
    const held = { name, tab, steal };
    this.#held.push(held);
    const done = (async () => run({ name, mode: "exclusive" }))();
    void done.then(resolve, reject).then(() => this.#free(held));
  }

  #free(held: Held): void {
    if (!this.#held.includes(held)) return;
    this.#held = this.#held.filter((other) => other !== held);
    const next = this.#waiting.find(({ name }) => name === held.name);
    if (next === undefined) return;
    this.#waiting = this.#waiting.filter((waiting) => waiting !== next);
    next.grant();
  }
}
