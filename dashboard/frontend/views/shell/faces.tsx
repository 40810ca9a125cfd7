/** Who else is here: five faces and a count; the list names everybody and lets me name myself. */

import { useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { MoimClient, Person, PresenceState } from "../../store/types";
import { useWords } from "../language";
import { NameField } from "../name_field";
import { useNarrow } from "../narrow";
import { Avatar } from "../people";
import { Popover } from "../popover";

const MOST_FACES = 5;
const MOST_FACES_NARROW = 1;

interface FacesProps {
  readonly client: MoimClient;
  readonly presence: StoreApi<PresenceState>;
}

export function Faces({ client, presence }: FacesProps) {
  const { t } = useWords();
  const people = useStore(presence, (state) => state.people);
  const me = useStore(presence, (state) => state.me);
  const [anchor, setAnchor] = useState<Element | null>(null);
  const shown = people.slice(0, useNarrow() ? MOST_FACES_NARROW : MOST_FACES);
  const more = people.length - shown.length;
  return (
    <>
      <button
        type="button"
        className="ib faces"
        aria-haspopup="dialog"
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <span className="vh">
          {people.length > 0 ? t("people.here", { n: people.length }) : t("people.nobody")}
        </span>
        <span className="avs">
          {shown.map((person) => (
            <span key={person.id} className="face" data-moim="face" data-id={person.id}>
              <Avatar person={person} size="m" idle={person.idle} label={faceLabel(person, t)} />
            </span>
          ))}
          {more > 0 && <span className="av m more num">+{more}</span>}
          <span className="face me">
            <Avatar person={me} size="m" label={t("people.me", { name: me.name })} />
          </span>
        </span>
      </button>
      {anchor && (
        <Popover anchor={anchor} label={t("card.members")} onClose={() => setAnchor(null)}>
          <div className="people-list">
            <div className="person">
              <Avatar person={me} size="m" />
              <NameField
                value={me.name}
                label={t("people.yourName")}
                onDone={(name) => {
                  if (name !== null) client.rename(name);
                  setAnchor(null);
                }}
              />
            </div>
            {people.map((person) => (
              <div key={person.id} className="person">
                <Avatar person={person} size="m" idle={person.idle} />
                <span className="grow clip">{faceLabel(person, t)}</span>
              </div>
            ))}
            {people.length === 0 && <p className="menu-note">{t("people.nobody")}</p>}
          </div>
        </Popover>
      )}
    </>
  );
}

function faceLabel(person: Person, t: ReturnType<typeof useWords>["t"]): string {
  return person.idle ? t("people.idle", { name: person.name }) : person.name;
}
