/** Calendars in a page: those that the cell names, in a view that belongs to the page. */

import { useEffect, useMemo } from "react";
import { useStore } from "zustand";
import type { Cell } from "../../store/page_types";
import { Calendar } from "../calendar/calendar";
import { calendarFrame } from "../calendar/frame";
import { mayEdit } from "../role";
import { Unchosen } from "./gone";
import { useOpenPage } from "./session";

const FIRST_VIEW = "week";

export function CalendarCell({ cell }: { readonly cell: Cell }) {
  const { client } = useOpenPage();
  const isReady = useStore(client.workspace, (state) => state.ready);
  const all = useStore(client.workspace, (state) => state.calendars);
  const projects = useStore(client.workspace, (state) => state.projects);
  const shown = useMemo(
    () => ({
      calendars: cell.calendars.filter((id) => all.some((entry) => entry.id === id)),
      projects: cell.projects.filter((id) => projects.some((entry) => entry.id === id)),
    }),
    [cell.calendars, cell.projects, all, projects],
  );
  if (!isReady) return null;
  if (shown.calendars.length + shown.projects.length > 0)
    return <ShownCalendars cell={cell} {...shown} />;
  return <Unchosen cell={cell} isGone={cell.calendars.length + cell.projects.length > 0} />;
}

interface ShownCalendarsProps {
  readonly cell: Cell;
  readonly calendars: readonly string[];
  readonly projects: readonly string[];
}

function ShownCalendars({ cell, calendars, projects }: ShownCalendarsProps) {
  const { client, toasts, store, onGo } = useOpenPage();
  const { id } = cell;
  const view = cell.view ?? FIRST_VIEW;
  // The frame is made once; what the cell says is written into it below.
  // biome-ignore lint/correctness/useExhaustiveDependencies: as said
  const frame = useMemo(() => calendarFrame({ calendars, projects, view }), []);
  useEffect(
    () => frame.setState({ calendars, projects, view }),
    [frame, calendars, projects, view],
  );
  useEffect(
    () =>
      frame.subscribe((state, before) => {
        const page = store.getState();
        if (state.view !== before.view && mayEdit(page)) page.setCell(id, { view: state.view });
      }),
    [frame, store, id],
  );
  return (
    <Calendar
      client={client}
      frame={frame}
      toasts={toasts}
      compact
      onOpenCard={(project, card) => onGo({ kind: "project", id: project, entity: card })}
    />
  );
}
