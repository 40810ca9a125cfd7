/** A card on the board: what it says, who is at it, and how it is taken hold of. */

import { useDraggable } from "@dnd-kit/core";
import { Clock, Ellipsis } from "lucide-react";
import {
  type MouseEvent,
  memo,
  type ReactNode,
  type SyntheticEvent,
  useContext,
  useLayoutEffect,
  useRef,
} from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { Card, Column, Member, Person } from "../../store/types";
import { CommentCount, Progress } from "../card/progress";
import { Icon } from "../icons";
import { useWords, type Words } from "../language";
import { NameField } from "../name_field";
import { shortName } from "../names";
import { FaceMarks } from "../notices/face_marks";
import { Avatar, Avatars } from "../people";
import { focusCard, openCard, openPart, renameEntity } from "./actions";
import { useEditing } from "./editing";
import { CARD_FIELDS, fieldWord } from "./fields";
import { onCardKey } from "./keys";
import { cardDrag } from "./rows";
import { DayScope, useBoard, useReadonly } from "./session";

interface CardViewProps {
  readonly id: string;
  readonly column: Column;
  /** The first card of a column is where Tab comes in; arrows go on from there. */
  readonly isFirst: boolean;
}

const MOST_LOOKERS = 3;

function join(...names: readonly (string | false | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}

export const CardView = memo(function CardView({ id, column, isFirst }: CardViewProps) {
  const board = useBoard();
  const card = useStore(board.project, (state) => state.cards[id]);
  return card ? <LiveCard card={card} column={column} isFirst={isFirst} /> : null;
});

interface LiveCardProps {
  readonly card: Card;
  readonly column: Column;
  readonly isFirst: boolean;
}

function LiveCard({ card, column, isFirst }: LiveCardProps) {
  const board = useBoard();
  const words = useWords();
  const { id } = card;
  const isReadonly = useReadonly();
  const isPicked = useStore(board.frame, (state) => state.selection === id);
  const isNaming = useStore(board.session, (state) => state.renaming === id);
  const isRenaming = isNaming && !isReadonly;
  const isLifted = useStore(
    board.session,
    (state) => state.drag?.by === "keyboard" && state.drag.card === id,
  );
  const mover = useStore(board.presence, ({ people }) =>
    people.find((person) => cardDrag(person)?.card === id),
  );
  const editor = useStore(board.presence, ({ people }) =>
    people.find(({ editing }) => editing?.entity === id && editing.field !== null),
  );
  const lookers = useStore(
    board.presence,
    useShallow(({ people }) => people.filter(({ editing }) => editing?.entity === id)),
  );
  const handle = useDraggable({ id, disabled: isReadonly || isRenaming });
  const element = useRef<HTMLElement | null>(null);
  useLayoutEffect(() => {
    if (isLifted) element.current?.focus();
  }, [isLifted]);
  const onContextMenu = (event: MouseEvent<HTMLElement>) => {
    if (isReadonly) return;
    event.preventDefault();
    // A long touch is a drag, not a menu.
    if ((event.nativeEvent as PointerEvent).pointerType === "touch") return;
    openPart(board, id, "fields", event.currentTarget);
  };
  return (
    <article
      ref={(node) => {
        element.current = node;
        handle.setNodeRef(node);
      }}
      {...handle.listeners}
      className={join(
        "card",
        column.status === "done" && "done",
        isPicked && "picked",
        isLifted && "lifted",
        mover && `moving p-${mover.colour}`,
        !mover && editor && `edited p-${editor.colour}`,
      )}
      data-moim="card"
      data-id={id}
      tabIndex={isFirst || isPicked ? 0 : -1}
      aria-roledescription={words.t("card.role")}
      aria-label={card.title || words.t("card.untitled")}
      aria-describedby={board.hintId}
      onClick={() => openCard(board, id, false)}
      onDoubleClick={() => {
        // The first of the two clicks opened it.
        board.frame.setState({ isOpen: false });
        renameEntity(board, id);
      }}
      onContextMenu={onContextMenu}
      onKeyDown={(event) => onCardKey(event, id, board, words)}
    >
      {!mover && editor && <EditorFlag person={editor} words={words} />}
      {!mover && !editor && lookers.length > 0 && <Lookers people={lookers} words={words} />}
      {!isReadonly && !mover && (
        <button
          type="button"
          className="ib s card-more"
          tabIndex={isPicked ? 0 : -1}
          onMouseDown={stop}
          onTouchStart={stop}
          aria-label={words.t("card.menu", { name: card.title || words.t("card.untitled") })}
          onClick={(event) => {
            event.stopPropagation();
            openPart(board, id, "fields", event.currentTarget);
          }}
        >
          <Icon of={Ellipsis} />
        </button>
      )}
      <CardFace card={card} column={column} mover={mover ?? null} isRenaming={isRenaming} />
    </article>
  );
}

/** A press on the button is not the beginning of a drag. */
function stop(event: SyntheticEvent): void {
  event.stopPropagation();
}

function EditorFlag({ person, words }: { readonly person: Person; readonly words: Words }) {
  const field = fieldWord(person.editing?.field ?? "", words) ?? words.t("outbox.change");
  return (
    <span className={`flag p-${person.colour}`}>
      <Avatar person={person} />
      {words.t("other.editing", { name: shortName(person.name), field: field.toLocaleLowerCase() })}
    </span>
  );
}

/** Who has the card open and only looks. */
function Lookers({ people, words }: { readonly people: readonly Person[]; readonly words: Words }) {
  return (
    <span className="avs lookers">
      {people.slice(0, MOST_LOOKERS).map((person) => (
        <Avatar
          key={person.id}
          person={person}
          label={words.t("panel.looking", { name: shortName(person.name) })}
        />
      ))}
    </span>
  );
}

interface CardFaceProps {
  readonly card: Card;
  readonly column: Column;
  readonly mover?: Person | null;
  readonly isRenaming?: boolean;
}

/** What stands on a card, also on the copy under the pointer and on somebody's ghost. */
export function CardFace({ card, column, mover = null, isRenaming = false }: CardFaceProps) {
  const words = useWords();
  const title = isRenaming ? (
    <TitleField card={card} />
  ) : (
    <h3 className="card-title">{card.title || words.t("card.untitled")}</h3>
  );
  if (mover)
    return (
      <>
        <CardTop card={card} />
        {title}
        <p className="who row">
          <Avatar person={mover} />
          {words.t("other.moving", { name: shortName(mover.name) })}
        </p>
      </>
    );
  return (
    <>
      <CardTop card={card} />
      <CardBody card={card} column={column} words={words}>
        {title}
      </CardBody>
      <ThingMarks entity={`cards/${card.id}`} />
    </>
  );
}

/** What of a card or a column waits for a decision. */
export function ThingMarks({ entity }: { readonly entity: string }) {
  const { client, frame, toasts } = useBoard();
  const project = useStore(frame, (state) => state.project);
  return (
    <FaceMarks client={client} toasts={toasts} document={`project/${project}`} entity={entity} />
  );
}

function CardTop({ card }: { readonly card: Card }) {
  const { project } = useBoard();
  const { t } = useWords();
  const labels = useStore(project, (state) => state.labels);
  const prefix = useStore(project, (state) => state.prefix);
  const isUnsent = useStore(project, (state) => state.unsent.has(card.id));
  const mine = labels.filter((label) => card.labels.includes(label.id));
  if (mine.length === 0 && card.number === null && !isUnsent) return null;
  return (
    <div className="labels">
      {mine.map((label) => (
        <span key={label.id} className={`label h-${label.colour}`}>
          <i className="dot" />
          {label.name}
        </span>
      ))}
      <span className="id num">
        {card.number !== null && `${prefix ? `${prefix}-` : "#"}${card.number}`}
        {isUnsent && (
          <span
            className="unsent"
            role="img"
            title={t("card.unsent")}
            aria-label={t("card.unsent")}
          >
            <Icon of={Clock} />
          </span>
        )}
      </span>
    </div>
  );
}

interface CardBodyProps {
  readonly card: Card;
  readonly column: Column;
  readonly words: Words;
  readonly children: ReactNode;
}

function CardBody({ card, column, words, children }: CardBodyProps) {
  const { client, project } = useBoard();
  const today = useContext(DayScope);
  const members = useStore(client.workspace, (state) => state.members);
  const people = card.members
    .map((id) => members[id])
    .filter((member): member is Member => member !== undefined);
  const items = useStore(project, (state) => state.checklists[card.id]) ?? [];
  const comments = useStore(project, (state) => state.comments[card.id]?.length ?? 0);
  const chips = [
    ...CARD_FIELDS.map((field) => ({
      name: field.name as string,
      chip: field.chip({ card, column, words, today }),
    })),
    { name: "checklist", chip: items.length > 0 && <Progress items={items} /> },
    { name: "comments", chip: comments > 0 && <CommentCount count={comments} /> },
  ].filter(({ chip }) => chip);
  const faces = <Avatars people={people} />;
  if (chips.length === 0)
    return (
      <div className="card-line">
        {children}
        {faces}
      </div>
    );
  return (
    <>
      {children}
      <div className="meta">
        <span className="meta-chips">
          {chips.map(({ name, chip }) => (
            <span key={name} className="meta-chip">
              {chip}
            </span>
          ))}
        </span>
        {faces}
      </div>
    </>
  );
}

function TitleField({ card }: { readonly card: Card }) {
  const board = useBoard();
  const { t } = useWords();
  useEditing(board.presence, card.id, "title");
  const done = (title: string | null, byKey: boolean) => {
    if (title !== null) board.project.getState().setCard(card.id, { title });
    board.session.setState({ renaming: null });
    if (byKey) requestAnimationFrame(() => focusCard(board, card.id));
  };
  return (
    <NameField value={card.title} label={t("card.title")} className="card-title" onDone={done} />
  );
}
