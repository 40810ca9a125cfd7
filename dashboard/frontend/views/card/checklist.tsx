/** A card's checklist: tick, add with Enter, reorder by pointer or by keys; done lines fold away. */

import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  PointerSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import { Plus } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { useStore } from "zustand";
import type { ChecklistItem } from "../../store/types";
import { useBoard } from "../board/session";
import { Icon } from "../icons";
import { useWords } from "../language";
import { isComposing } from "../name_field";
import { ChecklistRow } from "./checklist_row";
import { FieldSpace } from "./field_space";
import { ProgressBar } from "./progress";

interface ChecklistProps {
  readonly card: string;
  readonly isReadonly: boolean;
}

const NO_ITEMS: readonly ChecklistItem[] = [];
const DRAG_FROM_PX = 4;

export function Checklist({ card, isReadonly }: ChecklistProps) {
  const { project } = useBoard();
  const { t } = useWords();
  const items = useStore(project, (state) => state.checklists[card] ?? NO_ITEMS);
  const [isAllShown, setAllShown] = useState(false);
  // What was done before I came folds away; what is ticked before my eyes stays.
  const [folded] = useState(() => new Set(items.filter(isDone).map((item) => item.id)));
  const shown = items.filter((item) => isAllShown || !isDone(item) || !folded.has(item.id));
  const hidden = items.some((item) => isDone(item) && folded.has(item.id));
  if (isReadonly && items.length === 0) return null;
  return (
    <FieldSpace card={card} field="checklist" className="checklist">
      <h3 className="sec">
        {t("checklist.title")}
        {items.length > 0 && (
          <>
            <ProgressBar items={items} />
            <span className="num mute">
              {t("checklist.progress", { n: items.filter(isDone).length, of: items.length })}
            </span>
          </>
        )}
        {hidden && (
          <button
            type="button"
            className="btn s quiet"
            aria-pressed={isAllShown}
            onClick={() => setAllShown(!isAllShown)}
          >
            {isAllShown ? t("checklist.hideDone") : t("checklist.showDone")}
          </button>
        )}
      </h3>
      <Lines items={items} shown={shown} isReadonly={isReadonly} />
      {!isReadonly && <NewItem card={card} />}
    </FieldSpace>
  );
}

function isDone(item: ChecklistItem): boolean {
  return item.done !== null;
}

interface LinesProps {
  readonly items: readonly ChecklistItem[];
  readonly shown: readonly ChecklistItem[];
  readonly isReadonly: boolean;
}

function Lines({ items, shown, isReadonly }: LinesProps) {
  const { project } = useBoard();
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: DRAG_FROM_PX } }),
  );
  const drop = ({ active, over }: DragEndEvent) => {
    if (over === null || over.id === active.id) return;
    const before = beforeOf(items, String(active.id), String(over.id));
    project.getState().moveItem(String(active.id), before);
  };
  const step = (item: string, by: 1 | -1) => {
    const at = shown.findIndex((one) => one.id === item);
    const over = shown[at + by];
    if (over) project.getState().moveItem(item, beforeOf(items, item, over.id));
  };
  return (
    <DndContext sensors={sensors} collisionDetection={closestCenter} onDragEnd={drop}>
      <ul className="todo">
        {shown.map((item) => (
          <ChecklistRow key={item.id} item={item} isReadonly={isReadonly} onStep={step} />
        ))}
      </ul>
    </DndContext>
  );
}

/** Dropped on a line below, an item comes after it; on one above, before it. */
export function beforeOf(
  items: readonly Pick<ChecklistItem, "id">[],
  moved: string,
  over: string,
): string | null {
  const ids = items.map((item) => item.id);
  const [from, to] = [ids.indexOf(moved), ids.indexOf(over)];
  return to > from ? (ids[to + 1] ?? null) : over;
}

function NewItem({ card }: { readonly card: string }) {
  const { project } = useBoard();
  const { t } = useWords();
  const field = useRef<HTMLInputElement>(null);
  const [title, setTitle] = useState("");
  const add = () => {
    if (title.trim() !== "") project.getState().addItem(card, title.trim());
    setTitle("");
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === "Enter") add();
    if (event.key === "Escape" && title !== "") {
      event.preventDefault();
      setTitle("");
    }
  };
  return (
    <div className="todo-new">
      <Icon of={Plus} />
      <input
        ref={field}
        value={title}
        placeholder={t("checklist.add")}
        aria-label={t("checklist.add")}
        maxLength={500}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={add}
      />
    </div>
  );
}
