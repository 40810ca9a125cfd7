/** What can be done with a column: name, limit, status, place, end. */

import { ArrowLeft, ArrowRight, Check, Pencil, Trash2 } from "lucide-react";
import { useStore } from "zustand";
import type { Column, Status } from "../../store/types";
import { Icon, StatusCircle } from "../icons";
import { useWords } from "../language";
import { Popover } from "../popover";
import { TypedField } from "../typed_field";
import { useBoard } from "./session";

interface ColumnMenuProps {
  readonly column: Column;
  readonly count: number;
  readonly anchor: Element;
  readonly onClose: () => void;
}

const STATUSES: readonly Status[] = ["backlog", "ready", "doing", "review", "done"];

/** What was typed as a limit: null for none, undefined for what is no whole number from 1 to 99. */
export function limitOf(typed: string): number | null | undefined {
  if (typed.trim() === "") return null;
  const value = Number(typed);
  return Number.isInteger(value) && value >= 1 && value <= 99 ? value : undefined;
}

export function ColumnMenu({ column, count, anchor, onClose }: ColumnMenuProps) {
  const board = useBoard();
  const { t } = useWords();
  const columns = useStore(board.project, (state) => state.columns);
  const project = board.project.getState();
  const at = columns.findIndex((one) => one.id === column.id);
  const rename = () => {
    onClose();
    board.session.setState({ renaming: column.id });
  };
  const move = (before: string | null) => {
    project.moveColumn(column.id, before);
    onClose();
  };
  const keepLimit = (typed: string) => {
    const limit = limitOf(typed);
    if (limit !== undefined && limit !== column.limit) project.setColumn(column.id, { limit });
  };
  const remove = () => {
    onClose();
    project.deleteColumn(column.id);
    board.toasts.setState({
      toast: { text: t("column.deleted", { name: column.name }), action: null },
    });
  };
  return (
    <Popover
      anchor={anchor}
      label={t("column.menu", { name: column.name })}
      onClose={onClose}
      isMenu
    >
      <div className="menu">
        <button type="button" onClick={rename}>
          <Icon of={Pencil} />
          {t("column.rename")}
        </button>
        <button type="button" disabled={at <= 0} onClick={() => move(columns[at - 1]?.id ?? null)}>
          <Icon of={ArrowLeft} />
          {t("column.moveLeft")}
        </button>
        <button
          type="button"
          disabled={at >= columns.length - 1}
          onClick={() => move(columns[at + 2]?.id ?? null)}
        >
          <Icon of={ArrowRight} />
          {t("column.moveRight")}
        </button>
        <div className="menu-line">
          <span className="grow">{t("column.limit")}</span>
          <TypedField
            value={column.limit === null ? "" : String(column.limit)}
            label={t("column.limit")}
            placeholder={t("column.noLimit")}
            inputMode="numeric"
            onTyped={keepLimit}
          />
        </div>
      </div>
      <fieldset className="menu part" aria-label={t("column.status")}>
        {STATUSES.map((status) => (
          <button
            key={status}
            type="button"
            aria-pressed={status === column.status}
            onClick={() => project.setColumn(column.id, { status })}
          >
            <StatusCircle status={status} />
            <span className="grow">{t(`status.${status}`)}</span>
            {status === column.status && <Icon of={Check} />}
          </button>
        ))}
      </fieldset>
      <div className="menu part">
        <button
          type="button"
          className="danger"
          disabled={count > 0}
          title={count > 0 ? t("column.notEmpty") : undefined}
          onClick={remove}
        >
          <Icon of={Trash2} />
          {t("column.delete")}
        </button>
      </div>
    </Popover>
  );
}
