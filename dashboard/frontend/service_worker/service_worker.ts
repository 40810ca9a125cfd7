/**
 * Opens pages while the server is stopped. A page comes from the server, and from what is kept when the
 * server does not answer in time; files come from what is kept, for their names change with their
 * content. Everything else is none of this worker's business and goes to the server.
 *
 * A newer build takes over as soon as it is kept whole. Pages of the older one go on: their files stay
 * until the last of them is closed.
 */

import { RUNNING } from "../core/build";
import { KeptBuild } from "./kept_build";
import { answererOf } from "./routing";

declare const self: ServiceWorkerGlobalScope;

/** A server that is there answers in a few ms. */
const PAGE_TIMEOUT_MS = 2_500;

const kept = new KeptBuild({
  build: MOIM_BUILD,
  files: MOIM_FILES,
  caches: self.caches,
  fetch: self.fetch.bind(self),
});

self.addEventListener("install", (event) => {
  event.waitUntil(kept.install().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim().then(dropUnused));
});

self.addEventListener("message", (event) => {
  if (event.data === RUNNING) event.waitUntil(dropUnused());
});

self.addEventListener("fetch", (event) => {
  const answerer = answererOf(event.request, self.location.origin);
  if (answerer === "page") event.respondWith(page(event));
  if (answerer === "file") event.respondWith(file(event.request));
});

async function page(event: FetchEvent): Promise<Response> {
  const asking = fetch(event.request);
  const answer = await inTime(asking);
  if (answer !== null && answer.status < 500) {
    if (answer.ok) event.waitUntil(kept.renewPage(answer.clone()));
    return answer;
  }
  return (await kept.page()) ?? asking;
}

/** null: the server is away, or takes too long. */
async function inTime(asking: Promise<Response>): Promise<Response | null> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), PAGE_TIMEOUT_MS));
  return Promise.race([asking.catch(() => null), late]);
}

async function file(request: Request): Promise<Response> {
  return (await kept.file(request)) ?? fetch(request);
}

async function dropUnused(): Promise<void> {
  const { held = [] } = (await self.navigator.locks?.query()) ?? {};
  await kept.dropOthers(new Set(held.map(({ name = "" }) => name)));
}
