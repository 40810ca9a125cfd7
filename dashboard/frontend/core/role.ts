/** What a person may do in a document (PROTOCOL.md G1). */

export type Role = "owner" | "editor" | "viewer";

/** A role that this program does not know may not edit. */
export function roleOf(word: string): Role {
  return word === "owner" || word === "editor" ? word : "viewer";
}
