/** What the pointer holds: told to the others while it is in the air, and let go. */

import { inZone } from "../../core/recurrence";
import type { Words } from "../language";
import { entryOf, unplanCard } from "./changes";
import type { Span } from "./dates";
import { movedWhen } from "./moves";
import type { CalendarContext } from "./session";

export function takeUp(calendar: CalendarContext, key: string): void {
  calendar.session.setState({ dragged: key, lift: null, opened: null, draft: null });
}

/** Others see where it would land now. */
export function tellDrag(calendar: CalendarContext, key: string, to: Span): void {
  const entry = entryOf(calendar, key);
  if (!entry || calendar.session.getState().dragged !== key) return;
  const { presences } = calendar.visible.documents;
  if (entry.kind === "card") {
    const presence = presences.get(`project/${entry.project}`)?.getState();
    presence?.setDrag({ event: entry.card.id, recurrenceId: null, when: [to.start, to.end, ""] });
    return;
  }
  const { event, recurrenceId, occurrence } = entry;
  const when = movedWhen(occurrence.when, to, calendar.zone, inZone);
  presences.get(`calendar/${entry.calendar}`)?.getState().setDrag({ event, recurrenceId, when });
}

export function tellNothing({ visible }: CalendarContext): void {
  for (const presence of visible.documents.presences.values()) presence.getState().setDrag(null);
}

/** A card that is let go over the tray loses its dates; all else lands in the grid, or nowhere. */
export function letGo(calendar: CalendarContext, event: MouseEvent | null, words: Words): void {
  const { dragged } = calendar.session.getState();
  const entry = dragged === null ? undefined : entryOf(calendar, dragged);
  calendar.session.setState({ dragged: null });
  tellNothing(calendar);
  if (entry?.kind === "card" && event && isOverTray(event)) unplanCard(calendar, entry, words);
}

/** A touch that ended says where in its list of changed touches. */
function isOverTray(event: MouseEvent): boolean {
  const touch = (event as MouseEvent & { changedTouches?: TouchList }).changedTouches?.[0];
  const { clientX, clientY } = touch ?? event;
  const [target] = event.composedPath();
  const root = (target instanceof Node ? target.getRootNode() : document) as Document | ShadowRoot;
  const under = root.elementsFromPoint(clientX, clientY);
  return under.some((element) => element.closest('[data-drop="tray"]') !== null);
}
