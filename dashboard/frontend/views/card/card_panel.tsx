/** The card that is open, whole: docked beside the board, which stays usable. */

import { type KeyboardEvent, useEffect, useMemo, useRef } from "react";
import { useStore } from "zustand";
import type { Card, Column } from "../../store/types";
import { closeCard } from "../board/actions";
import { openCardOf } from "../board/frame";
import { useBoard, useReadonly } from "../board/session";
import { Fence } from "../fence";
import { useWords } from "../language";
import { isComposing } from "../name_field";
import { NoteEditor } from "../notes/note_editor";
import { DeletionBar } from "../notices/deletion_bar";
import { FieldNotices } from "../notices/field_notices";
import { type NoticePlace, NoticeScope } from "../notices/read";
import { CardLabels } from "./card_labels";
import { CardRail } from "./card_rail";
import { Checklist } from "./checklist";
import { Comments } from "./comments";
import { FieldSpace } from "./field_space";
import { PanelHead } from "./panel_head";
import { CardTitle } from "./title_field";

export function CardPanel() {
  const board = useBoard();
  const id = useStore(board.frame, openCardOf);
  const card = useStore(board.project, (state) => (id === null ? undefined : state.cards[id]));
  const column = useStore(
    board.project,
    ({ columns }) => columns.find((one) => one.id === card?.column) ?? columns[0],
  );
  useOpenSeen(id);
  if (id === null || column === undefined) return null;
  return (
    <PanelSpace key={id}>
      {card === undefined ? <Unknown /> : <OpenCard card={card} column={column} />}
    </PanelSpace>
  );
}

/** The others see whose card I have open. */
function useOpenSeen(id: string | null): void {
  const { presence } = useBoard();
  useEffect(() => {
    presence.getState().setOpen(id);
    return () => presence.getState().setOpen(null);
  }, [presence, id]);
}

function PanelSpace({ children }: { readonly children: React.ReactNode }) {
  const board = useBoard();
  const { t } = useWords();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!board.session.getState().isEntering) return;
    board.session.setState({ isEntering: false });
    panel.current?.focus({ preventScroll: true });
  }, [board]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || isComposing(event) || event.defaultPrevented) return;
    event.preventDefault();
    closeCard(board);
  };
  return (
    <aside
      ref={panel}
      className="card-panel"
      aria-label={t("panel.label")}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <Fence>{children}</Fence>
    </aside>
  );
}

interface OpenCardProps {
  readonly card: Card;
  readonly column: Column;
}

function OpenCard({ card, column }: OpenCardProps) {
  const board = useBoard();
  const { t } = useWords();
  const isReadonly = useReadonly();
  const project = useStore(board.frame, (state) => state.project);
  const document = `project/${project}`;
  const place = useMemo<NoticePlace>(
    () => ({
      client: board.client,
      toasts: board.toasts,
      document,
      entities: [`cards/${card.id}`],
    }),
    [board, document, card.id],
  );
  const restore = () => board.project.getState().restoreCard(card.id);
  return (
    <NoticeScope value={place}>
      <PanelHead card={card} column={column} />
      <DeletionBar deleted={card.deleted} onRestore={isReadonly ? null : restore} />
      <div className="panel-body">
        <div className="panel-main">
          <FieldSpace card={card.id} field="title">
            <CardTitle card={card} isReadonly={isReadonly} />
          </FieldSpace>
          <FieldNotices field="title" isNamed />
          <FieldNotices field="place" isNamed />
          <CardLabels card={card} isReadonly={isReadonly} />
          <FieldSpace card={card.id} field="notes">
            <NoteEditor
              client={board.client}
              document={document}
              path={`cards/${card.id}/notes`}
              label={t("note.label")}
              placeholder={isReadonly ? "" : t("note.placeholder")}
              readonly={isReadonly}
            />
          </FieldSpace>
          <Checklist card={card.id} isReadonly={isReadonly} />
          <Comments card={card.id} isReadonly={isReadonly} />
        </div>
        <CardRail card={card} column={column} isReadonly={isReadonly} />
      </div>
    </NoticeScope>
  );
}

/** The address names no card. */
function Unknown() {
  const board = useBoard();
  const { t } = useWords();
  return (
    <div className="empty" role="status">
      <h3>{t("panel.unknown")}</h3>
      <div className="row">
        <button type="button" className="btn line" onClick={() => closeCard(board)}>
          {t("app.close")}
        </button>
      </div>
    </div>
  );
}
