/** A part of the open card: tells the others that I am in it, and shows who else is. */

import { type ReactNode, useState } from "react";
import { useStore } from "zustand";
import type { Person } from "../../store/types";
import { useEditing } from "../board/editing";
import { useBoard } from "../board/session";
import { shortName } from "../names";
import { Avatar } from "../people";

interface FieldSpaceProps {
  readonly card: string;
  /** What the others read in "Minji is editing …". */
  readonly field: string;
  readonly className?: string;
  readonly children: ReactNode;
}

export function useEditorOf(card: string, field: string): Person | undefined {
  const { presence } = useBoard();
  return useStore(presence, ({ people }) =>
    people.find(({ editing }) => editing?.entity === card && editing.field === field),
  );
}

export function FieldSpace({ card, field, className = "", children }: FieldSpaceProps) {
  const { presence } = useBoard();
  const [isIn, setIn] = useState(false);
  useEditing(presence, card, isIn ? field : null);
  const editor = useEditorOf(card, field);
  return (
    <fieldset
      className={`field-space ${className} ${editor ? `busy p-${editor.colour}` : ""}`}
      data-field={field}
      onFocus={() => setIn(true)}
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) setIn(false);
      }}
    >
      {children}
      {editor && (
        <span className={`flag p-${editor.colour}`}>
          <Avatar person={editor} />
          {shortName(editor.name)}
        </span>
      )}
    </fieldset>
  );
}
