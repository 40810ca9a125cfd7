/** Names for new things: slugs that nobody else makes at the same time. */

const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";
const LENGTH = 12;
const WORD_LONGEST = 24;
const TAIL_LENGTH = 6;

export function newId(random: () => number, length = LENGTH): string {
  return Array.from({ length }, () => DIGITS[Math.floor(random() * DIGITS.length)]).join("");
}

/** An id that can be read in an address, when the name has letters for it. */
export function newNamedId(name: string, random: () => number): string {
  const word = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, WORD_LONGEST);
  return word === "" ? newId(random) : `${word}-${newId(random, TAIL_LENGTH)}`;
}

/** What card numbers begin with: the initials of a name, else `T`. */
export function prefixOf(name: string): string {
  const words = name.toUpperCase().match(/[A-Z0-9]+/g) ?? [];
  const [first = "T"] = words;
  return words.length > 1
    ? words
        .map((word) => word[0])
        .join("")
        .slice(0, 3)
    : first.slice(0, 2);
}
