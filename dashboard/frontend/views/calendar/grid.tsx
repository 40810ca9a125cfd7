/**
 * The grid of days and hours: the only file that knows FullCalendar. It is told wall times of the
 * person's own clock as if they were UTC, so that no day is shorter than another and its own reckoning
 * with zones is never asked; which instants they are is known by those who call it.
 */

import FullCalendar, { type CalendarOptions, type CalendarRef } from "@fullcalendar/react";
import dayGridPlugin from "@fullcalendar/react/daygrid";
import interactionPlugin, { Draggable } from "@fullcalendar/react/interaction";
import listPlugin from "@fullcalendar/react/list";
import timeGridPlugin from "@fullcalendar/react/timegrid";
import { memo, type ReactNode, useEffect, useMemo, useRef } from "react";
import type { CalendarViewName } from "../../store/page_types";
import { useWords, type Words } from "../language";
import { isDay, type Span, said, timeText, wallOf } from "./dates";

/** One thing on the grid. The key is unique and stays while the thing moves. */
export interface GridItem extends Span {
  readonly key: string;
  readonly kind: "event" | "card" | "ghost" | "cursor" | "draft";
  readonly className: string;
  readonly isMovable: boolean;
  /** `data-id`, and `data-recurrence` for one of a series. */
  readonly id: string;
  readonly recurrenceId: string | null;
  readonly title: string;
}

/** How much room an item has for what it says. */
export interface Shape {
  readonly view: CalendarViewName;
  readonly isShort: boolean;
  readonly isMirror: boolean;
}

export interface GridProps {
  readonly items: readonly GridItem[];
  readonly view: CalendarViewName;
  /** A day in the view. */
  readonly date: string;
  readonly readonly: boolean;
  /** True: a place on the grid can be chosen for an event. */
  readonly canAdd: boolean;
  /** The wall time of now. */
  readonly now: () => string;
  readonly draw: (item: GridItem, shape: Shape) => ReactNode;
  readonly onOpen: (key: string, element: HTMLElement) => void;
  readonly onSelect: (span: Span, event: MouseEvent | null) => void;
  readonly onDay: (day: string) => void;
  readonly onMove: (key: string, to: Span) => void;
  readonly onDragging: (key: string | null, event: MouseEvent | null) => void;
  /** Where an item in the air would land now. */
  readonly onHover: (key: string, to: Span) => void;
  /** A card of the tray was let go on a day. */
  readonly onDrop: (key: string, day: string) => void;
}

const LIST_WEEKS = 3;
const VIEWS = {
  month: "dayGridMonth",
  week: "timeGridWeek",
  day: "timeGridDay",
  list: "agenda",
} as const;
/** Days that a view of a date shows, as the grid lays them out. */
export const LIST_DAYS = LIST_WEEKS * 7;

function spanOf({ start, end, allDay }: { start: Date; end: Date; allDay: boolean }): Span {
  const cut = (date: Date) => (allDay ? wallOf(date).slice(0, 10) : wallOf(date));
  return { start: cut(start), end: cut(end) };
}

function inputOf(item: GridItem) {
  return {
    id: item.key,
    title: item.title,
    start: item.start,
    end: item.end,
    allDay: isDay(item.start),
    class: item.className,
    editable: item.isMovable,
    interactive: item.kind === "event" || item.kind === "card",
    ...(item.kind === "cursor" ? { display: "background" } : {}),
    item,
  };
}

const INPUTS = new WeakMap<GridItem, ReturnType<typeof inputOf>>();

function keptInput(item: GridItem) {
  const input = INPUTS.get(item) ?? inputOf(item);
  INPUTS.set(item, input);
  return input;
}

function itemOf(event: { readonly extendedProps: Record<string, unknown> }): GridItem | undefined {
  return event.extendedProps.item as GridItem | undefined;
}

/** The hooks that programs and tests find an item by. */
function mark(element: HTMLElement, item: GridItem | undefined): void {
  if (!item || item.kind === "cursor") return;
  element.dataset.key = item.key;
  if (item.kind === "draft") return;
  element.dataset.moim = item.kind;
  element.dataset.id = item.id;
  if (item.recurrenceId !== null) element.dataset.recurrence = item.recurrenceId;
}

/** One width for all marks of the day header, so that today's does not push. */
function DayHead({ day, view, language }: { day: string; view: string; language: string }) {
  const weekday = said(day, language, { weekday: "short" });
  if (view === "dayGridMonth") return <span>{weekday}</span>;
  return (
    <>
      <span>{weekday}</span>
      <b className="num">{Number(day.slice(8))}</b>
    </>
  );
}

/** The first of a month says which. */
function DayNumber({ day, language }: { day: string; language: string }) {
  if (!day.endsWith("-01")) return Number(day.slice(8));
  return said(day, language, { month: "short", day: "numeric" });
}

