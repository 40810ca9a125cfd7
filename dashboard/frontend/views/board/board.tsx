/** `moim.Board`: one project's columns and cards, worked on by several people at once. */

import { ListFilter, Lock, Plus, SquareKanban, X } from "lucide-react";
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { MoimClient, PresenceState, ProjectState } from "../../store/types";
import { usePresence, useProject } from "../held";
import { EmptyBoardDrawing, Icon, StatusCircle } from "../icons";
import { useWords } from "../language";
import { NameField } from "../name_field";
import type { ToastState } from "../toast";
import { useToday } from "../today";
import { cancelDrag } from "./actions";
import { CardPopover } from "./card_popover";
import { ColumnView } from "./column";
import { DragSpace } from "./drag";
import { filterOrder, isFiltering } from "./filter";
import type { BoardFrame } from "./frame";
import { Glide } from "./glide";
import { useNews } from "./news";
import { type BoardContext, BoardScope, boardSession, DayScope, useBoard } from "./session";

const SKELETON_AFTER_MS = 300;

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
  return <ChosenBoard key={id} {...props} id={id} />;
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
      announce: (text) => {
        if (live.current) live.current.textContent = text;
      },
    }),
    [client, frame, project, presence, toasts],
  );
  const isReady = useStore(project, (state) => state.ready);
  const missing = useStore(project, (state) => state.missing);
  return (
    <BoardScope value={board}>
      <DayScope value={today}>
        <div className="moim-board">
          {missing ? (
            <MissingBoard missing={missing} />
          ) : (
            <>
              <BoardBar tabs={tabs} tools={tools} />
              {isReady ? <Columns /> : <Skeleton />}
            </>
          )}
          <CardPopover />
          <div className="vh" aria-live="assertive" ref={live} />
          <News board={board} />
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

function BoardBar({ tabs, tools }: { readonly tabs: ReactNode; readonly tools: ReactNode }) {
  const board = useBoard();
  const { t } = useWords();
  const isReadonly = useStore(board.frame, (state) => state.readonly);
  const columns = useStore(board.project, (state) => state.columns);
  const first = columns[0];
  const add = () => {
    if (first) board.session.setState({ adding: { column: first.id, at: "top" } });
  };
  return (
    <div className="bar">
      {tabs}
      <FilterField />
      <span className="grow" />
      <Matches />
      {tools}
      {!isReadonly && first && (
        <button type="button" className="btn main new-card" onClick={add}>
          <Icon of={Plus} />
          <span>{t("board.newCard")}</span>
        </button>
      )}
    </div>
  );
}

function FilterField() {
  const { frame } = useBoard();
  const { t } = useWords();
  const filter = useStore(frame, (state) => state.filter);
  return (
    <search className="field filter">
      <Icon of={ListFilter} />
      <input
        type="text"
        value={filter}
        aria-label={t("board.filter")}
        placeholder={t("board.filterHint")}
        onChange={(event) => frame.setState({ filter: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === "Escape" && !event.nativeEvent.isComposing)
            frame.setState({ filter: "" });
        }}
      />
      {isFiltering(filter) && (
        <button
          type="button"
          className="ib s"
          aria-label={t("board.clear")}
          onClick={() => frame.setState({ filter: "" })}
        >
          <Icon of={X} size={12} />
        </button>
      )}
    </search>
  );
}

function useFiltered() {
  const { project, frame, client } = useBoard();
  const filter = useStore(frame, (state) => state.filter);
  const order = useStore(project, (state) => state.order);
  const labels = useStore(project, (state) => state.labels);
  const members = useStore(client.workspace, (state) => state.members);
  // Without a filter the cards' contents do not matter, so an edit does not come through here.
  const cards = useStore(project, (state) => (isFiltering(filter) ? state.cards : null));
  return useMemo(
    () => filterOrder(order, cards ?? {}, filter, { labels, members }),
    [order, cards, filter, labels, members],
  );
}

function Matches() {
  const { frame } = useBoard();
  const { t } = useWords();
  const filter = useStore(frame, (state) => state.filter);
  const { shown, all } = useFiltered();
  if (!isFiltering(filter)) return null;
  return (
    <span className="mute num matches" role="status">
      {t("board.matches", { n: all, m: shown })}
    </span>
  );
}

function Columns() {
  const board = useBoard();
  const words = useWords();
  const { t } = words;
  const columns = useStore(board.project, (state) => state.columns);
  const all = useStore(board.project, (state) => state.order);
  const filter = useStore(board.frame, (state) => state.filter);
  const isReadonly = useStore(board.frame, (state) => state.readonly);
  const { order, shown, all: total } = useFiltered();
  const area = useRef<HTMLDivElement>(null);
  const glide = useGlide(area, all);
  useLayoutEffect(() => {
    board.visible.order = order;
    board.visible.columns = columns;
  }, [board, order, columns]);
  const onPointerDown = () => {
    if (board.session.getState().drag?.by === "keyboard") cancelDrag(board, words);
  };
  if (columns.length === 0) return <NoColumns />;
  return (
    <DragSpace glide={glide}>
      {isFiltering(filter) && shown === 0 && total > 0 && <NoMatch filter={filter} />}
      {total === 0 && <NoCards />}
      <ColumnTabs area={area} />
      <fieldset
        className="board"
        ref={(element) => {
          area.current = element as unknown as HTMLDivElement;
        }}
        aria-label={t("board.columns")}
        onPointerDown={onPointerDown}
      >
        {columns.map((column) => (
          <ColumnView
            key={column.id}
            column={column}
            ids={order[column.id] ?? []}
            count={all[column.id]?.length ?? 0}
          />
        ))}
        {!isReadonly && <AddColumn />}
      </fieldset>
      <p id="moim-card-hint" className="vh">
        {t("card.hint")}
      </p>
    </DragSpace>
  );
}

/** Remembers the cards' places before the page shows a new order, and plays the way after. */
function useGlide(area: React.RefObject<HTMLElement | null>, order: ProjectState["order"]): Glide {
  const { project } = useBoard();
  const [glide] = useState(() => new Glide());
  useEffect(
    () =>
      project.subscribe((now, before) => {
        if (now.order !== before.order && area.current) glide.remember(area.current);
      }),
    [project, glide, area],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: it plays when the order has changed
  useLayoutEffect(() => {
    if (area.current) glide.play(area.current);
  }, [order, glide]);
  return glide;
}

/** On a narrow board: one column at a time, chosen here or by swiping. */
function ColumnTabs({ area }: { readonly area: React.RefObject<HTMLElement | null> }) {
  const board = useBoard();
  const { t } = useWords();
  const columns = useStore(board.project, (state) => state.columns);
  const order = useStore(board.project, (state) => state.order);
  const [shown, setShown] = useState(0);
  useEffect(() => {
    const element = area.current;
    if (!element) return;
    const onScroll = () => {
      const width = element.clientWidth;
      setShown(width === 0 ? 0 : Math.round(element.scrollLeft / width));
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => element.removeEventListener("scroll", onScroll);
  }, [area]);
  const show = (at: number) => {
    const column = area.current?.children[at];
    column?.scrollIntoView({ behavior: "smooth", inline: "start", block: "nearest" });
  };
  return (
    <div className="col-tabs" role="tablist" aria-label={t("board.columns")}>
      {columns.map((column, at) => {
        const count = order[column.id]?.length ?? 0;
        const isOver = column.limit !== null && count > column.limit;
        return (
          <button
            key={column.id}
            type="button"
            role="tab"
            aria-selected={at === shown}
            onClick={() => show(at)}
          >
            <StatusCircle status={column.status} />
            <span>{column.name}</span>
            <span className={`num n ${isOver ? "w" : ""}`}>
              {isOver ? `${count}/${column.limit}` : count}
            </span>
          </button>
        );
      })}
    </div>
  );
}

function AddColumn() {
  const { project } = useBoard();
  const { t } = useWords();
  const [isOpen, setOpen] = useState(false);
  const done = (name: string | null) => {
    if (name !== null) project.getState().addColumn(name, "ready");
    setOpen(false);
  };
  return (
    <div className="add-column">
      {isOpen ? (
        <NameField
          value=""
          label={t("board.columnName")}
          placeholder={t("board.columnName")}
          onDone={done}
        />
      ) : (
        <button
          type="button"
          className="ib"
          aria-label={t("board.addColumn")}
          title={t("board.addColumn")}
          onClick={() => setOpen(true)}
        >
          <Icon of={Plus} />
        </button>
      )}
    </div>
  );
}

function NoCards() {
  const { session, frame, project } = useBoard();
  const { t } = useWords();
  const isReadonly = useStore(frame, (state) => state.readonly);
  const isAdding = useStore(session, (state) => state.adding !== null);
  const first = useStore(project, (state) => state.columns[0]?.id);
  if (isAdding) return null;
  return (
    <div className="empty over">
      <EmptyBoardDrawing />
      <h3>{t("board.emptyTitle")}</h3>
      <p>{t("board.emptyHint")}</p>
      {!isReadonly && first !== undefined && (
        <button
          type="button"
          className="btn main s"
          onClick={() => session.setState({ adding: { column: first, at: "end" } })}
        >
          <Icon of={Plus} />
          {t("board.newCard")}
        </button>
      )}
    </div>
  );
}

function NoColumns() {
  const { project, frame } = useBoard();
  const { t } = useWords();
  const isReadonly = useStore(frame, (state) => state.readonly);
  return (
    <div className="empty">
      <EmptyBoardDrawing />
      <h3>{t("board.noColumnsTitle")}</h3>
      <p>{t("board.noColumnsHint")}</p>
      {!isReadonly && (
        <button
          type="button"
          className="btn main"
          onClick={() => project.getState().addColumn(t("status.ready"), "ready")}
        >
          <Icon of={Plus} />
          {t("board.addColumn")}
        </button>
      )}
    </div>
  );
}

function NoMatch({ filter }: { readonly filter: string }) {
  const { frame } = useBoard();
  const { t } = useWords();
  return (
    <p className="nores">
      <Icon of={ListFilter} />
      <span className="grow">{t("board.noMatch", { text: filter.trim() })}</span>
      <button type="button" className="btn s line" onClick={() => frame.setState({ filter: "" })}>
        {t("board.clear")}
      </button>
    </p>
  );
}

function MissingBoard({ missing }: { readonly missing: "unknown" | "refused" }) {
  const { t } = useWords();
  return (
    <div className="empty" role="alert">
      <Icon of={missing === "refused" ? Lock : SquareKanban} size={28} />
      <h3>{t(missing === "refused" ? "board.refusedTitle" : "board.unknownTitle")}</h3>
      <p>{t(missing === "refused" ? "board.refusedHint" : "board.unknownHint")}</p>
    </div>
  );
}

const BONES = [
  ["30%", "90%", "60%"],
  ["40%", "76%"],
  ["34%", "84%", "50%"],
] as const;

/** The places of the content, and only when it takes long enough to be seen. */
function Skeleton() {
  const { t } = useWords();
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), SKELETON_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return <div className="board" aria-busy="true" />;
  return (
    <div className="board" role="status" aria-busy="true" aria-label={t("board.loading")}>
      {BONES.map((cards) => (
        <div key={cards.join()} className="col">
          <div className="col-head">
            <i className="sk" style={{ width: 72 }} />
          </div>
          <div className="cards still">
            {BONES.slice(0, cards.length).map((bones) => (
              <div key={bones.join()} className="card">
                {bones.map((width) => (
                  <i key={width} className="sk" style={{ width }} />
                ))}
              </div>
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}
