/** Who answers a request of our origin: the kept page, the kept files, or nobody but the server. */

const PAGE = /^\/(?:(?:project|calendar|page)\/[A-Za-z0-9_-]{1,64})?$/;
/** A file of a bundle: its name ends with the hash of its content. */
const FILE = /^\/static\/[A-Za-z0-9_-]+-[A-Z0-9]{8}\.(?:js|css)$/;

export interface Asked {
  readonly method: string;
  readonly mode: string;
  readonly url: string;
}

export type Answerer = "page" | "file" | "server";

/** Data, sockets, sign-in and whatever changes something is always the server's to answer. */
export function answererOf({ method, mode, url }: Asked, origin: string): Answerer {
  const address = new URL(url);
  if (method !== "GET" || address.origin !== origin) return "server";
  if (mode === "navigate") return PAGE.test(address.pathname) ? "page" : "server";
  return FILE.test(address.pathname) ? "file" : "server";
}