export const Grid = memo(function Grid(props: GridProps) {
  const { items, view, date, readonly, canAdd } = props;
  const words = useWords();
  const calendar = useRef<CalendarRef>(null);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const api = calendar.current?.getApi();
    if (!api) return;
    if (api.view.type !== VIEWS[view]) api.changeView(VIEWS[view], date);
    else api.gotoDate(date);
  }, [view, date]);
  const events = useMemo(() => items.map(keptInput), [items]);
  const drawing = useMemo(() => drawingOf(words, latest), [words]);
  const handlers = useMemo(() => handlersOf(latest, calendar), []);
  return (
    <FullCalendar
      ref={calendar}
      {...LAYOUT}
      {...CLASSES}
      {...drawing}
      {...handlers}
      initialView={VIEWS[view]}
      initialDate={date}
      editable={!readonly}
      selectable={canAdd}
      droppable={!readonly}
      events={events}
    />
  );
});

const LAYOUT = {
  plugins: [dayGridPlugin, timeGridPlugin, listPlugin, interactionPlugin],
  views: { agenda: { type: "list", duration: { weeks: LIST_WEEKS } } },
  timeZone: "UTC",
  height: "100%",
  headerToolbar: false,
  borderless: true,
  firstDay: 1,
  nowIndicator: true,
  // The grid takes hold of an item in the middle of a slot: one that is two steps high is off by one.
  slotDuration: "00:15:00",
  slotHeaderInterval: "01:00:00",
  scrollTime: "07:30:00",
  scrollTimeReset: false,
  slotMinHeight: 12.5,
  eventMinHeight: 22,
  eventShortHeight: 34,
  slotEventOverlap: false,
  forceEventDuration: true,
  dayMaxEvents: true,
  fixedWeekCount: false,
  eventResizableFromStart: true,
  selectMirror: true,
  dragRevertDuration: 0,
  longPressDelay: 220,
  eventDragMinDistance: 4,
  eventOrder: "start,-duration,allDay,title",
} satisfies CalendarOptions;

type Latest = { readonly current: GridProps };

function dayOfDate(date: Date): string {
  return wallOf(date).slice(0, 10);
}

/**
 * What is said and drawn. Like the handlers it stays the same object: options that change while
 * something is in the air make the grid take itself for another one, and nothing is dropped.
 */
function drawingOf({ t, language }: Words, latest: Latest): CalendarOptions {
  return {
    locale: language,
    allDayText: t("calendar.allDay"),
    timedText: t("calendar.hours"),
    noEventsText: t("calendar.nothing"),
    moreLinkText: (n) => t("calendar.more", { n }),
    moreLinkHint: (n) => t("calendar.more", { n }),
    closeHint: t("app.close"),
    now: () => latest.current.now(),
    dayHeaderContent: ({ date, view }) => (
      <DayHead day={dayOfDate(date)} view={view.type} language={language} />
    ),
    dayCellTopContent: ({ date }) => <DayNumber day={dayOfDate(date)} language={language} />,
    slotHeaderContent: ({ date }) => timeText(wallOf(date), language),
    nowIndicatorHeaderContent: ({ date }) => timeText(wallOf(date), language),
    listDayHeaderContent: ({ date, level }) =>
      level === 0 && (
        <ListHead day={dayOfDate(date)} now={latest.current.now()} language={language} />
      ),
    eventContent: ({ event, isShort, isMirror }) => {
      const item = itemOf(event);
      const { draw, view } = latest.current;
      if (!item) return null;
      const { start, end, allDay } = event;
      const shown =
        isMirror && start && end ? { ...item, ...spanOf({ start, end, allDay }) } : item;
      return draw(shown, { view, isShort, isMirror });
    },
  };
}

function handlersOf(
  latest: Latest,
  calendar: { readonly current: CalendarRef | null },
): CalendarOptions {
  return {
    eventDidMount: ({ el, event, isMirror }) => {
      if (!isMirror) mark(el, itemOf(event));
    },
    eventClick: ({ event, el }) => latest.current.onOpen(event.id, el),
    select: (info) => {
      latest.current.onSelect(spanOf(info), info.jsEvent);
      calendar.current?.getApi().unselect();
    },
    dateClick: ({ date }) => latest.current.onDay(dayOfDate(date)),
    eventDragStart: ({ event, jsEvent }) => latest.current.onDragging(event.id, jsEvent),
    eventDragStop: ({ jsEvent }) => latest.current.onDragging(null, jsEvent),
    eventResizeStart: ({ event, jsEvent }) => latest.current.onDragging(event.id, jsEvent),
    eventResizeStop: ({ jsEvent }) => latest.current.onDragging(null, jsEvent),
    eventAllow: (span, moving) => {
      if (moving) latest.current.onHover(moving.id, spanOf(span));
      return true;
    },
    eventDrop: (info) => moved(info, latest.current),
    eventResize: (info) => moved(info, latest.current),
    drop: ({ draggedEl, date }) => {
      const { key } = draggedEl.dataset;
      if (key) latest.current.onDrop(key, dayOfDate(date));
    },
  };
}

