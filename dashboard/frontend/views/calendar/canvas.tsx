/** The grid with what stands on it, and what the pointer does there. */

import { useEffect, useMemo, useRef } from "react";
import { useStore } from "zustand";
import { useWords } from "../language";
import { useNarrow } from "../narrow";
import { letGo, takeUp, tellDrag, tellNothing } from "./air";
import { draftEvent, moveEntry, planCard } from "./changes";
import { addMinutes, isDay, minutesBetween, type Span } from "./dates";
import type { Entry } from "./entries";
import { EntryFace, Flag } from "./entry_face";
import { Grid, type GridItem, type Shape } from "./grid";
import {
  cursorItem,
  draftItem,
  type Ghost,
  ghostItem,
  held,
  itemOf,
  lifted,
  listed,
  picked,
} from "./items";
import { focusEntry, putBack } from "./keys";
import { wallIn } from "./now";
import { type CalendarContext, useCalendar } from "./session";

const CLICK_MINUTES = 15;
const CREATED_MINUTES = 60;

interface CanvasProps {
  readonly entries: readonly Entry[];
  readonly ghosts: readonly Ghost[];
  readonly date: string;
  readonly today: string;
  readonly draftColour: string;
  /** `calendar/<id>` and `project/<id>` that the person may not change. */
  readonly lookedAt: readonly string[];
  readonly canAdd: boolean;
  readonly open: (key: string, element: HTMLElement) => void;
}

export function Canvas(props: CanvasProps) {
  const { entries, ghosts, date, canAdd, open } = props;
  const calendar = useCalendar();
  const { frame, session } = calendar;
  const words = useWords();
  const wanted = useStore(frame, (state) => state.view);
  const isReadonly = useStore(frame, (state) => state.readonly);
  const isNarrow = useNarrow();
  // Seven columns of hours are too narrow for a finger.
  const view = isNarrow && wanted === "week" ? "day" : wanted;
  const items = useItems(calendar, props);
  const draw = useDraw(entries, ghosts);
  const onDay = (day: string) => {
    if (isNarrow && view === "month") frame.setState({ date: day, view: "day" });
  };
  const canvas = useRef<HTMLElement>(null);
  useFocusStays(calendar, items, canvas);
  useEffect(() => () => tellNothing(calendar), [calendar]);
  return (
    <section
      ref={canvas}
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
        canAdd={canAdd}
        now={() => wallIn(new Date(), calendar.zone)}
        draw={draw}
        onOpen={open}
        onSelect={(span) => draftEvent(calendar, widened(span))}
        onDay={onDay}
        onMove={(key, to) => moveEntry(calendar, key, to, words)}
        onDragging={(key, event) => {
          if (key === null) letGo(calendar, event, words);
          else takeUp(calendar, key);
        }}
        onHover={(key, to) => tellDrag(calendar, key, to)}
        onDrop={(key, day) => planCard(calendar, key, day, words)}
      />
    </section>
  );
}

/** What is lifted by keys is another element once it is in another day: the focus goes along. */
function useFocusStays(
  { session }: CalendarContext,
  items: readonly GridItem[],
  canvas: { readonly current: HTMLElement | null },
): void {
  const key = useStore(session, ({ lift }) => (lift?.by === "keyboard" ? lift.key : null));
  const last = useRef<string | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: after the items were drawn anew
  useEffect(() => {
    const held = key ?? last.current;
    last.current = key;
    if (held === null) return;
    const frame = requestAnimationFrame(() => {
      const root = canvas.current?.getRootNode() as Document | ShadowRoot | undefined;
      const active = root?.activeElement;
      if (!active || active === document.body || active.matches("[data-key]"))
        focusEntry(canvas.current, held);
    });
    return () => cancelAnimationFrame(frame);
  }, [key, items]);
}

/** A click is one slot; what it makes is an hour. */
function widened(span: Span): Span {
  if (isDay(span.start) || minutesBetween(span.start, span.end) > CLICK_MINUTES) return span;
  return { start: span.start, end: addMinutes(span.start, CREATED_MINUTES) };
}

function useItems(
  { session, frame }: CalendarContext,
  { entries, ghosts, today, draftColour, lookedAt }: CanvasProps,
): readonly GridItem[] {
  const { t } = useWords();
  const lift = useStore(session, (state) => state.lift);
  const cursor = useStore(session, (state) => state.cursor);
  const draft = useStore(session, (state) => state.draft);
  const view = useStore(frame, (state) => state.view);
  const chosen = useStore(frame, (state) => state.selection);
  const selection = useStore(session, (state) => state.opened?.key ?? chosen);
  const resting = useMemo(
    () => entries.map((entry) => held(itemOf(entry, today), lookedAt)),
    [entries, today, lookedAt],
  );
  const items = useMemo(() => {
    const placed = resting.map((item) => picked(lifted(item, lift), selection));
    if (view === "list") return placed.map(listed);
    return [
      ...placed,
      ...ghosts.map(ghostItem),
      ...(cursor ? [cursorItem(cursor)] : []),
      ...(draft ? [draftItem(draft, draftColour, t("event.new"))] : []),
    ];
  }, [resting, ghosts, lift, selection, cursor, draft, draftColour, view, t]);
  return useStill(items, session);
}

/** While something is in the air, what others do is not shown: nothing shifts under the pointer. */
function useStill<T>(value: T, session: CalendarContext["session"]): T {
  const isHeld = useStore(session, ({ dragged }) => dragged !== null);
  const still = useRef(value);
  if (!isHeld) still.current = value;
  return still.current;
}

function useDraw(entries: readonly Entry[], ghosts: readonly Ghost[]) {
  const byKey = useMemo(() => new Map(entries.map((entry) => [entry.key, entry])), [entries]);
  return (item: GridItem, shape: Shape) => {
    if (item.kind === "draft") return <b className="cal-title">{item.title}</b>;
    if (item.kind === "ghost") {
      const ghost = ghosts.find(({ person }) => `ghost/${person.id}` === item.key);
      return ghost ? <GhostFace ghost={ghost} shape={shape} /> : null;
    }
    const entry = byKey.get(item.key);
    if (!entry) return null;
    const isInPlace = entry.start === item.start && entry.end === item.end;
    const shown = isInPlace ? entry : { ...entry, start: item.start, end: item.end };
    return <EntryFace entry={shown} shape={shape} />;
  };
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
