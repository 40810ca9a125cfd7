/** A card's title as a heading that one can type in; it shows others' edits unless typed in. */

import { type KeyboardEvent, useState } from "react";
import type { Card } from "../../store/types";
import { useBoard } from "../board/session";
import { useWords } from "../language";
import { isComposing } from "../name_field";

interface CardTitleProps {
  readonly card: Card;
  readonly isReadonly: boolean;
}

const MOST_CHARACTERS = 500;

export function CardTitle({ card, isReadonly }: CardTitleProps) {
  const { project } = useBoard();
  const { t } = useWords();
  /** What stands in the field since it was typed into; null: the title. */
  const [draft, setDraft] = useState<string | null>(null);
  const shown = draft ?? card.title;
  if (isReadonly)
    return (
      <h2 className="panel-title">
        <span className="read">{card.title || t("card.untitled")}</span>
      </h2>
    );
  const keep = () => {
    const title = draft?.replaceAll(/\s+/g, " ").trim();
    if (title && title !== card.title) project.getState().setCard(card.id, { title });
    setDraft(null);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (isComposing(event)) return;
    if (event.key === "Enter") {
      event.preventDefault();
      keep();
    }
    // The first Escape drops what was typed, the next one closes the panel.
    if (event.key === "Escape" && draft !== null) {
      event.preventDefault();
      setDraft(null);
    }
  };
  return (
    <h2 className="panel-title">
      <span aria-hidden="true">{`${shown} `}</span>
      <textarea
        rows={1}
        value={shown}
        aria-label={t("card.title")}
        placeholder={t("card.untitled")}
        maxLength={MOST_CHARACTERS}
        spellCheck={false}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={keep}
        onKeyDown={onKeyDown}
      />
    </h2>
  );
}
