/** One or several calendars over each other, with the dated cards of projects. */

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import type { CalendarViewName } from "../../store/page_types";
import { useWords } from "../language";
import { useNarrow } from "../narrow";
import { NotHere, useServerAway } from "../not_here";
import { type Action, useOffer } from "../palette/offered";
import { mayEdit, type WithRole } from "../role";
import { useToday } from "../today";
import { CalendarBar } from "./bar";
import type { CalendarProps } from "./calendar";
import { Canvas } from "./canvas";
import { draftEvent, entryOf, selectEntry, targetCalendar } from "./changes";
import { addMinutes, type Span } from "./dates";
import { Editors } from "./editors";
import { MissingCalendar, NoCalendar } from "./empty";
import type { CalendarFrame } from "./frame";
import { type KeyActions, onCalendarKey, onPageKey } from "./keys";
import { MiniMonth } from "./mini_month";
import { ownZone, wallIn } from "./now";
import { OverlayList } from "./overlay_list";
import { useReveal } from "./reveal";
import { useScopeQuestion } from "./scope";
import { type CalendarContext, CalendarScope, calendarSession, NO_DOCUMENTS } from "./session";
import { ghostsOf, rangeOfView, type Shown, useEntries, useShown } from "./shown";
import { Tray, trayCards } from "./tray";
import { WeekStrip } from "./week_strip";

const CREATED_MINUTES = 60;
const TRAY_KEPT_UNDER = "moim.calendar.tray";

export default function CalendarView(props: CalendarProps) {
  const { client, frame, toasts, onOpenCard } = props;
  const live = useRef<HTMLDivElement>(null);
  const question = useScopeQuestion();
  const latest = useRef({ onOpenCard, ask: question.ask });
  latest.current = { onOpenCard, ask: question.ask };
  const calendar = useMemo<CalendarContext>(
    () => ({
      client,
      frame,
      toasts,
      session: calendarSession(),
      zone: ownZone(),
      visible: { documents: NO_DOCUMENTS, entries: [], chosen: null },
      announce: (text) => {
        if (live.current) live.current.textContent = text;
      },
      openCard: (project, card) => {
        if (latest.current.onOpenCard) latest.current.onOpenCard(project, card);
        else frame.setState({ selection: `project/${project}/${card}` });
      },
      ask: (change) => latest.current.ask(change),
    }),
    [client, frame, toasts],
  );
  return (
    <CalendarScope value={calendar}>
      <OpenCalendar {...props} calendar={calendar} />
      {question.dialog}
      <div className="vh" aria-live="assertive" ref={live} />
    </CalendarScope>
  );
}

interface OpenCalendarProps extends CalendarProps {
  readonly calendar: CalendarContext;
}

function OpenCalendar({ client, frame, tabs, tools, compact, side, calendar }: OpenCalendarProps) {
  const words = useWords();
  const today = useToday();
  const root = useRef<HTMLDivElement>(null);
  const view = useStore(frame, (state) => state.view);
  const date = useStore(frame, (state) => state.date) || today;
  const isReadonly = useStore(frame, (state) => state.readonly);
  const asked = useStore(frame, (state) => state.calendars);
  const range = rangeOfView(view, date);
  const shown = useShown(client, frame, range);
  const entries = useEntries(client, shown, range);
  calendar.visible.documents = shown.documents;
  calendar.visible.entries = entries;
  const lookedAt = useLookedAt(shown);
  const target = targetCalendar(calendar);
  const isOpen = target !== undefined && !lookedAt.includes(`calendar/${target}`);
  const canAdd = !isReadonly && isOpen && shown.calendars.size > 0;
  const ghosts = useMemo(() => ghostsOf(shown.presences, entries), [shown.presences, entries]);
  const cards = useMemo(() => trayCards(shown.projects), [shown.projects]);
  const tray = useTray();
  const isNarrow = useNarrow();
  const hasSide = side === true && !isNarrow;
  const hasTray = shown.hasProjects && !isNarrow && !compact;
  const create = () => draftEvent(calendar, soon(date, today));
  const open = useOpen(calendar);
  const actions = { today, date, words, open, create };
  usePageKeys(calendar, actions, !side && !compact);
  useOffer(offeredBy(frame, today, canAdd ? create : null));
  useReveal(calendar, shown, entries, open, root, !side && !compact);
  const colour = useColour(calendar);
  const first = shown.calendars.get(asked[0] ?? "");
  const isAway = useServerAway(client);
  const isHere = compact
    ? [...shown.calendars.values()].some(({ ready }) => ready)
    : first === undefined || first.ready;
  if (asked.length === 0 && !shown.hasProjects) return <NoCalendar client={client} />;
  if (first?.missing) return <MissingCalendar missing={first.missing} />;
  if (!isHere && isAway) return <NotHere />;
  return (
    <div
      className="moim-calendar"
      ref={root}
      onKeyDownCapture={(event) => onCalendarKey(event, calendar, actions)}
    >
      {hasSide && (
        <div className="cal-side">
          <MiniMonth frame={frame} today={today} />
          <OverlayList client={client} frame={frame} />
        </div>
      )}
      <div className="cal-main">
        <CalendarBar
          date={date}
          today={today}
          tabs={tabs}
          tools={tools}
          tray={hasTray ? { ...tray, count: cards.length } : null}
          onAdd={create}
          hasSide={hasSide}
          canAdd={canAdd}
        />
        {isNarrow && <WeekStrip entries={entries} date={date} today={today} />}
        <Canvas
          entries={entries}
          ghosts={ghosts}
          date={date}
          today={today}
          draftColour={colour}
          lookedAt={lookedAt}
          canAdd={canAdd}
          open={open}
        />
      </div>
      {hasTray && tray.isOpen && <Tray cards={cards} readonly={isReadonly} lookedAt={lookedAt} />}
      <Editors root={root} />
    </div>
  );
}

