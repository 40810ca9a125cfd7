/** Who else is here: five faces and a count; the list names everybody and lets me name myself. */

import { LocateFixed, Pencil } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { Member, MoimClient, Person, PresenceState } from "../../store/types";
import { Icon } from "../icons";
import { useWords, type Words } from "../language";
import { NameField } from "../name_field";
import { useNarrow } from "../narrow";
import { Avatar } from "../people";
import { Popover } from "../popover";
import { entryOf } from "./entries";
import { type Follow, startFollowing } from "./follow";
import { companyIn, whereIs } from "./people_at";

const MOST_FACES = 5;
const MOST_FACES_NARROW = 1;
const NOBODY: readonly Person[] = [];

interface FacesProps {
  readonly client: MoimClient;
  readonly presence: StoreApi<PresenceState>;
}

/** The people of one document, for a view that stands alone. */
export function Faces({ client, presence }: FacesProps) {
  const people = useStore(presence, (state) => state.people);
  const me = useStore(presence, (state) => state.me);
  return (
    <Stack me={me} here={people} elsewhere={NOBODY}>
      {() => (
        <div className="people-list">
          <Myself client={client} me={me} />
          {people.map((person) => (
            <PersonLine key={person.id} person={person} />
          ))}
        </div>
      )}
    </Stack>
  );
}

interface WorkspaceFacesProps {
  readonly client: MoimClient;
  /** The workspace's presence, and that of the document shown. */
  readonly everybody: StoreApi<PresenceState>;
  readonly presence: StoreApi<PresenceState> | null;
  readonly document: string | null;
  readonly follow: Follow;
}

/** Everybody in the workspace, those in this document first; each can be followed. */
export function WorkspaceFaces(props: WorkspaceFacesProps) {
  const { client, everybody, presence, document, follow } = props;
  const { t } = useWords();
  const me = useStore(everybody, (state) => state.me);
  const all = useStore(everybody, (state) => state.people);
  const inDocument = useStore(presence ?? everybody, ({ people }) => (presence ? people : NOBODY));
  const { here, elsewhere } = useMemo(
    () => companyIn(document, inDocument, all),
    [document, inDocument, all],
  );
  const line = (person: Person, close: () => void) => (
    <PersonLine key={person.id} person={person} place={<Whereabouts {...{ client, person }} />}>
      <FollowButton person={person} follow={follow} onDone={close} />
    </PersonLine>
  );
  return (
    <Stack me={me} here={here} elsewhere={elsewhere}>
      {(close) => (
        <div className="people-list">
          <Myself client={client} me={me} />
          {here.map((person) => line(person, close))}
          {elsewhere.length > 0 && <h3 className="people-head">{t("people.elsewhereHead")}</h3>}
          {elsewhere.map((person) => line(person, close))}
        </div>
      )}
    </Stack>
  );
}

interface StackProps {
  readonly me: Member;
  readonly here: readonly Person[];
  readonly elsewhere: readonly Person[];
  /** The list that the faces open. */
  readonly children: (close: () => void) => ReactNode;
}

function Stack({ me, here, elsewhere, children }: StackProps) {
  const words = useWords();
  const { t } = words;
  const [anchor, setAnchor] = useState<Element | null>(null);
  const people = [...here, ...elsewhere];
  const shown = people.slice(0, useNarrow() ? MOST_FACES_NARROW : MOST_FACES);
  const more = people.length - shown.length;
  const close = () => setAnchor(null);
  return (
    <>
      <button
        type="button"
        className="ib faces"
        aria-haspopup="dialog"
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <span className="vh">{countWords(here.length, elsewhere.length, words)}</span>
        <span className="avs">
          {shown.map((person, at) => (
            <span
              key={person.id}
              className={at < here.length ? "face" : "face elsewhere"}
              data-moim="face"
              data-id={person.id}
            >
              <Avatar
                person={person}
                size="m"
                idle={person.idle}
                label={faceLabel(person, words)}
              />
            </span>
          ))}
          {more > 0 && <span className="av m more num">+{more}</span>}
          <span className="face me">
            <Avatar person={me} size="m" label={t("people.me", { name: me.name })} />
          </span>
        </span>
      </button>
      {anchor && (
        <Popover anchor={anchor} label={t("card.members")} onClose={close}>
          {children(close)}
          {people.length === 0 && <p className="menu-note">{t("people.nobody")}</p>}
        </Popover>
      )}
    </>
  );
}

function countWords(here: number, elsewhere: number, { t }: Words): string {
  if (here + elsewhere === 0) return t("people.nobody");
  const counts = [
    here > 0 ? t("people.here", { n: here }) : "",
    elsewhere > 0 ? t("people.elsewhere", { n: elsewhere }) : "",
  ];
  return counts.filter(Boolean).join(", ");
}

interface MyselfProps {
  readonly client: MoimClient;
  readonly me: Member;
}

function Myself({ client, me }: MyselfProps) {
  const { t } = useWords();
  const [isRenaming, setRenaming] = useState(false);
  const rename = (name: string | null) => {
    if (name !== null) client.rename(name);
    setRenaming(false);
  };
  return (
    <div className="person">
      <Avatar person={me} size="m" />
      {isRenaming ? (
        <NameField value={me.name} label={t("people.yourName")} onDone={rename} />
      ) : (
        <>
          <span className="grow clip">{t("people.me", { name: me.name })}</span>
          <button type="button" className="btn s quiet" onClick={() => setRenaming(true)}>
            <Icon of={Pencil} size={12} />
            {t("people.rename")}
          </button>
        </>
      )}
    </div>
  );
}

interface PersonLineProps {
  readonly person: Person;
  readonly place?: ReactNode;
  readonly children?: ReactNode;
}

function PersonLine({ person, place, children }: PersonLineProps) {
  const words = useWords();
  return (
    <div className="person">
      <Avatar person={person} size="m" idle={person.idle} />
      <span className="grow clip">
        {faceLabel(person, words)}
        {place}
      </span>
      {children}
    </div>
  );
}

interface WhereaboutsProps {
  readonly client: MoimClient;
  readonly person: Person;
}

/** The name of what somebody has before them. */
function Whereabouts({ client, person }: WhereaboutsProps) {
  const name = useStore(client.workspace, (state) => entryOf(state, whereIs(person))?.name);
  return name ? <small className="person-place clip">{name}</small> : null;
}

interface FollowButtonProps {
  readonly person: Person;
  readonly follow: Follow;
  readonly onDone: () => void;
}

/** Programs are here too, and nowhere that one could follow them to. */
function FollowButton({ person, follow, onDone }: FollowButtonProps) {
  const { t } = useWords();
  if (whereIs(person) === null) return null;
  return (
    <button
      type="button"
      className="btn s line"
      aria-label={t("follow.person", { name: person.name })}
      onClick={() => {
        startFollowing(follow, person);
        onDone();
      }}
    >
      <Icon of={LocateFixed} size={12} />
      {t("follow.start")}
    </button>
  );
}

function faceLabel(person: Person, { t }: Words): string {
  return person.idle ? t("people.idle", { name: person.name }) : person.name;
}
