/**
 * When a series starts, in wall time as if clocks never changed (`wall_time.ts`): the start of the
 * event itself, which always counts as the first, and what the rule gives after it.
 */

import { RRuleTemporal } from "rrule-temporal";
import { Temporal } from "temporal-polyfill";
import type { SeriesEvent } from "./recurrence_types";
import { parseRule, ruleFields, ruleText, untilWall } from "./rule";
import { DAY_MS, lengthOf, momentOf, wallOf } from "./wall_time";
import { isDay } from "./when";

/** How much work a rule may make. */
export interface Limits {
  /** Of starts. */
  readonly most: number;
  readonly deadlineMs: number;
  /** ms of any origin. */
  readonly now: () => number;
}

export const LIMITS: Limits = { most: 5_000, deadlineMs: 50, now: () => performance.now() };

export interface Found {
  readonly walls: readonly number[];
  /** True: there were more, and a limit was met. */
  readonly cut: boolean;
}

/** The library looks at one such span at a time, so that a limit is met between two of them. */
const STRIDE_MS = 1_000 * DAY_MS;

export function repeats({ rule, extra }: SeriesEvent): boolean {
  return Boolean(rule) || Boolean(extra);
}

/** True for a series that the editor cannot make: only the server expands it. */
export function isServed(event: SeriesEvent): boolean {
  if (event.deleted !== null || !repeats(event)) return false;
  return Boolean(event.extra) || parseRule(event.rule ?? "") === null;
}

/** The starts of an event that `isServed` does not name; kept for as long as the event is the same. */
export function startsOf(event: SeriesEvent): SeriesStarts {
  const known = KNOWN.get(event);
  if (known) return known;
  const starts = new SeriesStarts(event);
  KNOWN.set(event, starts);
  return starts;
}

const KNOWN = new WeakMap<SeriesEvent, SeriesStarts>();

export class SeriesStarts {
  readonly firstWall: number;
  readonly lengthMs: number;
  readonly asDay: boolean;
  readonly #rule: RRuleTemporal | null;

  constructor({ when, rule }: SeriesEvent) {
    this.asDay = isDay(when[0]);
    this.firstWall = wallOf(when[0]);
    this.lengthMs = lengthOf(when);
    this.#rule = rule ? reading(rule, this.firstWall) : null;
  }

  /** What starts from one wall time to another, both included. */
  between(fromWall: number, toWall: number, limits: Limits): Found {
    if (this.#rule === null) {
      const isInside = fromWall <= this.firstWall && this.firstWall <= toWall;
      return { walls: isInside ? [this.firstWall] : [], cut: false };
    }
    // the library leaves a first out that the rule does not give
    const walls = fromWall <= this.firstWall && this.firstWall <= toWall ? [this.firstWall] : [];
    const deadline = limits.now() + limits.deadlineMs;
    const begin = Math.max(fromWall, this.firstWall);
    for (let at = begin; at <= toWall; at += STRIDE_MS) {
      if (at > begin && limits.now() > deadline) return { walls, cut: true };
      const stride = this.#stride(at, Math.min(at + STRIDE_MS - 1, toWall));
      if (stride[0] === this.firstWall) stride.shift();
      if (stride.length > limits.most - walls.length) {
        walls.push(...stride.slice(0, limits.most - walls.length));
        return { walls, cut: true };
      }
      walls.push(...stride);
    }
    return { walls, cut: false };
  }

  /** All from the first on; only for a rule that ends. */
  all(limits: Limits): Found {
    if (this.#rule === null) return { walls: [this.firstWall], cut: false };
    const walls = [this.firstWall];
    const deadline = limits.now() + limits.deadlineMs;
    let cut = false;
    try {
      this.#rule.all(({ epochMilliseconds }) => {
        if (epochMilliseconds === this.firstWall) return true;
        cut = walls.length === limits.most || limits.now() > deadline;
        if (!cut) walls.push(epochMilliseconds);
        return !cut;
      });
    } catch {
      // the library has counters of its own, and gives up past the last year that it can write
      cut = true;
    }
    return { walls, cut };
  }

  includes(wall: number): boolean {
    if (this.#rule === null || wall <= this.firstWall) return wall === this.firstWall;
    return this.#stride(wall, wall).length > 0;
  }

  /** How a start is written: a recurrence id. */
  written(wall: number): string {
    return momentOf(wall, this.asDay);
  }

  #stride(fromWall: number, toWall: number): number[] {
    try {
      const found = this.#rule?.between(new Date(fromWall), new Date(toWall), true) ?? [];
      return found.map(({ epochMilliseconds }) => epochMilliseconds);
    } catch {
      // as in `all`
      return [];
    }
  }
}

/**
 * Read in UTC, where clocks never change; null when nothing follows the first. A start that the rule
 * does not give is one of its COUNT all the same.
 */
function reading(text: string, firstWall: number): RRuleTemporal | null {
  const fields = new Map(ruleFields(text));
  const until = untilWall(fields.get("UNTIL") ?? "");
  if (until !== null) fields.set("UNTIL", basic(until));
  const rule = readRule(fields, firstWall);
  const count = Number(fields.get("COUNT") ?? 0);
  const first = new Date(firstWall);
  if (count === 0 || rule.between(first, first, true).length > 0) return rule;
  if (count === 1) return null;
  return readRule(fields.set("COUNT", String(count - 1)), firstWall);
}

function readRule(fields: ReadonlyMap<string, string>, firstWall: number): RRuleTemporal {
  const dtstart = Temporal.Instant.fromEpochMilliseconds(firstWall).toZonedDateTimeISO("UTC");
  return new RRuleTemporal({ rruleString: `RRULE:${ruleText(fields)}`, dtstart });
}

/** `YYYYMMDDTHHMMSSZ`. */
function basic(wall: number): string {
  return `${new Date(wall).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}
