/**
 * Lets the pages of this origin open while the server is stopped: registers the service worker, and
 * holds a lock in the build's name, so that the worker keeps the files of this page while it is open.
 *
 * Browsers have service workers on https and on localhost only; elsewhere pages open with the server.
 */

import { nameOfBuild, RUNNING } from "./build";

const WORKER = "/service-worker.js";
const IDLE_AT_LAST = { timeout: 2_000 };

export interface PageKeeperOptions {
  readonly page: Window & typeof globalThis;
  /** The build that the page runs. */
  readonly build: string;
}

export class PageKeeper {
  #opens: boolean | null = null;
  #registering: Promise<void> | null = null;
  readonly #listeners = new Set<() => void>();
  readonly #workers: ServiceWorkerContainer | undefined;

  readonly #page: Window;

  constructor({ page, build }: PageKeeperOptions) {
    this.#page = page;
    this.#workers = page.isSecureContext ? page.navigator.serviceWorker : undefined;
    if (this.#workers === undefined) {
      this.#opens = false;
      return;
    }
    const forever = () => new Promise<void>(() => {});
    // refused where storage is: then the worker may drop this build's files while the page is open
    page.navigator.locks
      ?.request(nameOfBuild(build), { mode: "shared" }, forever)
      .catch(() => undefined);
    this.#workers.addEventListener("controllerchange", () => this.#tell());
    this.#tell();
  }

  /** Whether the pages open without the server; null: not known yet. */
  get opens(): boolean | null {
    return this.#opens;
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Registers the worker, or looks whether the server has a newer one. */
  check(): void {
    this.#registering ??= this.#register().finally(() => {
      this.#registering = null;
    });
  }

  async #register(): Promise<void> {
    const workers = this.#workers;
    if (workers === undefined) return;
    await idle(this.#page);
    try {
      const registration = await workers.register(WORKER, { updateViaCache: "none" });
      if (registration.active === null) await installed(registration);
      else await registration.update();
      this.#say(registration.active !== null);
    } catch {
      // the server went meanwhile, or the browser keeps nothing: what is kept already still opens
      this.#say(workers.controller !== null);
    }
  }

  /** Pages of older builds may have gone: the worker drops what nobody runs any more. */
  #tell(): void {
    this.#workers?.controller?.postMessage(RUNNING);
    if (this.#workers?.controller) this.#say(true);
  }

  #say(opens: boolean): void {
    if (opens === this.#opens) return;
    this.#opens = opens;
    for (const listener of this.#listeners) listener();
  }
}

/** Keeping files must not slow down the page that is just opening. */
function idle(page: Window): Promise<void> {
  return new Promise((resolve) => {
    if ("requestIdleCallback" in page) page.requestIdleCallback(() => resolve(), IDLE_AT_LAST);
    else setTimeout(resolve, IDLE_AT_LAST.timeout);
  });
}

/** Resolves when the first worker is at work, or has given up. */
function installed(registration: ServiceWorkerRegistration): Promise<void> {
  const worker = registration.installing ?? registration.waiting;
  return new Promise((resolve) => {
    const look = () => {
      if (worker === null || worker.state === "activated" || worker.state === "redundant")
        resolve();
    };
    worker?.addEventListener("statechange", look);
    look();
  });
}
