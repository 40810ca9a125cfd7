/** The panel's head: where the card stands, its number, who is here, the neighbours, close. */

import { ArrowLeft, Check, ChevronDown, ChevronUp, Link, Trash2, X } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { Card, Column } from "../../store/types";
import {
  closeCard,
  deleteCard,
  focusCard,
  moveCard,
  neighbourOf,
  openCard,
} from "../board/actions";
import { useBoard, useReadonly } from "../board/session";
import { copyText } from "../clipboard";
import { Icon, StatusCircle } from "../icons";
import { useWords } from "../language";
import { Avatar } from "../people";
import { Popover } from "../popover";

interface PanelHeadProps {
  readonly card: Card;
  readonly column: Column;
}

const MOST_FACES = 4;

export function PanelHead({ card, column }: PanelHeadProps) {
  const board = useBoard();
  const words = useWords();
  const { t } = words;
  const isReadonly = useReadonly();
  const prefix = useStore(board.project, (state) => state.prefix);
  return (
    <header className="panel-head">
      <button
        type="button"
        className="ib panel-back"
        aria-label={t("panel.back")}
        onClick={() => closeCard(board)}
      >
        <Icon of={ArrowLeft} size={20} />
      </button>
      <ColumnChoice card={card} column={column} isReadonly={isReadonly} />
      {card.number !== null && (
        <span className="mute num card-number">{`${prefix ? `${prefix}-` : "#"}${card.number}`}</span>
      )}
      <CopyLink card={card.id} />
      <span className="grow" />
      <HereNow card={card.id} />
      <Step card={card.id} by={-1} />
      <Step card={card.id} by={1} />
      {!isReadonly && card.deleted === null && (
        <button
          type="button"
          className="ib"
          aria-label={t("card.delete")}
          title={t("card.delete")}
          onClick={() => {
            const next = neighbourOf(board, card.id, 1) ?? neighbourOf(board, card.id, -1);
            deleteCard(board, card.id, words);
            if (next !== null) focusCard(board, next);
          }}
        >
          <Icon of={Trash2} size={16} />
        </button>
      )}
      <button
        type="button"
        className="ib panel-close"
        aria-label={t("panel.close")}
        onClick={() => closeCard(board)}
      >
        <Icon of={X} size={16} />
      </button>
    </header>
  );
}

interface ColumnChoiceProps extends PanelHeadProps {
  readonly isReadonly: boolean;
}

function ColumnChoice({ card, column, isReadonly }: ColumnChoiceProps) {
  const board = useBoard();
  const { t } = useWords();
  const columns = useStore(board.project, (state) => state.columns);
  const [anchor, setAnchor] = useState<Element | null>(null);
  const choose = (id: string) => {
    if (id !== card.column) moveCard(board, card.id, { column: id, before: null });
    setAnchor(null);
  };
  if (isReadonly)
    return (
      <span className="column-choice read" title={t("panel.column", { name: column.name })}>
        <StatusCircle status={column.status} />
        <span className="clip">{column.name}</span>
      </span>
    );
  return (
    <>
      <button
        type="button"
        className="btn s quiet column-choice"
        aria-haspopup="dialog"
        aria-label={t("panel.column", { name: column.name })}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <StatusCircle status={column.status} />
        <span className="clip">{column.name}</span>
        <Icon of={ChevronDown} size={12} />
      </button>
      {anchor && (
        <Popover anchor={anchor} label={t("card.moveTo")} onClose={() => setAnchor(null)} isMenu>
          <div className="menu">
            {columns.map((one) => (
              <button
                key={one.id}
                type="button"
                aria-pressed={one.id === column.id}
                onClick={() => choose(one.id)}
              >
                <StatusCircle status={one.status} />
                <span className="grow clip">{one.name}</span>
                {one.id === column.id && <Icon of={Check} />}
              </button>
            ))}
          </div>
        </Popover>
      )}
    </>
  );
}

function CopyLink({ card }: { readonly card: string }) {
  const { frame, toasts } = useBoard();
  const { t } = useWords();
  const copy = async () => {
    const { project } = frame.getState();
    const address = `${location.origin}/project/${project}?card=${encodeURIComponent(card)}`;
    const isCopied = await copyText(address);
    const text = isCopied ? t("panel.copied") : t("panel.copyByHand", { address });
    toasts.setState({ toast: { text, action: null } });
  };
  return (
    <button
      type="button"
      className="ib s"
      aria-label={t("panel.copyLink")}
      title={t("panel.copyLink")}
      onClick={() => void copy()}
    >
      <Icon of={Link} />
    </button>
  );
}

function HereNow({ card }: { readonly card: string }) {
  const { presence } = useBoard();
  const { t } = useWords();
  const people = useStore(
    presence,
    useShallow((state) => state.people.filter(({ editing }) => editing?.entity === card)),
  );
  if (people.length === 0) return null;
  return (
    <span className="here-now">
      <span className="mute">{t("panel.here")}</span>
      <span className="avs">
        {people.slice(0, MOST_FACES).map((person) => (
          <Avatar key={person.id} person={person} size="m" idle={person.idle} />
        ))}
        {people.length > MOST_FACES && (
          <span className="av m more num">+{people.length - MOST_FACES}</span>
        )}
      </span>
      <i className="rule" />
    </span>
  );
}

function Step({ card, by }: { readonly card: string; readonly by: 1 | -1 }) {
  const board = useBoard();
  const { t } = useWords();
  const step = () => {
    const next = neighbourOf(board, card, by);
    if (next !== null) openCard(board, next, false);
  };
  const label = by < 0 ? t("panel.previous") : t("panel.next");
  return (
    <button type="button" className="ib" aria-label={label} title={label} onClick={step}>
      <Icon of={by < 0 ? ChevronUp : ChevronDown} size={16} />
    </button>
  );
}
