/** The cells of a page in their order, and the places where new ones go. */

import {
  DndContext,
  type DragMoveEvent,
  DragOverlay,
  MouseSensor,
  TouchSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { Fragment, type ReactNode, type RefObject, useEffect, useRef } from "react";
import { useStore } from "zustand";
import type { Cell } from "../../store/page_types";
import { useWords } from "../language";
import { aimAt, placeInWords } from "./actions";
import { AddButton, AddLine } from "./add_cell";
import { CellView } from "./cell";
import { useCellName } from "./cell_name";
import { DropLine } from "./drop_line";
import { type OpenPage, useMayEditPage, useOpenPage } from "./session";

const MOUSE = { activationConstraint: { distance: 4 } };
/** A finger that stays is a drag, one that moves is a scroll. */
const TOUCH = { activationConstraint: { delay: 220, tolerance: 8 } };

export function Cells({ wanted }: { readonly wanted: string | null }) {
  const page = useOpenPage();
  const cells = useStore(page.store, (state) => state.cells);
  const isEditor = useMayEditPage();
  const list = useRef<HTMLDivElement>(null);
  useScrollTo(wanted, list);
  return (
    <CellDrag list={list}>
      <div className="cells" ref={list}>
        {cells.map((cell) => (
          <Fragment key={cell.id}>
            {isEditor ? <AddLine before={cell.id} /> : <div className="add-line" />}
            <CellView cell={cell} isEditor={isEditor} />
          </Fragment>
        ))}
        <DropLine before={null} />
      </div>
      {isEditor && <AddButton isFirst={cells.length === 0} />}
    </CellDrag>
  );
}

/** The cell of the address is brought into sight when it is there, and when the address changes. */
function useScrollTo(wanted: string | null, list: RefObject<HTMLElement | null>): void {
  const { store } = useOpenPage();
  const isThere = useStore(store, ({ cells }) => cells.some(({ id }) => id === wanted));
  useEffect(() => {
    if (wanted === null || !isThere) return;
    const cell = list.current?.querySelector(`[data-id="${CSS.escape(wanted)}"]`);
    cell?.scrollIntoView({ block: "center" });
  }, [wanted, isThere, list]);
}

interface CellDragProps {
  readonly list: RefObject<HTMLElement | null>;
  readonly children: ReactNode;
}

/** Nothing moves while a cell is in the air: a line says where it will stand. */
function CellDrag({ list, children }: CellDragProps) {
  const page = useOpenPage();
  const { t } = useWords();
  const sensors = useSensors(useSensor(MouseSensor, MOUSE), useSensor(TouchSensor, TOUCH));
  const begin = (cell: string) => page.session.setState({ drag: { cell, before: cell } });
  const move = ({ active, activatorEvent, delta }: DragMoveEvent) => {
    const y = startOf(activatorEvent) + delta.y;
    const before = list.current ? aimAt(list.current, y) : null;
    page.session.setState({ drag: { cell: String(active.id), before } });
  };
  const end = () => {
    const { drag } = page.session.getState();
    page.session.setState({ drag: null });
    if (!drag) return;
    page.store.getState().moveCell(drag.cell, drag.before);
    page.announce(t("cell.moved", placeInWords(page, drag.cell)));
  };
  return (
    <DndContext
      sensors={sensors}
      accessibility={{ announcements: SILENT, screenReaderInstructions: { draggable: "" } }}
      onDragStart={({ active }) => begin(String(active.id))}
      onDragMove={move}
      onDragEnd={end}
      onDragCancel={() => page.session.setState({ drag: null })}
    >
      {children}
      <DragOverlay dropAnimation={null} zIndex={80}>
        <DraggedName page={page} />
      </DragOverlay>
    </DndContext>
  );
}

/** The page has its own announcements, in the person's language. */
const SILENT = {
  onDragStart: () => undefined,
  onDragOver: () => undefined,
  onDragEnd: () => undefined,
  onDragCancel: () => undefined,
};

function startOf(event: Event): number {
  if (event instanceof MouseEvent) return event.clientY;
  return (event as TouchEvent).touches[0]?.clientY ?? 0;
}

function DraggedName({ page }: { readonly page: OpenPage }) {
  const id = useStore(page.session, ({ drag }) => drag?.cell);
  const cell = useStore(page.store, ({ cells }) => cells.find((one) => one.id === id));
  return cell ? <NameOnly cell={cell} /> : null;
}

function NameOnly({ cell }: { readonly cell: Cell }) {
  const name = useCellName(cell);
  return <div className="cell-lifted clip">{name}</div>;
}