interface Moved {
  readonly event: {
    readonly id: string;
    readonly start: Date | null;
    readonly end: Date | null;
    readonly allDay: boolean;
  };
  readonly revert: () => void;
}

/** The document says where things stand; the grid's own copy goes back until it does. */
function moved({ event, revert }: Moved, { onMove }: GridProps): void {
  const { id, start, end, allDay } = event;
  if (!start || !end) return;
  const to = spanOf({ start, end, allDay });
  revert();
  onMove(id, to);
}

interface ListHeadProps {
  readonly day: string;
  readonly now: string;
  readonly language: string;
}

function ListHead({ day, now, language }: ListHeadProps) {
  const { t } = useWords();
  const isToday = now.slice(0, 10) === day;
  const format = { month: "short", day: "numeric", weekday: "short" } as const;
  return (
    <>
      {isToday && <b>{t("due.today")}</b>}
      <span>{said(day, language, format)}</span>
    </>
  );
}

const CLASSES = {
  class: "cal-grid",
  viewClass: "cal-view",
  eventClass: (info: { isPast: boolean; isMirror: boolean; isStart: boolean; isEnd: boolean }) =>
    [
      "cal-ev",
      info.isPast && "past",
      info.isMirror && "mirror",
      info.isStart && "first",
      info.isEnd && "last",
    ]
      .filter(Boolean)
      .join(" "),
  rowEventClass: "as-bar",
  rowEventInnerClass: "cal-in",
  rowEventBeforeClass: "cal-grip before",
  rowEventAfterClass: "cal-grip after",
  columnEventClass: (info: { isShort: boolean }) => (info.isShort ? "as-block one" : "as-block"),
  columnEventInnerClass: "cal-in",
  columnEventBeforeClass: "cal-grip before",
  columnEventAfterClass: "cal-grip after",
  listItemEventClass: "as-line",
  listItemEventInnerClass: "cal-in",
  backgroundEventClass: "cal-cursor",
  highlightClass: "cal-range",
  dayHeaderRowClass: "cal-heads",
  dayHeaderAlign: "start" as const,
  dayHeaderClass: (info: { isToday: boolean; dow: number; inPopover: boolean }) =>
    `cal-head ${info.isToday ? "today" : ""} ${info.dow === 0 ? "sunday" : ""} ${info.inPopover ? "in-popover" : ""}`,
  dayHeaderInnerClass: "cal-head-in",
  dayHeaderDividerClass: "cal-divider",
  dayRowClass: "cal-week",
  dayCellClass: dayClass,
  dayCellTopClass: "cal-cell-top",
  dayCellTopInnerClass: "cal-number num",
  dayLaneClass: dayClass,
  dayLaneInnerClass: "cal-lane-in",
  slotLaneClass: (info: { isMinor: boolean }) => (info.isMinor ? "cal-slot minor" : "cal-slot"),
  slotHeaderClass: "cal-slot-head",
  slotHeaderInnerClass: "cal-hour num",
  slotHeaderDividerClass: "cal-hours-edge",
  allDayHeaderClass: "cal-all-day",
  allDayHeaderInnerClass: "cal-all-day-in",
  allDayDividerClass: "cal-divider",
  nowIndicatorHeaderClass: "cal-now-time num",
  nowIndicatorLineClass: "cal-now",
  nowIndicatorDotClass: "cal-now-dot",
  moreLinkClass: "cal-more",
  popoverClass: "cal-popover",
  popoverCloseClass: "ib s cal-popover-close",
  popoverCloseContent: () => "×",
  listDaysClass: "cal-list",
  listDayClass: "cal-list-day",
  listDayHeaderClass: "cal-list-head",
  listDayHeaderInnerClass: "cal-list-head-in",
  listDayBodyClass: "cal-list-body",
  noEventsClass: "cal-nothing",
};

function dayClass(info: { isToday: boolean; isOther: boolean; dow: number }): string {
  const isFree = info.dow === 0 || info.dow === 6;
  return ["cal-day", info.isToday && "today", info.isOther && "other", isFree && "off"]
    .filter(Boolean)
    .join(" ");
}

/** Lets the cards of a list be dragged onto the grid; gives the way to stop. */
export function makeDraggable(list: HTMLElement, root: HTMLElement): () => void {
  const draggable = new Draggable(list, {
    itemSelector: "[data-key]",
    appendTo: root,
    eventData: () => ({ create: false }),
  });
  return () => draggable.destroy();
}
