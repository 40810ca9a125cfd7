/** A card's small editor beside the card: fields, column, labels, people, delete. */

import { Check, Pencil, Plus, Tag, Trash2, Users } from "lucide-react";
import { type FocusEvent, useContext, useState } from "react";
import { useStore } from "zustand";
import type { Card, Hue } from "../../store/types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { NameField } from "../name_field";
import { Avatar } from "../people";
import { Popover } from "../popover";
import { deleteCard, moveCard, openPart, renameEntity, titleOf } from "./actions";
import { useEditing } from "./editing";
import { CARD_FIELDS } from "./fields";
import { type CardPart, DayScope, useBoard } from "./session";

const HUES: readonly Hue[] = ["blue", "violet", "teal", "orange", "green", "pink", "yellow", "red"];

export function CardPopover() {
  const board = useBoard();
  const words = useWords();
  const open = useStore(board.session, (state) => state.popover);
  const card = useStore(board.project, (state) => (open ? state.cards[open.card] : undefined));
  if (!open || !card) return null;
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
      return <Labels card={card} />;
    case "members":
      return <People card={card} />;
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

function Labels({ card }: { readonly card: Card }) {
  const board = useBoard();
  const { t } = useWords();
  const labels = useStore(board.project, (state) => state.labels);
  const [isAdding, setAdding] = useState(false);
  useEditing(board.presence, card.id, "labels");
  const add = (name: string | null) => {
    const project = board.project.getState();
    const hue = HUES[labels.length % HUES.length] ?? "blue";
    if (name !== null) project.toggleLabel(card.id, project.addLabel(name, hue));
    setAdding(false);
  };
  return (
    <>
      <h3 className="pop-title">{t("card.labels")}</h3>
      <div className="menu">
        {labels.map((label) => (
          <button
            key={label.id}
            type="button"
            className={`h-${label.colour}`}
            aria-pressed={card.labels.includes(label.id)}
            onClick={() => board.project.getState().toggleLabel(card.id, label.id)}
          >
            <i className="dot" />
            <span className="grow clip">{label.name}</span>
            {card.labels.includes(label.id) && <Icon of={Check} />}
          </button>
        ))}
        {labels.length === 0 && <p className="menu-note">{t("card.noLabels")}</p>}
      </div>
      <div className="menu part">
        {isAdding ? (
          <NameField
            value=""
            label={t("card.newLabel")}
            placeholder={t("card.newLabel")}
            onDone={add}
          />
        ) : (
          <button type="button" onClick={() => setAdding(true)}>
            <Icon of={Plus} />
            {t("card.newLabel")}
          </button>
        )}
      </div>
    </>
  );
}

function People({ card }: { readonly card: Card }) {
  const board = useBoard();
  const { t } = useWords();
  const members = useStore(board.client.workspace, (state) => state.members);
  const me = useStore(board.presence, (state) => state.me);
  useEditing(board.presence, card.id, "members");
  const known = { [me.id]: me, ...members };
  const sorted = Object.values(known).sort((one, other) => one.name.localeCompare(other.name));
  return (
    <>
      <h3 className="pop-title">{t("card.members")}</h3>
      <div className="menu">
        {sorted.map((member) => (
          <button
            key={member.id}
            type="button"
            aria-pressed={card.members.includes(member.id)}
            onClick={() => board.project.getState().toggleMember(card.id, member.id)}
          >
            <Avatar person={member} />
            <span className="grow clip">
              {member.id === me.id ? t("people.me", { name: member.name }) : member.name}
            </span>
            {card.members.includes(member.id) && <Icon of={Check} />}
          </button>
        ))}
        {sorted.length === 0 && <p className="menu-note">{t("card.noMembers")}</p>}
      </div>
    </>
  );
}
