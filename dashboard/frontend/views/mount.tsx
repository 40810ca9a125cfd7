/** Puts views into a page: the shell into the hub's page, single views into Panel components. */

import type { ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { DocumentClient } from "../store/client";
import type { MoimClient } from "../store/types";
import baseCss from "../styles/base.css?text";
import boardCss from "../styles/board.css?text";
import calendarCss from "../styles/calendar.css?text";
import calendarEventsCss from "../styles/calendar_events.css?text";
import calendarNarrowCss from "../styles/calendar_narrow.css?text";
import cardCss from "../styles/card.css?text";
import cardPanelCss from "../styles/card_panel.css?text";
import cardPartsCss from "../styles/card_parts.css?text";
import controlsCss from "../styles/controls.css?text";
import eventEditorCss from "../styles/event_editor.css?text";
import floatingCss from "../styles/floating.css?text";
import frameCss from "../styles/frame.css?text";
import narrowCss from "../styles/narrow.css?text";
import notesCss from "../styles/notes.css?text";
import noticesCss from "../styles/notices.css?text";
import peopleCss from "../styles/people.css?text";
import tokensCss from "../styles/tokens.css?text";
import { Board } from "./board/board";
import { type BoardFrame, boardFrame } from "./board/frame";
import { Calendar } from "./calendar/calendar";
import { type CalendarFrame, type CalendarParams, calendarFrame } from "./calendar/frame";
import { useDocumentPresence } from "./held";
import { languageStore } from "./language";
import { LookOnly } from "./look_only";
import { RefusedToast } from "./notices/refused_toast";
import { bindCalendarFrame, bindFrame, type PanelProps, writeParam } from "./panel_model";
import { Faces } from "./shell/faces";
import { keptCalendarFrame } from "./shell/kept_frame";
import { NetBar } from "./shell/net_bar";
import { Pill } from "./shell/pill";
import { routeStore } from "./shell/route";
import { Shell } from "./shell/shell";
import { followHostTheme, followTheme, themeStore } from "./theme";
import { ToastPlace, type ToastState, toastStore } from "./toast";

export interface ShellOptions {
  readonly client: DocumentClient;
  /** Path and query of the page. */
  readonly path: string;
}

/** The board that the shell of this page shows; the bridge connects Panel's widgets with it. */
const SHELL_FRAME = Symbol.for("moim.shell.frame");

type FramePlace = { [SHELL_FRAME]?: BoardFrame };

/** Gives the way to take the shell away again. The page itself brings the style sheets. */
export function mountShell(el: HTMLElement, { client, path }: ShellOptions): () => void {
  const frame = boardFrame();
  const calendar = keptCalendarFrame();
  const routes = routeStore(path);
  const root = createRoot(el);
  const stopTheme = followTheme(document.documentElement);
  (globalThis as FramePlace)[SHELL_FRAME] = frame;
  root.render(<Shell client={client} routes={routes} frame={frame} calendarFrame={calendar} />);
  return () => {
    root.unmount();
    routes.close();
    stopTheme();
    delete (globalThis as FramePlace)[SHELL_FRAME];
  };
}

/**
 * The tokens stand inside the shadow root, on the board's own outermost element: a page's style sheet
 * cannot see `data-theme` in there, and the page keeps its own colours.
 */
const EMBEDDED_CSS = [
  tokensCss.replaceAll(":root", ".moim"),
  baseCss,
  controlsCss,
  peopleCss,
  frameCss,
  boardCss,
  cardCss,
  calendarCss.replaceAll(":root", ".moim"),
  calendarEventsCss,
  calendarNarrowCss,
  floatingCss,
  notesCss,
  cardPartsCss,
  cardPanelCss,
  eventEditorCss,
  noticesCss,
  narrowCss,
].join("");

/** `moim.Board` inside anybody's Panel page. */
export function mountBoard(props: PanelProps, client: MoimClient): () => void {
  const frame = boardFrame();
  const names = ["project", "filter", "selection", "readonly"] as const;
  const stop = bindFrame(props.model, frame, names, "model");
  return mountEmbedded(props, stop, (toasts) => (
    <>
      <NetBar client={client} />
      <BoardLook client={client} frame={frame} />
      <RefusedToast client={client} toasts={toasts} />
      <Board
        client={client}
        frame={frame}
        toasts={toasts}
        tools={<BoardStanding client={client} frame={frame} toasts={toasts} />}
      />
    </>
  ));
}

/** `moim.Calendar` inside anybody's Panel page. */
export function mountCalendar(props: PanelProps, client: MoimClient): () => void {
  const frame = calendarFrame();
  const names = Object.keys(frame.getState()) as (keyof CalendarParams)[];
  const stop = bindCalendarFrame(props.model, frame, names, "model");
  return mountEmbedded(props, stop, (toasts) => (
    <>
      <NetBar client={client} />
      <CalendarLook client={client} frame={frame} />
      <RefusedToast client={client} toasts={toasts} />
      <Calendar
        client={client}
        frame={frame}
        toasts={toasts}
        side
        tools={<CalendarStanding client={client} frame={frame} toasts={toasts} />}
      />
    </>
  ));
}

/** A view in a shadow root, with its style sheets, the page's theme and a place for toasts. */
function mountEmbedded(
  { el }: PanelProps,
  stop: () => void,
  view: (toasts: StoreApi<ToastState>) => ReactNode,
): () => void {
  const style = document.createElement("style");
  style.textContent = EMBEDDED_CSS;
  const place = document.createElement("div");
  place.className = "moim embedded";
  el.replaceChildren(style, place);
  const stopTheme = followHostTheme(place);
  const toasts = toastStore();
  const root = createRoot(place);
  root.render(
    <>
      {view(toasts)}
      <ToastPlace store={toasts} />
    </>,
  );
  return () => {
    root.unmount();
    stop();
    stopTheme();
  };
}

interface FramedProps<Frame> {
  readonly client: MoimClient;
  readonly frame: Frame;
}

interface StandingProps<Frame> extends FramedProps<Frame> {
  readonly toasts: StoreApi<ToastState>;
}

function useBoardDocument(frame: BoardFrame): string {
  return useStore(frame, ({ project }) => `project/${project}`);
}

function useCalendarDocument(frame: CalendarFrame): string | null {
  const first = useStore(frame, (state) => state.calendars[0]);
  return first === undefined ? null : `calendar/${first}`;
}

function BoardLook({ client, frame }: FramedProps<BoardFrame>) {
  return <LookOnly client={client} document={useBoardDocument(frame)} />;
}

function CalendarLook({ client, frame }: FramedProps<CalendarFrame>) {
  return <LookOnly client={client} document={useCalendarDocument(frame)} />;
}

function BoardStanding({ frame, ...props }: StandingProps<BoardFrame>) {
  return <Standing {...props} document={useBoardDocument(frame)} />;
}

function CalendarStanding({ frame, ...props }: StandingProps<CalendarFrame>) {
  return <Standing {...props} document={useCalendarDocument(frame)} />;
}

/** What the shell's header says about saving and people, for a view without a shell. */
function Standing({
  client,
  toasts,
  document,
}: Omit<StandingProps<never>, "frame"> & { readonly document: string | null }) {
  const presence = useDocumentPresence(client, document);
  return (
    <>
      <Pill client={client} toasts={toasts} />
      {presence && <Faces client={client} presence={presence} />}
    </>
  );
}

/**
 * Joins an embedded Panel session's params with the shell's own board; shows nothing itself. The page
 * was there first, so its values hold: a session that replaces a dead one takes them over.
 */
export function mountBridge({ model }: PanelProps): () => void {
  const frame = (globalThis as FramePlace)[SHELL_FRAME];
  if (!frame) return () => undefined;
  const tellTheme = () => writeParam(model, "theme", themeStore.getState().theme);
  const tellLanguage = () => writeParam(model, "language", languageStore.getState().language);
  tellTheme();
  tellLanguage();
  const stops = [
    bindFrame(model, frame, ["project", "filter", "selection"], "frame"),
    themeStore.subscribe(tellTheme),
    languageStore.subscribe(tellLanguage),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
