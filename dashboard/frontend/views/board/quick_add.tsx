/** One line for new cards: Enter adds and stays for the next, Escape or leaving closes. */

import { Plus } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import { useStore } from "zustand";
import type { Column } from "../../store/types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { isComposing } from "../name_field";
import { useBoard, useReadonly } from "./session";

interface QuickAddProps {
  readonly column: Column;
  readonly ids: readonly string[];
  readonly at: "top" | "end";
}

export function QuickAdd({ column, ids, at }: QuickAddProps) {
  const board = useBoard();
  const { t } = useWords();
  const isReadonly = useReadonly();
  const isOpen = useStore(
    board.session,
    ({ adding }) => adding?.column === column.id && adding.at === at,
  );
  const open = () => board.session.setState({ adding: { column: column.id, at } });
  if (isReadonly) return null;
  if (isOpen) return <AddField column={column} ids={ids} at={at} />;
  if (at === "top") return null;
  return (
    <button type="button" className="add" onClick={open}>
      <Icon of={Plus} />
      {t("card.add")}
    </button>
  );
}

function AddField({ column, ids, at }: QuickAddProps) {
  const board = useBoard();
  const { t } = useWords();
  const field = useRef<HTMLInputElement>(null);
  const close = () => board.session.setState({ adding: null });
  const add = () => {
    const title = field.current?.value.trim() ?? "";
    if (title === "") return;
    const before = at === "top" ? (ids[0] ?? null) : null;
    board.project.getState().addCard({ column: column.id, before }, title);
    if (field.current) field.current.value = "";
    requestAnimationFrame(() => field.current?.scrollIntoView({ block: "nearest" }));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (isComposing(event)) return;
    if (event.key === "Enter") add();
    if (event.key === "Escape") close();
  };
  const onBlur = () => {
    add();
    close();
  };
  return (
    <div className="quick-add">
      <input
        ref={field}
        // biome-ignore lint/a11y/noAutofocus: the person has just asked for this field
        autoFocus
        aria-label={t("column.addCard", { name: column.name })}
        placeholder={t("card.addPlaceholder")}
        maxLength={500}
        onKeyDown={onKeyDown}
        onBlur={onBlur}
      />
    </div>
  );
}
