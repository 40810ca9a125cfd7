/** The event editor of this calendar: of the event that is opened, or of one that is being made. */

import { type RefObject, useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { entryOf, newWhen, targetCalendar } from "./changes";
import { EventEditor, type EventTarget } from "./event_editor";
import { DRAFT_KEY } from "./items";
import { useCalendar } from "./session";

interface EditorsProps {
  readonly root: RefObject<HTMLElement | null>;
}

export function Editors({ root }: EditorsProps) {
  const { session } = useCalendar();
  const opened = useStore(session, (state) => state.opened);
  const draft = useStore(session, (state) => state.draft);
  if (opened) return <OpenedEvent key={opened.key} entry={opened.key} anchor={opened.anchor} />;
  return draft ? <NewEvent key={`${draft.start} ${draft.end}`} root={root} /> : null;
}

interface OpenedEventProps {
  readonly entry: string;
  readonly anchor: Element;
}

function OpenedEvent({ entry: key, anchor }: OpenedEventProps) {
  const calendar = useCalendar();
  const target = useMemo<EventTarget | null>(() => {
    const entry = entryOf(calendar, key);
    if (entry?.kind !== "event") return null;
    const { event, recurrenceId } = entry;
    return { kind: "event", calendar: entry.calendar, event, recurrenceId };
  }, [calendar, key]);
  const isReadonly = useStore(calendar.frame, (state) => state.readonly);
  const close = () => calendar.session.setState({ opened: null });
  if (!target) return null;
  return (
    <EventEditor
      client={calendar.client}
      target={target}
      anchor={anchor}
      toasts={calendar.toasts}
      readonly={isReadonly}
      onClose={close}
    />
  );
}

/** It stands beside the place on the grid, which is drawn first. */
function NewEvent({ root }: EditorsProps) {
  const calendar = useCalendar();
  const [anchor, setAnchor] = useState<Element | null>(null);
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const place = root.current?.querySelector(`[data-key="${DRAFT_KEY}"]`);
      setAnchor(place ?? root.current?.querySelector(".cal-add") ?? root.current);
    });
    return () => cancelAnimationFrame(frame);
  }, [root]);
  const target = useMemo<EventTarget | null>(() => {
    const { draft } = calendar.session.getState();
    const id = targetCalendar(calendar);
    if (!draft || id === undefined) return null;
    return { kind: "new", calendar: id, when: newWhen(calendar, draft) };
  }, [calendar]);
  if (!anchor || !target) return null;
  return (
    <EventEditor
      client={calendar.client}
      target={target}
      anchor={anchor}
      toasts={calendar.toasts}
      onClose={() => calendar.session.setState({ draft: null })}
    />
  );
}
