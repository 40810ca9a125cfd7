/** A card's small editor beside the card: fields, column, labels, people, delete. */

import { Pencil, Tag, Trash2, Users } from "lucide-react";
import { type FocusEvent, useContext, useState } from "react";
import { useStore } from "zustand";
import type { Card } from "../../store/types";
import { LabelMenu } from "../card/label_menu";
import { PeopleMenu } from "../card/people_menu";
import { Icon } from "../icons";
import { useWords } from "../language";
import { Popover } from "../popover";
import { deleteCard, moveCard, openPart, renameEntity, titleOf } from "./actions";
import { useEditing } from "./editing";
import { CARD_FIELDS } from "./fields";
import { type CardPart, DayScope, useBoard, useReadonly } from "./session";

export function CardPopover() {
  const board = useBoard();
  const words = useWords();
  const open = useStore(board.session, (state) => state.popover);
  const card = useStore(board.project, (state) => (open ? state.cards[open.card] : undefined));
  const isReadonly = useReadonly();
  if (!open || !card || isReadonly) return null;
  const close = () => board.session.setState({ popover: null });
  return (
    <Popover
      key={`${open.card} ${open.part}`}
      anchor={open.anchor}
      label={titleOf(board, open.card, words)}
      onClose={close}
      className="card-pop"
    >
      <Part part={open.part} card={card} anchor={open.anchor} />
    </Popover>
  );
}

interface PartProps {
  readonly part: CardPart;
  readonly card: Card;
  readonly anchor: Element;
}

function Part({ part, card, anchor }: PartProps) {
  switch (part) {
    case "fields":
      return <Fields card={card} anchor={anchor} />;
    case "labels":
      return <LabelMenu card={card} />;
    case "members":
      return <Members card={card} />;
  }
}

function Fields({ card, anchor }: { readonly card: Card; readonly anchor: Element }) {
  const board = useBoard();
  const words = useWords();
  const { t } = words;
  const today = useContext(DayScope);
  const columns = useStore(board.project, (state) => state.columns);
  const column = columns.find((one) => one.id === card.column);
  const [field, setField] = useState<string | null>(null);
  useEditing(board.presence, card.id, field);
  const onFocus = (event: FocusEvent<HTMLElement>) => {
    setField(event.target.closest<HTMLElement>("[data-field]")?.dataset.field ?? null);
  };
  if (!column) return null;
  const project = board.project.getState();
  return (
    <>
      <fieldset className="fields" onFocus={onFocus} onBlur={() => setField(null)}>
        {CARD_FIELDS.map(({ name, title, editor }) => (
          <div key={name} className="f" data-field={name}>
            <span className="f-name">{t(title)}</span>
            <span className="f-value">
              {editor({
                card,
                column,
                words,
                today,
                set: (patch) => project.setCard(card.id, patch),
              })}
            </span>
          </div>
        ))}
        <label className="f">
          <span className="f-name">{t("card.moveTo")}</span>
          <select
            className="in"
            value={card.column}
            onChange={(event) =>
              moveCard(board, card.id, { column: event.target.value, before: null })
            }
          >
            {columns.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </label>
      </fieldset>
      <div className="menu part">
        <button type="button" onClick={() => renameEntity(board, card.id)}>
          <Icon of={Pencil} />
          <span className="grow">{t("card.rename")}</span>
          <kbd>F2</kbd>
        </button>
        <button type="button" onClick={() => openPart(board, card.id, "labels", anchor)}>
          <Icon of={Tag} />
          <span className="grow">{t("card.labels")}</span>
          <kbd>L</kbd>
        </button>
        <button type="button" onClick={() => openPart(board, card.id, "members", anchor)}>
          <Icon of={Users} />
          <span className="grow">{t("card.members")}</span>
          <kbd>M</kbd>
        </button>
        <button type="button" className="danger" onClick={() => deleteCard(board, card.id, words)}>
          <Icon of={Trash2} />
          <span className="grow">{t("card.delete")}</span>
          <kbd>Del</kbd>
        </button>
      </div>
    </>
  );
}

function Members({ card }: { readonly card: Card }) {
  const board = useBoard();
  useEditing(board.presence, card.id, "members");
  return (
    <PeopleMenu
      chosen={card.members}
      onToggle={(person) => board.project.getState().toggleMember(card.id, person)}
    />
  );
}
