/** Which build of the front end a page runs, and the names by which its service worker knows it. */

const PREFIX = "moim-build-";

/** Where a build's files are kept, and the lock that a page of this build holds as long as it lives. */
export function nameOfBuild(build: string): string {
  return PREFIX + build;
}

/** Whether a cache, or a lock, is a build's. */
export function isNameOfBuild(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** The build that a page's HTML names; null for HTML that is not our page. */
export function buildIn(html: string): string | null {
  return /<meta name="moim-build" content="([^"]+)">/.exec(html)?.[1] ?? null;
}

/** What a page says to its service worker when it runs. */
export const RUNNING = "running";
