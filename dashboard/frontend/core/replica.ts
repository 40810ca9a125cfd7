/**
 * Which store of offline edits this tab is (PROTOCOL.md H1), and whose edits it may send.
 *
 * Why nothing is lost, however tabs come and go:
 * - A row leaves the outbox only after an ACK for a PUSH that held its bytes. Pushing the same bytes
 *   twice, by two tabs or under two replicas, merges to the same document. So it never harms to send
 *   a row that somebody else may be sending as well; not sending it would.
 * - `cs` numbers would be mixed up if two tabs used one replica at once: an ACK for the one could then
 *   stand for a number of the other. Therefore a tab owns its replica by a Web Lock, which the browser
 *   frees when the tab dies, and takes a free replica of this profile before it makes a new one.
 *   Without Web Locks (plain http elsewhere) a tab always makes a new one.
 * - A replica that nobody owns is dead; whoever finds its rows sends them as its own.
 *
 * Why each tab sends, and no leader for all of them: a tab in the background that led would be slowed or
 * frozen by the browser, and hold up what is done in the tab in front. Which tab keeps what comes from the
 * server is another matter (`kept_content.ts`): there a sleeper costs others seconds of work and no edit.
 */

import type { Database } from "./database";

const PREFIX = "moim-replica-";
/** Held as long as the replica is owned, to be waited for: a queue on the other would keep it taken. */
const ALIVE = "moim-alive-";

/** 32 hex digits. */
export function newHexId(random: () => number): string {
  const byte = () =>
    Math.floor(random() * 256)
      .toString(16)
      .padStart(2, "0");
  return Array.from({ length: 16 }, byte).join("");
}

export class Replica {
  #id: string;
  readonly #watched = new Set<string>();
  readonly #end = new AbortController();

  constructor(
    private readonly database: Database | null,
    private readonly locks: LockManager | null,
    private readonly random: () => number,
  ) {
    this.#id = newHexId(random);
  }

  get id(): string {
    return this.#id;
  }

  /** Takes a free replica of this profile, or makes one; to be called before anything is sent. */
  async acquire(): Promise<void> {
    if (this.database === null || this.locks === null) return;
    const known = await this.database.read((transaction) => transaction.list("replicas"));
    for (const { row } of known) {
      if (await this.#own(row.id)) return;
    }
    const id = newHexId(this.random);
    await this.database.write(async (transaction) => transaction.put("replicas", { id }));
    await this.#own(id);
  }

  release(): void {
    this.#end.abort();
  }

  /** Calls when a tab that lives now is gone, however it went. */
  async watchOthers(gone: () => void): Promise<void> {
    for (const id of await this.others()) {
      if (this.#watched.has(id)) continue;
      this.#watched.add(id);
      void this.#hold(ALIVE + id, () => {
        this.#watched.delete(id);
        gone();
      });
    }
  }

  /** Tells of which replicas rows are to be left alone, because a living tab sends them. */
  async others(): Promise<ReadonlySet<string>> {
    const { held = [] } = (await this.locks?.query()) ?? {};
    const ids = held
      .map(({ name = "" }) => name)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => name.slice(PREFIX.length));
    return new Set(ids.filter((id) => id !== this.#id));
  }

  /** Resolves at once with whether the lock was free; holds it until released. */
  #own(id: string): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const hold = (lock: Lock | null) => {
        resolve(lock !== null);
        if (lock === null) return;
        this.#id = id;
        void this.#hold(ALIVE + id, () => this.#ended());
        return this.#ended();
      };
      this.locks?.request(PREFIX + id, { ifAvailable: true }, hold).catch(reject);
    });
  }

  async #hold(name: string, run: () => unknown): Promise<void> {
    try {
      await this.locks?.request(name, { signal: this.#end.signal }, run);
    } catch (error) {
      if (!this.#end.signal.aborted) throw error;
    }
  }

  #ended(): Promise<void> {
    const { signal } = this.#end;
    return new Promise((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve());
    });
  }
}
