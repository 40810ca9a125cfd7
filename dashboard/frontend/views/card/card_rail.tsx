/** The small fields of the open card, one row each, with a name beside the one somebody edits. */

import { type ReactNode, useContext, useState } from "react";
import { useStore } from "zustand";
import type { Card, Column, Member } from "../../store/types";
import { CARD_FIELDS, type FieldView } from "../board/fields";
import { DayScope, useBoard } from "../board/session";
import { useWords } from "../language";
import { shortName } from "../names";
import { FieldNotices } from "../notices/field_notices";
import { Avatars } from "../people";
import { Popover } from "../popover";
import { FieldSpace } from "./field_space";
import { PeopleMenu } from "./people_menu";

interface CardRailProps {
  readonly card: Card;
  readonly column: Column;
  readonly isReadonly: boolean;
}

export function CardRail({ card, column, isReadonly }: CardRailProps) {
  const { project } = useBoard();
  const words = useWords();
  const today = useContext(DayScope);
  const view: FieldView = { card, column, words, today };
  return (
    <fieldset className="panel-rail fields" disabled={isReadonly}>
      <Row card={card.id} field="members" title={words.t("card.members")}>
        <Members card={card} />
      </Row>
      {CARD_FIELDS.map(({ name, title, editor, problem }) => (
        <Row
          key={name}
          card={card.id}
          field={name}
          title={words.t(title)}
          problem={problem?.(view) ?? null}
        >
          {editor({ ...view, set: (patch) => project.getState().setCard(card.id, patch) })}
        </Row>
      ))}
    </fieldset>
  );
}

interface RowProps {
  readonly card: string;
  readonly field: string;
  readonly title: string;
  readonly problem?: string | null;
  readonly children: ReactNode;
}

function Row({ card, field, title, problem = null, children }: RowProps) {
  return (
    <FieldSpace card={card} field={field} className="f">
      <span className="f-name">{title}</span>
      <span className="f-value">{children}</span>
      {problem !== null && (
        <p className="f-problem" role="alert">
          {problem}
        </p>
      )}
      <FieldNotices field={field} />
    </FieldSpace>
  );
}

function Members({ card }: { readonly card: Card }) {
  const { client, project } = useBoard();
  const { t } = useWords();
  const members = useStore(client.workspace, (state) => state.members);
  const [anchor, setAnchor] = useState<Element | null>(null);
  const people = card.members
    .map((id) => members[id])
    .filter((member): member is Member => member !== undefined);
  return (
    <>
      <button
        type="button"
        className="f-button"
        aria-haspopup="dialog"
        aria-label={t("panel.chooseMembers")}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <Avatars people={people} />
        <span className="clip">
          {people.map((person) => shortName(person.name)).join(", ") || t("card.none")}
        </span>
      </button>
      {anchor && (
        <Popover anchor={anchor} label={t("card.members")} onClose={() => setAnchor(null)}>
          <PeopleMenu
            chosen={card.members}
            onToggle={(person) => project.getState().toggleMember(card.id, person)}
          />
        </Popover>
      )}
    </>
  );
}
