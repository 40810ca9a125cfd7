/** A project: its board, and the dock of native widgets beside it. */

import { ChartColumn, SquareKanban } from "lucide-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { MoimClient } from "../../store/types";
import { Board } from "../board/board";
import { type BoardFrame, openCardOf } from "../board/frame";
import { Icon } from "../icons";
import { useWords } from "../language";
import type { ToastState } from "../toast";
import { Insights } from "./insights";
import type { Place, RouteStore } from "./route";

const DOCK_KEPT_UNDER = "moim.insights";
const DOCK_FITS_PX = 1600;

interface BoardWorkProps {
  readonly client: MoimClient;
  readonly frame: BoardFrame;
  readonly toasts: StoreApi<ToastState>;
  readonly project: string;
}

export function BoardWork({ client, frame, toasts, project }: BoardWorkProps) {
  const { t } = useWords();
  const [isDocked, setDocked] = useDock();
  const isFramed = useStore(frame, (state) => state.project === project);
  return (
    <div className="work">
      {isFramed && (
        <Board
          client={client}
          frame={frame}
          toasts={toasts}
          tabs={<Tabs />}
          tools={
            <button
              type="button"
              className="btn quiet dock-switch"
              aria-pressed={isDocked}
              onClick={() => setDocked(!isDocked)}
            >
              <Icon of={ChartColumn} />
              <span>{t("view.insights")}</span>
            </button>
          }
        />
      )}
      {isDocked && <Insights project={project} />}
    </div>
  );
}

function useDock(): [boolean, (on: boolean) => void] {
  const [isDocked, setDocked] = useState(() => {
    const kept = localStorage.getItem(DOCK_KEPT_UNDER);
    return kept === null ? innerWidth >= DOCK_FITS_PX : kept === "on";
  });
  return [
    isDocked,
    (on) => {
      localStorage.setItem(DOCK_KEPT_UNDER, on ? "on" : "off");
      setDocked(on);
    },
  ];
}

function Tabs() {
  const { t } = useWords();
  return (
    <div className="tabs" role="tablist" aria-label={t("view.tabs")}>
      <button type="button" role="tab" aria-selected="true">
        <Icon of={SquareKanban} />
        {t("view.board")}
      </button>
    </div>
  );
}

/** The frame shows the address's project and card; the address names the card that is open. */
export function useBoardFollows(frame: BoardFrame, routes: RouteStore, place: Place | null): void {
  const project = place?.kind === "project" ? place.id : null;
  const card = project === null ? null : (place?.entity ?? null);
  useEffect(() => {
    if (project === null) return;
    const isOpen = card !== null;
    if (frame.getState().project !== project)
      frame.setState({ project, selection: card, isOpen, filter: "" });
    else if (openCardOf(frame.getState()) !== card)
      frame.setState({ isOpen, ...(isOpen && { selection: card }) });
  }, [frame, project, card]);
  useEffect(
    () =>
      frame.subscribe((state, before) => {
        if (project === null) return;
        const entity = openCardOf(state);
        const next = { kind: "project", id: state.project, entity } as const;
        if (state.project === project && entity !== openCardOf(before)) routes.replace(next);
        else if (state.project !== project && state.project !== before.project) routes.go(next);
      }),
    [frame, routes, project],
  );
}
