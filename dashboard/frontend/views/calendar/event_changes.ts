/** What the editor of a known event does with a change: written at once, or after a question. */

import type { StoreApi } from "zustand/vanilla";
import type { CalendarEvent, CalendarState, EventPatch } from "../../store/calendar_types";
import type { MoimClient } from "../../store/types";
import { concernsSeries, type FieldsPatch, isSeries } from "./event_fields";
import type { KnownTarget } from "./event_target";
import { deleteEvent, moveEvent, type Told, tellDone } from "./event_undo";
import { applyToSeries, type SeriesChange, type SeriesPatch, type SeriesScope } from "./scope";

export interface EventChanges extends Told {
  readonly client: MoimClient;
  readonly calendar: StoreApi<CalendarState>;
  readonly target: KnownTarget;
  /** null: the person would rather not. */
  readonly ask: (change: SeriesChange) => Promise<SeriesScope | null>;
  /** The event is another one now: in another calendar, or in a series that was cut off. */
  readonly onMoved: (target: KnownTarget) => void;
}

export function setFields(
  changes: EventChanges,
  event: CalendarEvent,
  { calendar: to, ...patch }: FieldsPatch,
): void {
  const { target } = changes;
  if (to !== undefined) moveTo(changes, event, to);
  else if (isOneOf(event, target) && concernsSeries(patch))
    void changeSeries(changes, event, patch);
  else setEvent(changes, event, patch);
}

/** Gives false when the person would rather not. */
export async function removeEvent(changes: EventChanges, event: CalendarEvent): Promise<boolean> {
  if (isOneOf(event, changes.target)) return changeSeries(changes, event, "deleted");
  tellDone(changes, "event.deleted", event.title, deleteEvent(changes.calendar, event.id).undo);
  return true;
}

function isOneOf(event: CalendarEvent, { recurrenceId }: KnownTarget): boolean {
  return recurrenceId !== null && isSeries(event);
}

function moveTo(changes: EventChanges, event: CalendarEvent, to: string): void {
  const { client, target, onMoved } = changes;
  const moved = moveEvent(client, target.calendar, event.id, to);
  if (!moved) return;
  tellDone(changes, "event.moved", event.title, moved.undo);
  onMoved({ ...target, calendar: to, event: moved.id });
}

/** Another time is easily set by mistake, so it is told with a way back. */
function setEvent(changes: EventChanges, { id, title }: CalendarEvent, patch: EventPatch): void {
  const state = changes.calendar.getState();
  const { undo } = state.together(() => state.setEvent(id, patch));
  if (patch.when !== undefined) tellDone(changes, "event.changed", title, undo);
}

async function changeSeries(
  changes: EventChanges,
  event: CalendarEvent,
  patch: SeriesPatch,
): Promise<boolean> {
  const { calendar, target, ask, onMoved } = changes;
  const { recurrenceId } = target;
  if (recurrenceId === null) return false;
  const scope = await ask({ calendar, event, recurrenceId, patch });
  if (scope === null) return false;
  const occurrence = { event: event.id, recurrenceId };
  const applied = applyToSeries(calendar.getState(), occurrence, patch, scope);
  const key = patch === "deleted" ? "event.deleted" : "event.changed";
  tellDone(changes, key, event.title, applied.undo);
  if (patch !== "deleted") onMoved({ ...target, recurrenceId: null, ...applied.occurrence });
  return true;
}
