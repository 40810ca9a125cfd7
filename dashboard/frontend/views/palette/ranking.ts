/** The best answers to what was typed, among all that the workspace holds. */

import type { Line } from "../../store/searchable";
import { type Prepared, prepare, type Query, scoreOf } from "./matching";

export interface Ranked<Of> {
  readonly of: Of;
  readonly score: number;
}

/** Lines stay the same objects while their document does not change. */
const PREPARED = new WeakMap<Line, Prepared>();

export function preparedLine(line: Line): Prepared {
  const known = PREPARED.get(line);
  if (known !== undefined) return known;
  const prepared = prepare(line.title, line.text, line.number);
  PREPARED.set(line, prepared);
  return prepared;
}

/** The best of many, at most so many; among equals the earlier one. */
export function best<Of>(
  all: readonly Of[],
  query: Query,
  most: number,
  preparedOf: (one: Of) => Prepared,
): readonly Ranked<Of>[] {
  const found: Ranked<Of>[] = [];
  for (const one of all) {
    const score = scoreOf(query, preparedOf(one));
    if (score > 0) found.push({ of: one, score });
  }
  return found.sort((one, other) => other.score - one.score).slice(0, most);
}
