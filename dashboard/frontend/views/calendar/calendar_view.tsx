/** One or several calendars over each other, with the dated cards of projects. */

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { inZone } from "../../core/recurrence";
import { useWords } from "../language";
import { useNarrow } from "../narrow";
import { useToday } from "../today";
import { CalendarBar } from "./bar";
import type { CalendarProps } from "./calendar";
import { createEvent, entryOf, moveEntry, planCard, selectEntry, unplanCard } from "./changes";
import { addMinutes, isDay, minutesBetween, type Span } from "./dates";
import type { Entry } from "./entries";
import { EntryFace, Flag } from "./entry_face";
import { Grid, type GridItem, type Shape } from "./grid";
import { cursorItem, type Ghost, ghostItem, itemOf, lifted } from "./items";
import { type KeyActions, onCalendarKey, onPageKey, putBack } from "./keys";
import { MiniMonth } from "./mini_month";
import { movedWhen } from "./moves";
import { ownZone, wallIn } from "./now";
import { OverlayList } from "./overlay_list";
import { type CalendarContext, CalendarScope, calendarSession, NO_DOCUMENTS } from "./session";
import { ghostsOf, rangeOfView, useEntries, useShown } from "./shown";
import { Tray, trayCards } from "./tray";

const CLICK_MINUTES = 30;
const CREATED_MINUTES = 60;
const TRAY_KEPT_UNDER = "moim.calendar.tray";

