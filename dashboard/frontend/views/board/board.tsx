/** `moim.Board`: one project's columns and cards, worked on by several people at once. */

import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { MoimClient, PresenceState, ProjectState } from "../../store/types";
import { CardPanel } from "../card/card_panel";
import { Fence } from "../fence";
import { usePresence, useProject } from "../held";
import { whenIdle } from "../idle";
import { NotHere, useServerAway } from "../not_here";
import { fetchNoteEditor } from "../notes/note_editor";
import type { ToastState } from "../toast";
import { useToday } from "../today";
import { BoardBar } from "./bar";
import { CardPopover } from "./card_popover";
import { Columns } from "./columns";
import { MissingBoard, Skeleton } from "./empty";
import type { BoardFrame } from "./frame";
import { useNews } from "./news";
import { type BoardContext, BoardScope, boardSession, DayScope } from "./session";

interface BoardProps {
  readonly client: MoimClient;
  readonly frame: BoardFrame;
  readonly toasts: StoreApi<ToastState>;
  /** What stands left in the board's own bar. */
  readonly tabs?: ReactNode;
  /** What stands right of it, before "New card". */
  readonly tools?: ReactNode;
}

export function Board(props: BoardProps) {
  const id = useStore(props.frame, (state) => state.project);
  return (
    <Fence key={id}>
      <ChosenBoard {...props} id={id} />
    </Fence>
  );
}

function ChosenBoard({ id, ...props }: BoardProps & { readonly id: string }) {
  const project = useProject(props.client, id);
  const presence = usePresence(props.client, id);
  if (!project || !presence) return null;
  return <OpenBoard {...props} project={project} presence={presence} />;
}

interface OpenBoardProps extends BoardProps {
  readonly project: StoreApi<ProjectState>;
  readonly presence: StoreApi<PresenceState>;
}

function OpenBoard({ client, frame, toasts, tabs, tools, project, presence }: OpenBoardProps) {
  const live = useRef<HTMLDivElement>(null);
  const today = useToday();
  const hintId = useId();
  const board = useMemo<BoardContext>(
    () => ({
      client,
      frame,
      project,
      presence,
      toasts,
      session: boardSession(),
      places: new Map(),
      heights: new Map(),
      visible: { order: {}, columns: [] },
      mine: new Set(),
      hintId,
      drafts: new Map(),
      announce: (text) => {
        if (live.current) live.current.textContent = text;
      },
    }),
    [client, frame, project, presence, toasts, hintId],
  );
  useEffect(
    () => () => {
      if (board.session.getState().drag) presence.getState().setDrag(null);
    },
    [board, presence],
  );
  const isReady = useStore(project, (state) => state.ready);
  useEffect(() => {
    if (isReady) return whenIdle(() => void fetchNoteEditor().catch(() => undefined));
  }, [isReady]);
  const missing = useStore(project, (state) => state.missing);
  const isAway = useServerAway(client);
  return (
    <BoardScope value={board}>
      <DayScope value={today}>
        <div className="board-space">
          <div className="moim-board">
            {missing ? (
              <MissingBoard missing={missing} />
            ) : (
              <>
                <BoardBar tabs={tabs} tools={tools} />
                {isReady ? <Columns /> : isAway ? <NotHere /> : <Skeleton />}
              </>
            )}
            <CardPopover />
            <div className="vh" aria-live="assertive" ref={live} />
            <News board={board} />
          </div>
          {isReady && !missing && <CardPanel />}
        </div>
      </DayScope>
    </BoardScope>
  );
}

function News({ board }: { readonly board: BoardContext }) {
  const [text, setText] = useState("");
  useNews(board, setText);
  return (
    <div className="vh" aria-live="polite">
      {text}
    </div>
  );
}
