/** Who takes part: faces, and the list of members to choose from. */

import { Check, Plus } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";
import type { Member, MoimClient } from "../../store/types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { Avatar } from "../people";

interface PeopleFieldProps {
  readonly client: MoimClient;
  readonly me: Member | null;
  readonly members: readonly string[];
  readonly onToggle: (person: string) => void;
}

export function PeopleField({ client, me, members, onToggle }: PeopleFieldProps) {
  const { t } = useWords();
  const [isOpen, setOpen] = useState(false);
  const listed = useStore(client.workspace, (state) => state.members);
  const known: Readonly<Record<string, Member>> = me ? { [me.id]: me, ...listed } : listed;
  const sorted = Object.values(known).sort((one, other) => one.name.localeCompare(other.name));
  const chosen = sorted.filter(({ id }) => members.includes(id));
  return (
    <div className="people-field">
      <button
        type="button"
        className="btn quiet people-button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        {chosen.length === 0 && <Icon of={Plus} />}
        {chosen.length === 0 && t("event.addPeople")}
        {chosen.map((member) => (
          <span key={member.id} className="person-name">
            <Avatar person={member} />
            {member.name}
          </span>
        ))}
      </button>
      {isOpen && (
        <div className="menu people-choices">
          {sorted.map((member) => (
            <button
              key={member.id}
              type="button"
              aria-pressed={members.includes(member.id)}
              onClick={() => onToggle(member.id)}
            >
              <Avatar person={member} />
              <span className="grow clip">
                {member.id === me?.id ? t("people.me", { name: member.name }) : member.name}
              </span>
              {members.includes(member.id) && <Icon of={Check} />}
            </button>
          ))}
          {sorted.length === 0 && <p className="menu-note">{t("card.noMembers")}</p>}
        </div>
      )}
    </div>
  );
}
