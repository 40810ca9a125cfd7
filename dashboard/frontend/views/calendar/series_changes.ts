/** Changes of a series: what each scope writes, and what its dates become. */

import { isServed, seriesWhen } from "../../core/recurrence";
import type { CalendarEvent, CalendarState, EventPatch } from "../../store/calendar_types";
import { ruledWhen } from "./event_fields";

export type SeriesScope = "this" | "following" | "all";

/** What becomes of one event of a series, as the person changed it there. */
export type SeriesPatch = EventPatch | "deleted";

export interface SeriesOccurrence {
  readonly event: string;
  readonly recurrenceId: string;
}

export interface AppliedChange {
  readonly undo: () => void;
  /** Where the event that the person changed is now; null: nowhere, or no longer in a series. */
  readonly occurrence: SeriesOccurrence | null;
}

/**
 * Writes a change as one transaction. `patch.when` is the time of the event that the person changed;
 * all others keep their distance from it.
 */
export function applyToSeries(
  calendar: CalendarState,
  { event: id, recurrenceId }: SeriesOccurrence,
  patch: SeriesPatch,
  scope: SeriesScope,
): AppliedChange {
  const event = calendar.events[id];
  if (!event) return { undo: () => undefined, occurrence: null };
  const wide = scope === "following" && recurrenceId === event.when[0] ? "all" : scope;
  const { undo, result } = calendar.together(() =>
    patch === "deleted"
      ? remove(calendar, event, recurrenceId, wide)
      : change(calendar, event, recurrenceId, patch, wide),
  );
  return { undo, occurrence: result };
}

function remove(
  calendar: CalendarState,
  { id }: CalendarEvent,
  recurrenceId: string,
  scope: SeriesScope,
): null {
  if (scope === "this") calendar.setException(id, recurrenceId, { excluded: true });
  else if (scope === "following") calendar.endSeries(id, recurrenceId);
  else calendar.deleteEvent(id);
  return null;
}

function change(
  calendar: CalendarState,
  event: CalendarEvent,
  recurrenceId: string,
  patch: EventPatch,
  scope: SeriesScope,
): SeriesOccurrence | null {
  const { id } = event;
  if (scope === "this") {
    calendar.setException(id, recurrenceId, ownPatch(event, recurrenceId, patch));
    return { event: id, recurrenceId };
  }
  if (scope === "following") {
    const rest = calendar.splitSeries(id, recurrenceId, patch);
    return occurrenceOf(rest, patch, patch.when?.[0] ?? recurrenceId);
  }
  // What one event had of its own gives way to what all have now, or it would not follow them.
  const own = calendar.exceptions[id]?.[recurrenceId];
  const names = Object.keys(patch).filter((name) => name in (own ?? {}));
  if (names.length > 0) calendar.setException(id, recurrenceId, nothingOf(names));
  const whole = seriesPatch(event, recurrenceId, patch);
  calendar.setSeries(id, whole);
  const first = whole.when?.[0] ?? event.when[0];
  return occurrenceOf(id, patch, patch.rule ? first : (patch.when?.[0] ?? recurrenceId));
}

function occurrenceOf(
  event: string,
  { rule }: EventPatch,
  recurrenceId: string,
): SeriesOccurrence | null {
  return rule === null ? null : { event, recurrenceId };
}

function nothingOf(names: readonly string[]): Readonly<Record<string, null>> {
  return Object.fromEntries(names.map((name) => [name, null]));
}

/** A value that is the series' own needs no exception. */
function ownPatch(event: CalendarEvent, recurrenceId: string, patch: EventPatch) {
  const { title, when, location, status } = patch;
  const ruled = ruledWhen(event, recurrenceId);
  return {
    ...(title !== undefined && { title: title === event.title ? null : title }),
    ...(when !== undefined && { when: String(when) === String(ruled) ? null : when }),
    // An exception cannot take a place away; it can leave it empty.
    ...(location !== undefined && {
      location: location === event.location ? null : (location ?? ""),
    }),
    ...(status !== undefined && { status: status === event.status ? null : status }),
  };
}

/** The patch for the series as a whole: its first event moves as this one did. */
export function seriesPatch(
  event: CalendarEvent,
  recurrenceId: string,
  patch: EventPatch,
): EventPatch {
  if (patch.when === undefined) return patch;
  return { ...patch, when: seriesWhen(event, recurrenceId, patch.when) };
}

/** The scopes that a change may have: a rule belongs to several events, never to one. */
export function scopesOf(event: CalendarEvent, patch: SeriesPatch): readonly SeriesScope[] {
  const isOfOne = patch === "deleted" || !("rule" in patch);
  const canBeCut = !isServed(event);
  return [
    ...(isOfOne ? ["this" as const] : []),
    ...(canBeCut ? ["following" as const] : []),
    "all",
  ];
}
