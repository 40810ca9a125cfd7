/** One cell: its handle, head and content, and who is in it. */

import { useDraggable } from "@dnd-kit/core";
import { GripVertical } from "lucide-react";
import { type FocusEvent, type KeyboardEvent, memo, useRef } from "react";
import { useStore } from "zustand";
import type { Cell } from "../../store/page_types";
import type { Person } from "../../store/types";
import { Fence } from "../fence";
import { Icon } from "../icons";
import { useWords } from "../language";
import { shortName } from "../names";
import { Avatar } from "../people";
import { deleteCell, stepCell } from "./actions";
import { CellHead } from "./cell_head";
import { useCellName } from "./cell_name";
import { HeightGrip } from "./height_grip";
import { heightOf, KINDS } from "./kinds";
import { useNear } from "./near";
import { useOpenPage } from "./session";

interface CellViewProps {
  readonly cell: Cell;
  readonly isEditor: boolean;
}

export const CellView = memo(function CellView({ cell, isEditor }: CellViewProps) {
  const page = useOpenPage();
  const words = useWords();
  const name = useCellName(cell);
  const element = useRef<HTMLElement>(null);
  const isDragged = useStore(page.session, ({ drag }) => drag?.cell === cell.id);
  const people = useStore(page.presence, (state) => state.people);
  const [first, ...others] = people.filter(({ editing }) => editing?.entity === cell.id);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.altKey ? { ArrowUp: -1, ArrowDown: 1 }[event.key] : undefined;
    if (!isEditor || step === undefined || isTyping(event.nativeEvent)) return;
    event.preventDefault();
    stepCell(page, cell.id, step, words);
    const focused = document.activeElement as HTMLElement | null;
    requestAnimationFrame(() => focused?.focus());
  };
  return (
    <section
      ref={element}
      className={`cell ${cell.kind}${isDragged ? " dragged" : ""}${first ? ` held p-${first.colour}` : ""}`}
      data-moim="cell"
      data-id={cell.id}
      data-kind={cell.kind}
      aria-label={name}
      onKeyDown={onKeyDown}
      {...useBeingIn(cell.id)}
    >
      {isEditor && (
        <Handle
          cell={cell.id}
          name={name}
          onDelete={() => deleteCell(page, cell.id, name, words)}
        />
      )}
      <CellHead cell={cell} name={name} isEditor={isEditor} />
      <CellBody cell={cell} isEditor={isEditor} />
      {first && <Margin people={[first, ...others]} />}
    </section>
  );
});

/** A text field has its own use for Alt and an arrow. */
function isTyping({ target }: Event): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Who has the focus inside a cell is in it. */
function useBeingIn(cell: string) {
  const { presence } = useOpenPage();
  const isInside = (event: FocusEvent) => event.currentTarget.contains(event.relatedTarget);
  return {
    onFocus: (event: FocusEvent) => {
      if (!isInside(event)) presence.getState().setEditing({ entity: cell, field: "cell" });
    },
    onBlur: (event: FocusEvent) => {
      if (!isInside(event)) presence.getState().setEditing(null);
    },
  };
}

interface HandleProps {
  readonly cell: string;
  readonly name: string;
  readonly onDelete: () => void;
}

function Handle({ cell, name, onDelete }: HandleProps) {
  const { t } = useWords();
  const handle = useDraggable({ id: cell });
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Delete" || event.key === "Backspace") onDelete();
  };
  return (
    <div className="cell-gutter">
      <button
        ref={handle.setNodeRef}
        type="button"
        className="ib s cell-handle"
        aria-label={t("cell.move", { name })}
        title={t("cell.moveHint")}
        {...handle.listeners}
        onKeyDown={onKeyDown}
      >
        <Icon of={GripVertical} />
      </button>
    </div>
  );
}

/** Not mounted before it is nearly in sight, so that a long page opens as fast as a short one. */
function CellBody({ cell, isEditor }: CellViewProps) {
  const body = useRef<HTMLDivElement>(null);
  const isNear = useNear(body);
  const heightPx = heightOf(cell);
  const { Body } = KINDS[cell.kind];
  return (
    <div
      ref={body}
      className={heightPx === null ? "cell-body" : "cell-body sized"}
      style={heightPx === null ? undefined : { height: heightPx }}
      aria-busy={isNear ? undefined : true}
    >
      {isNear && (
        <Fence>
          <Body cell={cell} />
        </Fence>
      )}
      {isEditor && heightPx !== null && <HeightGrip cell={cell} body={body} />}
    </div>
  );
}

function Margin({ people }: { readonly people: readonly Person[] }) {
  const { t } = useWords();
  return (
    <aside className="cell-margin">
      {people.map((person) => (
        <span key={person.id} data-moim="cell-face" data-id={person.id}>
          <Avatar
            person={person}
            size="m"
            idle={person.idle}
            label={t("cell.isHere", { name: shortName(person.name) })}
          />
        </span>
      ))}
    </aside>
  );
}
