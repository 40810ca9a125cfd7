/** A column: head, virtualised cards, quick add. Only the rows in sight are in the page. */

import { useDroppable } from "@dnd-kit/core";
import { measureElement, useVirtualizer } from "@tanstack/react-virtual";
import { Ellipsis, Plus, TriangleAlert } from "lucide-react";
import { type RefObject, useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { Column } from "../../store/types";
import { Icon, StatusCircle } from "../icons";
import { useWords } from "../language";
import { NameField } from "../name_field";
import { CardView, ThingMarks } from "./card";
import { ColumnMenu } from "./column_menu";
import { useEditing } from "./editing";
import { GhostRow } from "./ghost";
import { GoneCards } from "./gone_cards";
import { QuickAdd } from "./quick_add";
import { cardDrag, type Row, rowsOf } from "./rows";
import { useBoard, useReadonly } from "./session";
import { CARD_GAP_PX } from "./slot";

const UNSEEN_CARD_PX = 82;
const OVERSCAN_ROWS = 6;
/** One slot for all other columns, so that a moving slot renders the column it is in only. */
const ELSEWHERE = { column: "", before: null };

interface ColumnViewProps {
  readonly column: Column;
  /** Ids that pass the filter. */
  readonly ids: readonly string[];
  /** All cards of the column, filtered or not. */
  readonly count: number;
}

export function ColumnView({ column, ids, count }: ColumnViewProps) {
  const { t } = useWords();
  return (
    <section
      className="col"
      data-moim="column"
      data-id={column.id}
      aria-label={t("column.label", { name: column.name, n: count })}
    >
      <ColumnHead column={column} count={count} />
      <ColumnCards column={column} ids={ids} />
    </section>
  );
}

function ColumnHead({ column, count }: { readonly column: Column; readonly count: number }) {
  const board = useBoard();
  const { t } = useWords();
  const isReadonly = useReadonly();
  const isRenaming = useStore(board.session, (state) => state.renaming === column.id);
  const [menu, setMenu] = useState<Element | null>(null);
  useEditing(board.presence, column.id, isRenaming ? "name" : null);
  const rename = (name: string | null) => {
    if (name !== null) board.project.getState().setColumn(column.id, { name });
    board.session.setState({ renaming: null });
  };
  const startRename = () => {
    if (!isReadonly) board.session.setState({ renaming: column.id });
  };
  return (
    <header className="col-head">
      <StatusCircle status={column.status} />
      {isRenaming ? (
        <NameField value={column.name} label={t("board.columnName")} onDone={rename} />
      ) : (
        <h2 className="clip" onDoubleClick={startRename}>
          {column.name}
        </h2>
      )}
      <ColumnCount column={column} count={count} />
      <ThingMarks entity={`columns/${column.id}`} />
      {!isReadonly && (
        <span className="tail">
          <button
            type="button"
            className="ib"
            aria-label={t("column.addCard", { name: column.name })}
            onClick={() => board.session.setState({ adding: { column: column.id, at: "top" } })}
          >
            <Icon of={Plus} />
          </button>
          <button
            type="button"
            className="ib later"
            aria-haspopup="dialog"
            aria-label={t("column.menu", { name: column.name })}
            onClick={(event) => setMenu(event.currentTarget)}
          >
            <Icon of={Ellipsis} />
          </button>
        </span>
      )}
      {menu && (
        <ColumnMenu column={column} count={count} anchor={menu} onClose={() => setMenu(null)} />
      )}
    </header>
  );
}

function ColumnCount({ column, count }: { readonly column: Column; readonly count: number }) {
  const { t } = useWords();
  const { limit } = column;
  if (limit === null) return <span className="n num">{count}</span>;
  const text = t("column.count", { n: count, limit });
  if (count <= limit) return <span className="n num">{text}</span>;
  return (
    <span className="wip" title={t("column.over", { limit })}>
      <Icon of={TriangleAlert} size={12} />
      {text}
    </span>
  );
}

function useRows(column: string, ids: readonly string[]): readonly Row[] {
  const { session, presence } = useBoard();
  const mine = useStore(
    session,
    useShallow(({ drag }) =>
      drag
        ? {
            card: drag.card,
            by: drag.by,
            slot: drag.slot.column === column ? drag.slot : ELSEWHERE,
            heightPx: drag.heightPx,
          }
        : null,
    ),
  );
  const seen = useStore(session, ({ drag }) => drag?.seen[column]);
  const others = useStore(
    presence,
    useShallow(({ people }) => people.filter((person) => cardDrag(person)?.slot.column === column)),
  );
  return rowsOf(column, seen ?? ids, mine, others);
}

function ColumnCards({
  column,
  ids,
}: {
  readonly column: Column;
  readonly ids: readonly string[];
}) {
  const board = useBoard();
  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const rows = useRows(column.id, ids);
  const { setNodeRef } = useDroppable({ id: column.id });
  const dragged = useStore(board.session, ({ drag }) => drag?.card);
  const isSource = useStore(
    board.session,
    ({ drag }) => drag?.by === "pointer" && drag.from.column === column.id,
  );
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => heightOf(rows[index], board.heights),
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: OVERSCAN_ROWS,
    gap: CARD_GAP_PX,
    useFlushSync: false,
    measureElement: (element, entry, instance) => {
      const height = measureElement(element, entry, instance);
      const card = element.getAttribute("data-card");
      if (card) board.heights.set(card, height);
      return height;
    },
    rangeExtractor: ({ startIndex, endIndex, count, overscan }) => {
      const first = Math.max(0, startIndex - overscan);
      const last = Math.min(count - 1, endIndex + overscan);
      const shown = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
      // A lifted card holds the focus, so it stays in the page wherever it is.
      const lifted = rows.findIndex((row) => row.type === "card" && row.card === dragged);
      return lifted < 0 || shown.includes(lifted)
        ? shown
        : [...shown, lifted].sort((one, other) => one - other);
    },
  });
  usePlace(column.id, list, ids, (index) => virtualizer.scrollToIndex(index, { align: "auto" }));
  return (
    <div className="cards-scroll" ref={scroller}>
      <QuickAdd column={column} ids={ids} at="top" />
      <GoneCards column={column.id} />
      <ul
        className="cards"
        ref={(element) => {
          list.current = element;
          setNodeRef(element);
        }}
        style={{ height: virtualizer.getTotalSize() }}
      >
        {virtualizer.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          return (
            <li
              key={row.key}
              ref={virtualizer.measureElement}
              data-index={item.index}
              data-card={row.type === "card" ? row.card : undefined}
              className="card-row"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <RowView row={row} column={column} isFirst={item.index === 0} />
            </li>
          );
        })}
        {isSource && dragged !== undefined && (
          // The element that the pointer took hold of must stay until it lets go.
          <li key={dragged} className="card-row held" aria-hidden="true">
            <CardView id={dragged} column={column} isFirst={false} />
          </li>
        )}
      </ul>
      <QuickAdd column={column} ids={ids} at="end" />
    </div>
  );
}