export default function CalendarView(props: CalendarProps) {
  const { client, frame, toasts, onOpenCard } = props;
  const live = useRef<HTMLDivElement>(null);
  const openCard = useRef(onOpenCard);
  openCard.current = onOpenCard;
  const calendar = useMemo<CalendarContext>(
    () => ({
      client,
      frame,
      toasts,
      session: calendarSession(),
      zone: ownZone(),
      visible: { documents: NO_DOCUMENTS, entries: [] },
      announce: (text) => {
        if (live.current) live.current.textContent = text;
      },
      openCard: (project, card) => {
        if (openCard.current) openCard.current(project, card);
        else frame.setState({ selection: `project/${project}/${card}` });
      },
    }),
    [client, frame, toasts],
  );
  return (
    <CalendarScope value={calendar}>
      <OpenCalendar {...props} calendar={calendar} />
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
  const shown = useShown(client, frame);
  const range = rangeOfView(view, date);
  const current = useEntries(client, shown, range);
  const entries = useStill(current, calendar);
  calendar.visible.documents = shown.documents;
  calendar.visible.entries = current;
  const ghosts = useMemo(() => ghostsOf(shown.presences, entries), [shown.presences, entries]);
  const items = useItems(calendar, entries, ghosts, today);
  const cards = useMemo(() => trayCards(shown.projects), [shown.projects]);
  const tray = useTray();
  const isNarrow = useNarrow();
  const hasSide = side === true && !isNarrow;
  const hasTray = shown.projects.size > 0 && !isNarrow && !compact;
  const create = () => createEvent(calendar, soon(date, today), words);
  const open = useOpen(calendar);
  const actions = { today, date, words, open, create };
  usePageKeys(calendar, actions, !side && !compact);
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
          canAdd={!isReadonly && shown.calendars.size > 0}
        />
        <Canvas
          calendar={calendar}
          items={items}
          entries={entries}
          ghosts={ghosts}
          date={date}
          open={open}
        />
      </div>
      {hasTray && tray.isOpen && <Tray cards={cards} readonly={isReadonly} />}
    </div>
  );
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

/** The next full hour today, or nine in the morning of another day. */
function soon(date: string, today: string): Span {
  const now = wallIn(new Date(), ownZone());
  const start = date === today ? `${addMinutes(now, 60).slice(0, 13)}:00` : `${date}T09:00`;
  return { start, end: addMinutes(start, CREATED_MINUTES) };
}

/** While something is in the air, what others do is not shown: nothing shifts under the pointer. */
function useStill(entries: readonly Entry[], { session }: CalendarContext): readonly Entry[] {
  const isHeld = useStore(session, ({ dragged }) => dragged !== null);
  const still = useRef(entries);
  if (!isHeld) still.current = entries;
  return still.current;
}

function useItems(
  { session, frame }: CalendarContext,
  entries: readonly Entry[],
  ghosts: readonly Ghost[],
  today: string,
): readonly GridItem[] {
  const lift = useStore(session, (state) => state.lift);
  const cursor = useStore(session, (state) => state.cursor);
  const view = useStore(frame, (state) => state.view);
  return useMemo(() => {
    const items = entries.map((entry) => lifted(itemOf(entry, today), lift));
    if (view === "list") return items;
    return [...items, ...ghosts.map(ghostItem), ...(cursor ? [cursorItem(cursor)] : [])];
  }, [entries, ghosts, lift, cursor, view, today]);
}

function useTray() {
  const [isOpen, setOpen] = useState(() => localStorage.getItem(TRAY_KEPT_UNDER) !== "off");
  return {
    isOpen,
    toggle: () => {
      localStorage.setItem(TRAY_KEPT_UNDER, isOpen ? "off" : "on");
      setOpen(!isOpen);
    },
  };
}

function useOpen(calendar: CalendarContext) {
  return useCallback(
    (key: string, _element: HTMLElement) => {
      const entry = entryOf(calendar, key);
      if (!entry) return;
      selectEntry(calendar, key);
      if (entry.kind === "card") calendar.openCard(entry.project, entry.card.id);
    },
    [calendar],
  );
}

interface CanvasProps {
  readonly calendar: CalendarContext;
  readonly items: readonly GridItem[];
  readonly entries: readonly Entry[];
  readonly ghosts: readonly Ghost[];
  readonly date: string;
  readonly open: (key: string, element: HTMLElement) => void;
}

function Canvas({ calendar, items, entries, ghosts, date, open }: CanvasProps) {
  const { frame, session } = calendar;
  const words = useWords();
  const view = useStore(frame, (state) => state.view);
  const isReadonly = useStore(frame, (state) => state.readonly);
  const isNarrow = useNarrow();
  const byKey = useMemo(() => new Map(entries.map((entry) => [entry.key, entry])), [entries]);
  const draw = (item: GridItem, shape: Shape) => {
    if (item.kind === "ghost") {
      const ghost = ghosts.find(({ person }) => `ghost/${person.id}` === item.key);
      return ghost ? <GhostFace ghost={ghost} shape={shape} /> : null;
    }
    const entry = byKey.get(item.key);
    return entry ? (
      <EntryFace entry={{ ...entry, start: item.start, end: item.end }} shape={shape} />
    ) : null;
  };
  const onSelect = (span: Span) => createEvent(calendar, widened(span), words);
  const onDay = (day: string) => {
    if (isNarrow && view === "month") frame.setState({ date: day, view: "day" });
  };
  const onDragging = (key: string | null, event: MouseEvent | null) =>
    key === null ? letGo(calendar, event, words) : session.setState({ dragged: key, lift: null });
  useEffect(() => () => tellDrag(calendar, null), [calendar]);
  return (
    <section
      className={`cal-canvas ${view}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys walk over the days and hours in here
      tabIndex={0}
      aria-label={words.t("calendar.grid")}
      onPointerDown={() => putBack(calendar, words)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) session.setState({ cursor: null });
      }}
    >
      <Grid
        items={items}
        view={view}
        date={date}
        readonly={isReadonly}
        now={() => wallIn(new Date(), calendar.zone)}
        draw={draw}
        onOpen={open}
        onSelect={onSelect}
        onDay={onDay}
        onMove={(key, to) => moveEntry(calendar, key, to, words)}
        onDragging={onDragging}
        onHover={(key, to) => tellDrag(calendar, { key, to })}
        onDrop={(key, day) => planCard(calendar, key, day, words)}
      />
    </section>
  );
}

function GhostFace({ ghost, shape }: { readonly ghost: Ghost; readonly shape: Shape }) {
  const { entry, person, start, end } = ghost;
  return (
    <>
      <EntryFace entry={{ ...entry, start, end }} shape={{ ...shape, isMirror: true }} />
      <Flag person={person} />
    </>
  );
}

/** A click is half an hour wide; what it makes is an hour. */
function widened(span: Span): Span {
  if (isDay(span.start) || minutesBetween(span.start, span.end) > CLICK_MINUTES) return span;
  return { start: span.start, end: addMinutes(span.start, CREATED_MINUTES) };
}

/** Others see where my drag would land; null: nothing is in the air. */
function tellDrag(calendar: CalendarContext, drag: { key: string; to: Span } | null): void {
  const { presences } = calendar.visible.documents;
  if (drag === null) {
    for (const presence of presences.values()) presence.getState().setDrag(null);
    return;
  }
  const entry = entryOf(calendar, drag.key);
  if (!entry || calendar.session.getState().dragged !== drag.key) return;
  const [document, id, was, recurrenceId] =
    entry.kind === "card"
      ? ([`project/${entry.project}`, entry.card.id, null, null] as const)
      : ([
          `calendar/${entry.calendar}`,
          entry.event,
          entry.occurrence.when,
          entry.recurrenceId,
        ] as const);
  const when = was
    ? movedWhen(was, drag.to, calendar.zone, inZone)
    : ([drag.to.start, drag.to.end, ""] as const);
  presences.get(document)?.getState().setDrag({ event: id, recurrenceId, when });
}

/** A card that is let go over the tray loses its dates; everything else lands in the grid, or nowhere. */
function letGo(
  calendar: CalendarContext,
  event: MouseEvent | null,
  words: ReturnType<typeof useWords>,
): void {
  const { dragged } = calendar.session.getState();
  const entry = dragged === null ? undefined : entryOf(calendar, dragged);
  calendar.session.setState({ dragged: null });
  tellDrag(calendar, null);
  if (entry?.kind === "card" && event && isOverTray(event)) unplanCard(calendar, entry, words);
}

function isOverTray({ clientX, clientY, target }: MouseEvent): boolean {
  const root = (target as Node | null)?.getRootNode() as Document | ShadowRoot | undefined;
  const under = (root ?? document).elementsFromPoint(clientX, clientY);
  return under.some((element) => element.closest('[data-drop="tray"]') !== null);
}
