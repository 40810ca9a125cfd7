/** The documents of a calendar's params, and what they put on the days in sight. */

import { useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { inZone, occurrencesBetween } from "../../core/recurrence";
import "../../store/page_calendars";
import type { CalendarState } from "../../store/calendar_types";
import type { ServedOccurrences } from "../../store/served_occurrences";
import type { MoimClient, PresenceState, ProjectState } from "../../store/types";
import { addDays, monthDays, type Span, weekOf } from "./dates";
import { CardEntries, type Entry, EventEntries } from "./entries";
import type { CalendarFrame } from "./frame";
import { LIST_DAYS } from "./grid";
import { useHeldMany, useStates } from "./held_many";
import type { Ghost } from "./items";
import { ownZone } from "./now";
import type { ShownDocuments } from "./session";

/** The days that are expanded: those in sight, and as many that a step of the bar or a key reaches. */
export function rangeOfView(view: string, date: string): Span {
  if (view === "month") {
    const days = monthDays(date);
    return { start: addDays(days[0] ?? date, -7), end: addDays(days.at(-1) ?? date, 8) };
  }
  const week = weekOf(date);
  return { start: addDays(week, -7), end: addDays(week, 7 + Math.max(7, LIST_DAYS)) };
}

export interface Shown {
  readonly documents: ShownDocuments;
  readonly calendars: ReadonlyMap<string, CalendarState>;
  readonly projects: ReadonlyMap<string, ProjectState>;
  /** Whether cards of projects are shown, here already or still to come. */
  readonly hasProjects: boolean;
  readonly presences: ReadonlyMap<string, PresenceState>;
  /** Of the series that only the server expands, by `<calendar>|<from>|<to>`. */
  readonly served: ReadonlyMap<string, ServedOccurrences>;
}

export function useShown(client: MoimClient, frame: CalendarFrame, range: Span): Shown {
  const calendarIds = useStore(frame, (state) => state.calendars);
  const projectIds = useStore(frame, (state) => state.projects);
  const hidden = useStore(frame, (state) => state.hidden);
  const shownCalendars = calendarIds.filter((id) => !hidden.includes(`calendar/${id}`));
  const shownProjects = projectIds.filter((id) => !hidden.includes(`project/${id}`));
  const [isFirstHere, setFirstHere] = useState(false);
  const opened = isFirstHere ? shownCalendars : shownCalendars.slice(0, 1);
  const openedProjects = isFirstHere ? shownProjects : [];
  const presenceIds = [
    ...opened.map((id) => `calendar/${id}`),
    ...openedProjects.map((id) => `project/${id}`),
  ];
  const calendars = useHeldMany(opened, (id) => client.calendar(id));
  const projects = useHeldMany(openedProjects, (id) => client.project(id));
  const presences = useHeldMany(presenceIds, (id) => client.presence(id));
  const documents = useMemo(
    () => ({ calendars, projects, presences }),
    [calendars, projects, presences],
  );
  const states = useStates(calendars);
  useFirst(shownCalendars[0] === undefined ? null : states.get(shownCalendars[0]), setFirstHere);
  const questions = opened.map((id) => `${id}|${range.start}|${range.end}`);
  const served = useHeldMany(questions, (question) => {
    const [id = "", from = "", to = ""] = question.split("|");
    return client.calendarOccurrences(id, from, to, ownZone());
  });
  return {
    documents,
    served: useStates(served),
    calendars: states,
    projects: useStates(projects),
    hasProjects: shownProjects.length > 0,
    presences: useStates(presences),
  };
}

/** How long the others wait for a calendar that does not come. */
const FIRST_ALONE_MS = 1_000;
/** Enough to draw it, and for what somebody does at once. */
const FIRST_SETTLES_MS = 150;

/**
 * Says when the first calendar is on the screen, or there is none. What lies over it comes after:
 * a large project would keep the calendar itself waiting.
 */
function useFirst(first: CalendarState | null | undefined, setHere: (here: true) => void): void {
  const isHere = first === null || first?.ready === true || (first?.missing ?? null) !== null;
  useEffect(() => {
    if (!isHere) {
      const timer = setTimeout(() => setHere(true), FIRST_ALONE_MS);
      return () => clearTimeout(timer);
    }
    const timer = setTimeout(() => setHere(true), FIRST_SETTLES_MS);
    return () => clearTimeout(timer);
  }, [isHere, setHere]);
}

export function useEntries(
  client: MoimClient,
  { calendars, projects, served }: Shown,
  range: Span,
): readonly Entry[] {
  const coloured = useStore(client.workspace, (state) => state.calendars);
  // Asked once a render: the browser takes its time to say it, and there may be thousands of events.
  const zone = ownZone();
  const events = useMemo(
    () =>
      new EventEntries(
        (event, exceptions, { start: from, end: to }) =>
          occurrencesBetween(event, exceptions ?? {}, from, to, zone),
        (when) => inZone(when, zone),
      ),
    [zone],
  );
  const cards = useRef(new CardEntries()).current;
  const { start, end } = range;
  return useMemo(() => {
    const entries: Entry[] = [];
    for (const [id, state] of calendars) {
      const colour = coloured.find((one) => one.id === id)?.colour ?? "blue";
      const source = { calendar: id, colour };
      for (const one of events.of(state.events, state.exceptions, source, { start, end }))
        entries.push(one);
      const asked = served.get(`${id}|${start}|${end}`)?.occurrences ?? [];
      for (const one of events.ofServed(asked, source)) entries.push(one);
    }
    for (const [id, state] of projects)
      for (const one of cards.of(id, state, { start, end })) entries.push(one);
    return entries;
  }, [calendars, projects, served, coloured, start, end, events, cards]);
}

/** Others' drags over what is in sight here. */
export function ghostsOf(
  presences: ReadonlyMap<string, PresenceState>,
  entries: readonly Entry[],
): readonly Ghost[] {
  const ghosts: Ghost[] = [];
  for (const [document, { people }] of presences)
    for (const person of people) {
      const { drag } = person;
      if (drag === null || !("when" in drag)) continue;
      const series = drag.recurrenceId === null ? "" : `/${drag.recurrenceId}`;
      const entry = entries.find(({ key }) => key === `${document}/${drag.event}${series}`);
      const [start, end] = inZone(drag.when, ownZone());
      if (entry) ghosts.push({ person, entry, start, end });
    }
  return ghosts;
}