function offeredBy(frame: CalendarFrame, today: string, create: (() => void) | null): Action[] {
  const show = (view: CalendarViewName) => () => frame.setState({ view });
  const views: Action[] = [
    { title: "shortcut.today", shortcut: "today", run: () => frame.setState({ date: today }) },
    { title: "shortcut.showMonth", shortcut: "showMonth", run: show("month") },
    { title: "shortcut.showWeek", shortcut: "showWeek", run: show("week") },
    { title: "shortcut.showDay", shortcut: "showDay", run: show("day") },
    { title: "shortcut.showList", shortcut: "showList", run: show("list") },
  ];
  if (create === null) return views;
  return [{ title: "shortcut.newEvent", shortcut: "newEvent", run: create }, ...views];
}

/** The documents that this person may only look at; the same list as long as it says the same. */
function useLookedAt({ calendars, projects }: Shown): readonly string[] {
  const named = (kind: string, states: ReadonlyMap<string, WithRole>) =>
    [...states].flatMap(([id, state]) => (mayEdit(state) ? [] : [`${kind}/${id}`]));
  const found = [...named("calendar", calendars), ...named("project", projects)].join(" ");
  return useMemo(() => found.split(" ").filter(Boolean), [found]);
}

function usePageKeys(calendar: CalendarContext, actions: KeyActions, isWhole: boolean): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    if (!isWhole) return;
    const onKeyDown = (event: KeyboardEvent) => onPageKey(event, calendar, latest.current);
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [calendar, isWhole]);
}

/** Of the calendar that takes new events. */
function useColour(calendar: CalendarContext): string {
  return useStore(
    calendar.client.workspace,
    (state) => state.calendars.find(({ id }) => id === targetCalendar(calendar))?.colour ?? "blue",
  );
}

/** The next full hour today, or nine in the morning of another day. */
function soon(date: string, today: string): Span {
  const now = wallIn(new Date(), ownZone());
  const start = date === today ? `${addMinutes(now, 60).slice(0, 13)}:00` : `${date}T09:00`;
  return { start, end: addMinutes(start, CREATED_MINUTES) };
}

/** Storage may be forbidden (a sandboxed frame); then the choice lasts as long as the page. */
function useTray() {
  const [isOpen, setOpen] = useState(isTrayKept);
  return { isOpen, toggle: () => setOpen(keepTray(!isOpen)) };
}

function isTrayKept(): boolean {
  try {
    return localStorage.getItem(TRAY_KEPT_UNDER) !== "off";
  } catch {
    return true;
  }
}

function keepTray(isOpen: boolean): boolean {
  try {
    localStorage.setItem(TRAY_KEPT_UNDER, isOpen ? "on" : "off");
  } catch {
    // Not kept: nothing to do.
  }
  return isOpen;
}

function useOpen(calendar: CalendarContext) {
  return useCallback(
    (key: string, anchor: HTMLElement) => {
      const entry = entryOf(calendar, key);
      if (!entry) return;
      if (entry.kind === "card") calendar.openCard(entry.project, entry.card.id);
      else {
        selectEntry(calendar, entry);
        calendar.session.setState({ opened: { key, anchor }, draft: null });
      }
    },
    [calendar],
  );
}
