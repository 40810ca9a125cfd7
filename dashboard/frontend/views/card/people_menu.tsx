/** Everybody of the workspace as a menu: who belongs to a card, or to a line of its checklist. */

import { Check } from "lucide-react";
import { useStore } from "zustand";
import type { Member } from "../../store/types";
import { useBoard } from "../board/session";
import { Icon } from "../icons";
import { useWords } from "../language";
import { Avatar } from "../people";

interface PeopleMenuProps {
  readonly chosen: readonly string[];
  readonly onToggle: (person: string) => void;
}

/** Everybody who may be named here, by name; I am one of them before my first edit. */
export function useEverybody(): readonly Member[] {
  const board = useBoard();
  const members = useStore(board.client.workspace, (state) => state.members);
  const me = useStore(board.presence, (state) => state.me);
  const known = { [me.id]: me, ...members };
  return Object.values(known).sort((one, other) => one.name.localeCompare(other.name));
}

export function PeopleMenu({ chosen, onToggle }: PeopleMenuProps) {
  const { presence } = useBoard();
  const { t } = useWords();
  const me = useStore(presence, (state) => state.me.id);
  return (
    <>
      <h3 className="pop-title">{t("card.members")}</h3>
      <div className="menu">
        {useEverybody().map((member) => (
          <button
            key={member.id}
            type="button"
            aria-pressed={chosen.includes(member.id)}
            onClick={() => onToggle(member.id)}
          >
            <Avatar person={member} />
            <span className="grow clip">
              {member.id === me ? t("people.me", { name: member.name }) : member.name}
            </span>
            {chosen.includes(member.id) && <Icon of={Check} />}
          </button>
        ))}
      </div>
    </>
  );
}
