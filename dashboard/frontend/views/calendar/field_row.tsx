/** One field of the event editor: its name, its control, and who else is in it. */

import { createContext, type ReactNode, useContext } from "react";
import type { Person } from "../../store/types";
import { useWords } from "../language";
import { FieldNotices } from "../notices/field_notices";

/** People who edit this event now; each knows the field. */
export const OthersScope = createContext<readonly Person[]>([]);

interface FieldRowProps {
  /** What others are told; null: a row that belongs to the one above. */
  readonly field: string | null;
  readonly title: string;
  readonly className?: string;
  readonly children: ReactNode;
}

export function FieldRow({ field, title, className = "", children }: FieldRowProps) {
  const other = useOther(field);
  const ring = other ? ` other p-${other.colour}` : "";
  return (
    <div className={`f ${className}${ring}`} data-field={field ?? undefined}>
      <span className="f-name">{title}</span>
      <span className="f-value">{children}</span>
      {other && <OtherFlag person={other} />}
      {field !== null && <FieldNotices field={field} />}
    </div>
  );
}

/** The first of the others who is in a field. */
export function useOther(field: string | null): Person | undefined {
  const people = useContext(OthersScope);
  return people.find(({ editing }) => field !== null && editing?.field === field);
}

export function OtherFlag({ person }: { readonly person: Person }) {
  const { t } = useWords();
  return (
    <span className="flag" title={t("event.otherHere", { name: person.name })}>
      {person.name}
    </span>
  );
}
