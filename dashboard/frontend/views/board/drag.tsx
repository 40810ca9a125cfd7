/** Mouse and touch: the columns are the only droppables, the slot comes from the cards' heights. */

import {
  type CollisionDetection,
  DndContext,
  type DragMoveEvent,
  DragOverlay,
  MouseSensor,
  TouchSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import type { ReactNode } from "react";
import { useStore } from "zustand";
import { useWords } from "../language";
import { cancelDrag, dropCard, liftCard, moveSlot } from "./actions";
import { CardFace } from "./card";
import type { Glide } from "./glide";
import { type BoardContext, useBoard } from "./session";
import { slotAt, slotIndexAt, without } from "./slot";

const UNSEEN_CARD_PX = 82;
const MOUSE = { activationConstraint: { distance: 4 } };
/** Columns come into sight at a pace at which one can still let go above the right one. */
const SCROLL = { acceleration: 5, threshold: { x: 0.1, y: 0.16 } };
/** A finger that stays is a drag, one that moves is a scroll. */
const TOUCH = { activationConstraint: { delay: 220, tolerance: 8 } };

/** The column whose middle is nearest to the pointer: always one, also beside the board. */
const nearestColumn: CollisionDetection = ({
  droppableContainers,
  droppableRects,
  pointerCoordinates,
  collisionRect,
}) => {
  const x = pointerCoordinates?.x ?? collisionRect.left + collisionRect.width / 2;
  const distances = droppableContainers.flatMap((container) => {
    const rect = droppableRects.get(container.id);
    if (!rect) return [];
    return [{ id: container.id, distance: Math.abs(rect.left + rect.width / 2 - x) }];
  });
  return distances.sort((one, other) => one.distance - other.distance).slice(0, 1);
};

function aimAt(board: BoardContext, event: DragMoveEvent) {
  const column = event.over && String(event.over.id);
  const drag = board.session.getState().drag;
  const place = column === null ? undefined : board.places.get(column);
  const rect = event.active.rect.current.translated;
  if (!drag || !place || column === null || !rect) return null;
  const ids = without(drag.seen[column] ?? [], drag.card);
  const top = rect.top - place.list.getBoundingClientRect().top;
  const heightOf = (id: string) => board.heights.get(id) ?? UNSEEN_CARD_PX;
  return slotAt(column, ids, slotIndexAt(ids, heightOf, top));
}

interface DragSpaceProps {
  readonly glide: Glide;
  readonly children: ReactNode;
}

export function DragSpace({ glide, children }: DragSpaceProps) {
  const board = useBoard();
  const words = useWords();
  const sensors = useSensors(useSensor(MouseSensor, MOUSE), useSensor(TouchSensor, TOUCH));
  const onDragMove = (event: DragMoveEvent) => {
    const slot = aimAt(board, event);
    if (slot) moveSlot(board, slot, words);
  };
  const onDragEnd = (event: DragMoveEvent) => {
    const rect = event.active.rect.current.translated;
    if (rect) glide.from(String(event.active.id), rect);
    dropCard(board, words);
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={nearestColumn}
      autoScroll={SCROLL}
      accessibility={{ announcements: SILENT, screenReaderInstructions: { draggable: "" } }}
      onDragStart={({ active }) => liftCard(board, String(active.id), "pointer", words)}
      onDragMove={onDragMove}
      onDragEnd={onDragEnd}
      onDragCancel={() => cancelDrag(board, words)}
    >
      {children}
      <DragOverlay dropAnimation={null} zIndex={80}>
        <DraggedCard />
      </DragOverlay>
    </DndContext>
  );
}

/** The board has its own announcements, in the person's language. */
const SILENT = {
  onDragStart: () => undefined,
  onDragOver: () => undefined,
  onDragEnd: () => undefined,
  onDragCancel: () => undefined,
};

function DraggedCard() {
  const board = useBoard();
  const id = useStore(board.session, ({ drag }) => drag?.card ?? "");
  const card = useStore(board.project, (state) => state.cards[id]);
  const column = useStore(board.project, (state) =>
    state.columns.find((one) => one.id === card?.column),
  );
  if (!card || !column) return null;
  return (
    <div className="card lifted" aria-hidden="true">
      <CardFace card={card} column={column} />
    </div>
  );
}
