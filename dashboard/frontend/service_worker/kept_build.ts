/**
 * One build of the front end, kept whole: the page and every file it may ever load, or nothing. Builds
 * lie in caches of their own, so that no page gets chunks of two.
 */

import { buildIn, isNameOfBuild, nameOfBuild } from "../core/build";

/** All addresses of the dashboard answer with the same page. */
const PAGE = "/";

export interface KeptBuildOptions {
  readonly build: string;
  readonly files: readonly string[];
  readonly caches: CacheStorage;
  readonly fetch: typeof fetch;
}

export class KeptBuild {
  readonly #name: string;

  constructor(private readonly options: KeptBuildOptions) {
    this.#name = nameOfBuild(options.build);
  }

  /** Resolves when all is kept; rejects when a file is not there, or the server has another build. */
  async install(): Promise<void> {
    const { caches, files, fetch } = this.options;
    const cache = await caches.open(this.#name);
    try {
      await cache.addAll(files);
      const page = await fetch(PAGE, { cache: "no-store" });
      if (!(await this.#keepPage(page)))
        throw new Error(`expected the page of build ${this.options.build}, got another answer`);
    } catch (error) {
      if ((await cache.match(PAGE)) === undefined) await caches.delete(this.#name);
      throw error;
    }
  }

  /** The kept page; undefined when the browser has dropped it. */
  async page(): Promise<Response | undefined> {
    const cache = await this.options.caches.open(this.#name);
    return cache.match(PAGE);
  }

  /** Keeps what a server just answered when it is the page of this build; true if it was. */
  async #keepPage(answer: Response): Promise<boolean> {
    if (!answer.ok || answer.redirected) return false;
    const copy = answer.clone();
    if (buildIn(await answer.text()) !== this.options.build) return false;
    const cache = await this.options.caches.open(this.#name);
    await cache.put(PAGE, copy);
    return true;
  }

  /** The same page again may say something new of who is here. */
  async renewPage(answer: Response): Promise<void> {
    await this.#keepPage(answer);
  }

  /** A kept file of any build: its name says its content. */
  async file(request: Request): Promise<Response | undefined> {
    return this.options.caches.match(request, { ignoreVary: true });
  }

  /** Drops other builds, except those that open pages run. */
  async dropOthers(running: ReadonlySet<string>): Promise<void> {
    const { caches } = this.options;
    for (const name of await caches.keys())
      if (isNameOfBuild(name) && name !== this.#name && !running.has(name))
        await caches.delete(name);
  }
}
