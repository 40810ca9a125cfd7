/** Puts views into a page: the shell into the hub's page, single views into Panel components. */

import { createRoot } from "react-dom/client";
import { useStore } from "zustand";
import type { MoimClient } from "../store/types";
import baseCss from "../styles/base.css?text";
import boardCss from "../styles/board.css?text";
import calendarCss from "../styles/calendar.css?text";
import controlsCss from "../styles/controls.css?text";
import eventEditorCss from "../styles/event_editor.css?text";
import floatingCss from "../styles/floating.css?text";
import frameCss from "../styles/frame.css?text";
import narrowCss from "../styles/narrow.css?text";
import peopleCss from "../styles/people.css?text";
import tokensCss from "../styles/tokens.css?text";
import { Board } from "./board/board";
import { type BoardFrame, boardFrame } from "./board/frame";
import { usePresence } from "./held";
import { languageStore } from "./language";
import { bindFrame, type PanelProps, writeParam } from "./panel_model";
import { Faces } from "./shell/faces";
import { keptCalendarFrame } from "./shell/kept_frame";
import { NetBar } from "./shell/net_bar";
import { Pill } from "./shell/pill";
import { routeStore } from "./shell/route";
import { Shell } from "./shell/shell";
import { followHostTheme, followTheme, themeStore } from "./theme";
import { ToastPlace, toastStore } from "./toast";

export interface ShellOptions {
  readonly client: MoimClient;
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
  calendarCss.replaceAll(":root", ".moim"),
  floatingCss,
  eventEditorCss,
  narrowCss,
].join("");

/** `moim.Board` inside anybody's Panel page. */
export function mountBoard({ model, el }: PanelProps, client: MoimClient): () => void {
  const style = document.createElement("style");
  style.textContent = EMBEDDED_CSS;
  const place = document.createElement("div");
  place.className = "moim embedded";
  el.replaceChildren(style, place);
  const stopTheme = followHostTheme(place);
  const frame = boardFrame();
  const stop = bindFrame(model, frame, ["project", "filter", "selection", "readonly"], "model");
  const toasts = toastStore();
  const root = createRoot(place);
  root.render(
    <>
      <NetBar client={client} />
      <Board
        client={client}
        frame={frame}
        toasts={toasts}
        tools={<Standing client={client} frame={frame} />}
      />
      <ToastPlace store={toasts} />
    </>,
  );
  return () => {
    root.unmount();
    stop();
    stopTheme();
  };
}

/** What the shell's header says about saving and people, for a board without a shell. */
function Standing({ client, frame }: { client: MoimClient; frame: BoardFrame }) {
  const project = useStore(frame, (state) => state.project);
  const presence = usePresence(client, project);
  return (
    <>
      <Pill client={client} />
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
