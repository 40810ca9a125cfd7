/** What the dates of a series become, before anybody says yes. */

import { movedRule, ruleFrom, seriesWhen } from "../../core/recurrence";
import type { CalendarEvent, EventPatch, Exceptions, When } from "../../store/calendar_types";
import { ruledWhen } from "./event_fields";
import type { SeriesPatch, SeriesScope } from "./series_changes";
import { imagined, nextWhens } from "./series_dates";

export interface DateChange {
  readonly key: string;
  /** null: there was none. */
  readonly before: When | null;
  /** null: there will be none. */
  readonly after: When | null;
  readonly isChanged: boolean;
}

const SHOWN = 5;

/** The dates from the first that changes on; none when the times stay, or only the server knows them. */
export function changedDates(
  event: CalendarEvent,
  exceptions: Exceptions,
  recurrenceId: string,
  patch: SeriesPatch,
  scope: SeriesScope,
): readonly DateChange[] {
  if (patch !== "deleted" && patch.when === undefined && patch.rule === undefined) return [];
  const from = scope === "all" ? event.when[0] : recurrenceId;
  const before = nextWhens(event, from, SHOWN).map((when) => ownWhen(when, exceptions));
  const after = datesAfter(event, recurrenceId, patch, scope, before);
  const rows = Math.max(before.length, after.length);
  return Array.from({ length: rows }, (_, at) => rowOf(at, before[at] ?? null, after[at] ?? null));
}

function rowOf(at: number, before: When | null, after: When | null): DateChange {
  return { key: String(at), before, after, isChanged: String(before) !== String(after) };
}

/** Where an exception has put one of the series; null: nowhere. */
function ownWhen(when: When, exceptions: Exceptions): When | null {
  const own = exceptions[when[0]];
  return own?.excluded ? null : (own?.when ?? when);
}

function datesAfter(
  event: CalendarEvent,
  recurrenceId: string,
  patch: SeriesPatch,
  scope: SeriesScope,
  before: readonly (When | null)[],
): readonly (When | null)[] {
  if (patch === "deleted") return scope === "this" ? [null, ...before.slice(1)] : [];
  if (scope === "this") return [patch.when ?? before[0] ?? null, ...before.slice(1)];
  const next =
    scope === "all"
      ? wholeAfter(event, recurrenceId, patch)
      : restAfter(event, recurrenceId, patch);
  return nextWhens(imagined(next.when, next.rule), next.when[0], SHOWN);
}

interface Next {
  readonly when: When;
  readonly rule: string | null;
}

function wholeAfter(event: CalendarEvent, recurrenceId: string, { when, rule }: EventPatch): Next {
  const first = when ? seriesWhen(event, recurrenceId, when) : event.when;
  return { when: first, rule: nextRule(event.rule, rule, event.when[0], first[0]) };
}

function restAfter(event: CalendarEvent, recurrenceId: string, { when, rule }: EventPatch): Next {
  const first = when ?? ruledWhen(event, recurrenceId);
  const rest = event.rule && ruleFrom(event, recurrenceId);
  return { when: first, rule: nextRule(rest, rule, recurrenceId, first[0]) };
}

function nextRule(
  old: string | null,
  patched: string | null | undefined,
  from: string,
  to: string,
): string | null {
  if (patched !== undefined) return patched;
  return old && movedRule(old, from, to);
}
