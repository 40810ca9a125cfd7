/** One line of a checklist. */

import { useDraggable, useDroppable } from "@dnd-kit/core";
import { GripVertical, Trash2, UserPlus } from "lucide-react";
import { type KeyboardEvent, useMemo, useState } from "react";
import { useStore } from "zustand";
import type { ChecklistItem, Member } from "../../store/types";
import { useBoard } from "../board/session";
import { Icon } from "../icons";
import { useWords } from "../language";
import { NameField } from "../name_field";
import { FieldNotices } from "../notices/field_notices";
import { NoticeScope, useNoticePlace } from "../notices/read";
import { Avatars } from "../people";
import { Popover } from "../popover";
import { PeopleMenu } from "./people_menu";

interface ChecklistRowProps {
  readonly item: ChecklistItem;
  readonly isReadonly: boolean;
  readonly onStep: (item: string, by: 1 | -1) => void;
}

const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowUp: -1, ArrowDown: 1 };

export function ChecklistRow({ item, isReadonly, onStep }: ChecklistRowProps) {
  const board = useBoard();
  const { t } = useWords();
  const drag = useDraggable({ id: item.id, disabled: isReadonly });
  const drop = useDroppable({ id: item.id });
  const name = item.title || t("card.untitled");
  const remove = () => {
    const project = board.project.getState();
    const { undo } = project.together(() => project.deleteItem(item.id));
    const action = { name: t("app.undo"), run: undo };
    board.toasts.setState({ toast: { text: t("card.deleted", { name }), action } });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = STEPS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    onStep(item.id, by);
  };
  const dy = drag.transform ? `translateY(${drag.transform.y}px)` : undefined;
  return (
    <li
      ref={(element) => {
        drag.setNodeRef(element);
        drop.setNodeRef(element);
      }}
      className={`todo-row ${drag.isDragging ? "held" : ""} ${
        drop.isOver && !drag.isDragging ? "over" : ""
      }`}
      style={{ transform: dy }}
      data-id={item.id}
    >
      {!isReadonly && (
        <button
          ref={drag.setActivatorNodeRef}
          type="button"
          className="ib s grip"
          {...drag.listeners}
          aria-label={t("checklist.move", { name })}
          title={t("checklist.moveHint")}
          onKeyDown={onKeyDown}
        >
          <Icon of={GripVertical} size={12} />
        </button>
      )}
      <input
        type="checkbox"
        className="check"
        checked={item.done !== null}
        disabled={isReadonly}
        aria-label={name}
        onChange={(event) => board.project.getState().tickItem(item.id, event.target.checked)}
      />
      <ItemTitle item={item} isReadonly={isReadonly} />
      <ItemMembers item={item} isReadonly={isReadonly} />
      {!isReadonly && (
        <button
          type="button"
          className="ib s later"
          aria-label={t("checklist.delete", { name })}
          onClick={remove}
        >
          <Icon of={Trash2} size={12} />
        </button>
      )}
      <ItemNotices item={item.id} />
    </li>
  );
}

/** What of a line was set twice, below it. */
function ItemNotices({ item }: { readonly item: string }) {
  const card = useNoticePlace();
  const place = useMemo(() => card && { ...card, entities: [`items/${item}`] }, [card, item]);
  return (
    <NoticeScope value={place}>
      <FieldNotices field="title" isNamed />
      <FieldNotices field="done" isNamed />
    </NoticeScope>
  );
}

interface ItemProps {
  readonly item: ChecklistItem;
  readonly isReadonly: boolean;
}

function ItemTitle({ item, isReadonly }: ItemProps) {
  const { project } = useBoard();
  const { t } = useWords();
  const [isRenaming, setRenaming] = useState(false);
  const done = (title: string | null) => {
    if (title !== null) project.getState().setItem(item.id, { title });
    setRenaming(false);
  };
  if (isRenaming)
    return (
      <NameField
        value={item.title}
        label={t("checklist.rename")}
        onDone={done}
        className="todo-title"
      />
    );
  if (isReadonly) return <span className="todo-title">{item.title || t("card.untitled")}</span>;
  return (
    <button
      type="button"
      className="todo-title"
      title={t("checklist.rename")}
      onClick={() => setRenaming(true)}
    >
      {item.title || t("card.untitled")}
    </button>
  );
}

function ItemMembers({ item, isReadonly }: ItemProps) {
  const { client, project } = useBoard();
  const { t } = useWords();
  const members = useStore(client.workspace, (state) => state.members);
  const [anchor, setAnchor] = useState<Element | null>(null);
  const people = item.members
    .map((id) => members[id])
    .filter((member): member is Member => member !== undefined);
  if (isReadonly) return <Avatars people={people} />;
  return (
    <>
      <button
        type="button"
        className={people.length > 0 ? "item-people" : "ib s later"}
        aria-haspopup="dialog"
        aria-label={t("checklist.members", { name: item.title })}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        {people.length > 0 ? <Avatars people={people} /> : <Icon of={UserPlus} size={12} />}
      </button>
      {anchor && (
        <Popover anchor={anchor} label={t("card.members")} onClose={() => setAnchor(null)}>
          <PeopleMenu
            chosen={item.members}
            onToggle={(person) => project.getState().toggleItemMember(item.id, person)}
          />
        </Popover>
      )}
    </>
  );
}
