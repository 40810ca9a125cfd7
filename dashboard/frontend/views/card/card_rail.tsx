/** The small fields of the open card, one row each, with a name beside the one somebody edits. */

import { type ReactNode, useContext, useState } from "react";
import { useStore } from "zustand";
import type { Card, Column, Member } from "../../store/types";
import { CARD_FIELDS, type FieldView } from "../board/fields";
import { DayScope, useBoard } from "../board/session";
import { useWords } from "../language";
import { shortName } from "../names";
import { useKnown } from "../notices/document_state";
import { FieldNotices } from "../notices/field_notices";
import { registerOf } from "../notices/registers";
import { valueWords } from "../notices/value_words";
import { Avatars } from "../people";
import { Popover } from "../popover";
import { FieldSpace } from "./field_space";
import { PeopleMenu } from "./people_menu";

interface CardRailProps {
  readonly card: Card;
  readonly column: Column;
  readonly isReadonly: boolean;
}

export function CardRail(props: CardRailProps) {
  return props.isReadonly ? <ReadRail {...props} /> : <EditRail {...props} />;
}

function EditRail({ card, column }: CardRailProps) {
  const { project } = useBoard();
  const words = useWords();
  const today = useContext(DayScope);
  const view: FieldView = { card, column, words, today };
  return (
    <fieldset className="panel-rail fields">
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

/** What the fields say, for those who may only look. */
function ReadRail({ card }: CardRailProps) {
  const { client, frame, project } = useBoard();
  const document = `project/${useStore(frame, (state) => state.project)}`;
  const known = useKnown(client, useStore(project));
  const { t } = known.words;
  const people = usePeople(card);
  const told = (name: string) => {
    const value = (card as unknown as Readonly<Record<string, unknown>>)[name];
    return valueWords(registerOf(document, `cards/${card.id}/${name}`), value, known);
  };
  return (
    <section className="panel-rail fields read" aria-label={t("panel.label")}>
      <Row card={card.id} field="members" title={t("card.members")}>
        <span className="f-text">
          <Avatars people={people} />
          {people.map((person) => shortName(person.name)).join(", ") || t("card.none")}
        </span>
      </Row>
      {CARD_FIELDS.map(({ name, title }) => (
        <Row key={name} card={card.id} field={name} title={t(title)}>
          <span className="f-text">{told(name)}</span>
        </Row>
      ))}
    </section>
  );
}

function usePeople(card: Card): readonly Member[] {
  const { client } = useBoard();
  const members = useStore(client.workspace, (state) => state.members);
  return card.members
    .map((id) => members[id])
    .filter((member): member is Member => member !== undefined);
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
  const { project } = useBoard();
  const { t } = useWords();
  const [anchor, setAnchor] = useState<Element | null>(null);
  const people = usePeople(card);
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
