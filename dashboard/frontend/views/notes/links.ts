/** Which addresses a note may lead to: the web, mail, and our own pages. */

const SCHEMES = new Set(["http:", "https:", "mailto:"]);

/** Gives the whole address, or null for one that nobody should follow. */
export function safeLink(written: string, base = globalThis.location?.href): string | null {
  const named = /^www\./i.test(written) ? `https://${written}` : written;
  const address = URL.parse(/^[^\s/:@]+@[^\s/:@]+$/.test(named) ? `mailto:${named}` : named, base);
  return address !== null && SCHEMES.has(address.protocol) ? address.href : null;
}
