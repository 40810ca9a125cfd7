/**
 * Where an entity stands in its order: base-62 fractions with jitter. The rules and the reasons are in
 * `data/moim_data/documents/place.py`; both are held to `tests/vectors/place.json`.
 */

/** Gives a number in [0, 1), as `Math.random` does. */
export type Random = () => number;

export interface Place {
  readonly column: string;
  readonly key: string;
}

/** The key of what is inserted, and new keys of neighbours (by index) that had to move apart. */
export interface Insertion {
  readonly key: string;
  readonly rekeyed: ReadonlyMap<number, string>;
}

export const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** A key longer than this is not written; its neighbours move apart instead. */
export const LONGEST = 48;

const BASE = 62n;
const ROOM = BASE ** 3n;
const OPEN_DIGITS = 6;
const REKEYED_LONGEST = LONGEST / 2;
const KEY = /^[0-9A-Za-z]*[1-9A-Za-z]$/;
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, BigInt(value)]));

export function isKey(text: string): boolean {
  return KEY.test(text);
}

/** Takes `<column id>|<key>` apart; null when it is not one. */
export function splitPlace(place: string): Place | null {
  const bar = place.indexOf("|");
  const key = place.slice(bar + 1);
  return bar > 0 && isKey(key) ? { column: place.slice(0, bar), key } : null;
}

export function joinPlace(column: string, key: string): string {
  return `${column}|${key}`;
}

/** Order of entities: by key, ties by id. */
export function comparePlaced(
  a: { readonly key: string; readonly id: string },
  b: { readonly key: string; readonly id: string },
): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** Gives a key strictly between two others; null is the open end. */
export function keyBetween(before: string | null, after: string | null, random: Random): string {
  return stripped(draw(before, after, random));
}

/** Gives `count` rising keys under one random prefix: two bulk inserts never interleave. */
export function keysBetween(
  before: string | null,
  after: string | null,
  count: number,
  random: Random,
): string[] {
  if (count === 0) return [];
  const prefix = draw(before, after, random);
  const parts = BigInt(count + 1);
  let width = 1;
  while (BASE ** BigInt(width) < BASE * parts) width += 1;
  const step = BASE ** BigInt(width);
  return Array.from({ length: count }, (_, index) =>
    stripped(prefix + written((BigInt(index + 1) * step) / parts, width)),
  );
}

/**
 * Gives the key for an insertion before `keys[index]`, `keys` being in order. Equal neighbours and keys
 * over LONGEST are repaired: the smallest run of neighbours that gets short keys again is re-keyed.
 */
export function insertAt(keys: readonly string[], index: number, random: Random): Insertion {
  if (rising(keys, index, index)) {
    const key = keyBetween(...ends(keys, index, index), random);
    if (key.length <= LONGEST) return { key, rekeyed: new Map() };
  }
  for (let reach = 1; ; reach *= 2) {
    const low = Math.max(0, index - reach);
    const high = Math.min(keys.length, index + reach);
    if (!rising(keys, low, high)) continue;
    const fresh = keysBetween(...ends(keys, low, high), high - low + 1, random);
    const longest = Math.max(...fresh.map((key) => key.length));
    if (longest <= REKEYED_LONGEST || (low === 0 && high === keys.length)) {
      return rekeyed(fresh, low, index);
    }
  }
}

function rekeyed(fresh: readonly string[], low: number, index: number): Insertion {
  const own = index - low;
  const others = fresh.filter((_, offset) => offset !== own);
  return {
    key: fresh[own] as string,
    rekeyed: new Map(others.map((key, offset) => [low + offset, key])),
  };
}

function ends(keys: readonly string[], low: number, high: number): [string | null, string | null] {
  return [keys[low - 1] ?? null, keys[high] ?? null];
}

function rising(keys: readonly string[], low: number, high: number): boolean {
  const [before, after] = ends(keys, low, high);
  return before === null || after === null || before < after;
}

/** Draws digits strictly between the ends, trailing zeros kept; what is appended sorts before `after`. */
function draw(before: string | null, after: string | null, random: Random): string {
  checkEnds(before, after);
  const drawn = BigInt(Math.floor(random() * 2 ** 32));
  const inside = (before === null) === (after === null);
  for (let length = inside ? 1 : OPEN_DIGITS; ; length += 1) {
    const low = number(before ?? "", length);
    const high = after === null ? BASE ** BigInt(length) : number(after, length);
    const gap = high - low;
    if (inside) {
      if (gap >= ROOM) return written(low + gap / 4n + (((gap / 2n) * drawn) >> 32n), length);
    } else if (gap > 2n * ROOM) {
      const step = 1n + ((ROOM * drawn) >> 32n);
      return written(after === null ? low + step : high - step, length);
    }
  }
}

function checkEnds(before: string | null, after: string | null): void {
  for (const key of [before, after]) {
    if (key !== null && !isKey(key)) {
      throw new RangeError(`expected a base-62 key that does not end in 0, got ${key}`);
    }
  }
  if (before !== null && after !== null && before >= after) {
    throw new RangeError(`expected before < after, got ${before} and ${after}`);
  }
}

function number(key: string, length: number): bigint {
  let value = 0n;
  for (const digit of key.slice(0, length).padEnd(length, "0")) {
    value = value * BASE + (VALUES.get(digit) as bigint);
  }
  return value;
}

function written(value: bigint, length: number): string {
  let digits = "";
  let rest = value;
  for (let place = 0; place < length; place += 1) {
    digits = DIGITS.charAt(Number(rest % BASE)) + digits;
    rest /= BASE;
  }
  return digits;
}

function stripped(digits: string): string {
  return digits.replace(/0+$/, "");
}
