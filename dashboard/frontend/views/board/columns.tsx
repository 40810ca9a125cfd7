/** The columns side by side; on a narrow board one at a time, with tabs. */

import { Plus } from "lucide-react";
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import type { ProjectState } from "../../store/types";
import { Icon, StatusCircle } from "../icons";
import { useWords } from "../language";
import { NameField } from "../name_field";
import { cancelDrag, revealCard } from "./actions";
import { useFiltered } from "./bar";
import { ColumnView } from "./column";
import { DragSpace } from "./drag";
import { NoCards, NoColumns, NoMatch } from "./empty";
import { isFiltering } from "./filter";
import { Glide } from "./glide";
import { useBoard, useReadonly } from "./session";

export function Columns() {
  const board = useBoard();
  const words = useWords();
  const { t } = words;
  const columns = useStore(board.project, (state) => state.columns);
  const all = useStore(board.project, (state) => state.order);
  const filter = useStore(board.frame, (state) => state.filter);
  const isReadonly = useReadonly();
  const { order, shown, all: total } = useFiltered();
  const isDragging = useStore(board.session, ({ drag }) => drag?.by === "pointer");
  const area = useRef<HTMLFieldSetElement>(null);
  const glide = useGlide(area, all);
  useLayoutEffect(() => {
    board.visible.order = order;
    board.visible.columns = columns;
  }, [board, order, columns]);
  useReveal();
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
        className={isDragging ? "lanes dragging" : "lanes"}
        ref={area}
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
      <p id={board.hintId} className="vh">
        {t("card.hint")}
      </p>
    </DragSpace>
  );
}

/** A card chosen from outside (an address, Python) is brought into sight. */
function useReveal(): void {
  const board = useBoard();
  const selection = useStore(board.frame, (state) => state.selection);
  useEffect(() => {
    if (selection === null) return;
    const frame = requestAnimationFrame(() => revealCard(board, selection));
    return () => cancelAnimationFrame(frame);
  }, [board, selection]);
}

/** Remembers the cards' places before the page shows a new order, and plays the way after. */
function useGlide(area: RefObject<HTMLElement | null>, order: ProjectState["order"]): Glide {
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
function ColumnTabs({ area }: { readonly area: RefObject<HTMLElement | null> }) {
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
