/** What a close code asks of a client (PROTOCOL.md, close codes). */

export const OVERLOADED = new Set([1013, 4500, 4503]);
const SILENT_CLOSE = 4408;

export function isFinal(code: number): boolean {
  return code >= 4400 && code <= 4499 && code !== SILENT_CLOSE;
}
