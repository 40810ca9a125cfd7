/** What is chosen from outside (an address, Python) is brought into sight; an address opens it too. */

import { useEffect, useRef } from "react";
import { useStore } from "zustand";
import { inZone } from "../../core/recurrence";
import { cardSpan, type Entry } from "./entries";
import { focusEntry } from "./keys";
import type { CalendarContext } from "./session";
import type { Shown } from "./shown";

/** The day of a chosen event or card, wherever it is; null: nobody knows it (yet). */
function dayOfSelection(
  selection: string,
  { calendars, projects }: Shown,
  zone: string,
): string | null {
  const [kind, document = "", id = "", recurrenceId] = selection.split("/");
  if (kind === "project") {
    const card = projects.get(document)?.cards[id];
    return (card && cardSpan(card)?.start) ?? null;
  }
  const event = calendars.get(document)?.events[id];
  if (!event || event.deleted) return null;
  return (recurrenceId ?? inZone(event.when, zone)[0]).slice(0, 10);
}

export function useReveal(
  calendar: CalendarContext,
  shown: Shown,
  entries: readonly Entry[],
  open: (key: string, element: HTMLElement) => void,
  root: { readonly current: HTMLElement | null },
  /** False: it is only shown. */
  opens: boolean,
): void {
  const selection = useStore(calendar.frame, (state) => state.selection);
  const revealed = useRef<string | null>(null);
  useEffect(() => {
    if (selection === null) revealed.current = null;
    if (selection === null || revealed.current === selection) return;
    const found = entries.find(({ key }) => key === selection || key.startsWith(`${selection}/`));
    const day = dayOfSelection(selection, shown, calendar.zone);
    if (!found) {
      if (day !== null && calendar.frame.getState().date !== day)
        calendar.frame.setState({ date: day });
      return;
    }
    const isMine = calendar.visible.chosen === selection || calendar.session.getState().opened;
    if (!opens || isMine) {
      revealed.current = selection;
      return;
    }
    if (day !== null && calendar.frame.getState().date !== day)
      calendar.frame.setState({ date: day });
    const frame = requestAnimationFrame(() => {
      const element = focusEntry(root.current, found.key);
      if (!element) return;
      revealed.current = selection;
      open(found.key, element);
    });
    return () => cancelAnimationFrame(frame);
  }, [selection, entries, shown, calendar, open, root, opens]);
}