function heightOf(row: Row | undefined, heights: ReadonlyMap<string, number>): number {
  if (row?.type === "slot") return row.heightPx;
  return (row && heights.get(row.card)) ?? UNSEEN_CARD_PX;
}

interface RowViewProps {
  readonly row: Row;
  readonly column: Column;
  readonly isFirst: boolean;
}

function RowView({ row, column, isFirst }: RowViewProps) {
  switch (row.type) {
    case "card":
      return <CardView id={row.card} column={column} isFirst={isFirst} />;
    case "slot":
      return <div className="slot mine" style={{ height: row.heightPx }} aria-hidden="true" />;
    case "ghost":
      return <GhostRow card={row.card} person={row.person} column={column} />;
  }
}

/** Lets the board find this column's list while something is dragged or looked for. */
function usePlace(
  column: string,
  list: RefObject<HTMLUListElement | null>,
  ids: readonly string[],
  reveal: (index: number) => void,
): void {
  const { places } = useBoard();
  const now = useRef({ ids, reveal });
  now.current = { ids, reveal };
  useEffect(() => {
    if (!list.current) return;
    places.set(column, {
      list: list.current,
      reveal: (card) => now.current.reveal(now.current.ids.indexOf(card)),
    });
    return () => void places.delete(column);
  }, [column, places, list]);
}
