/** The card's labels under its title, and the menu that changes them. */

import { Plus } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";
import type { Card } from "../../store/types";
import { useBoard } from "../board/session";
import { Icon } from "../icons";
import { useWords } from "../language";
import { Popover } from "../popover";
import { LabelMenu } from "./label_menu";

interface CardLabelsProps {
  readonly card: Card;
  readonly isReadonly: boolean;
}

export function CardLabels({ card, isReadonly }: CardLabelsProps) {
  const { project } = useBoard();
  const { t } = useWords();
  const labels = useStore(project, (state) => state.labels);
  const [anchor, setAnchor] = useState<Element | null>(null);
  const mine = labels.filter((label) => card.labels.includes(label.id));
  if (isReadonly && mine.length === 0) return null;
  return (
    <div className="panel-labels">
      {mine.map((label) => (
        <span key={label.id} className={`label box h-${label.colour}`}>
          <i className="dot" />
          {label.name}
        </span>
      ))}
      {!isReadonly && (
        <button
          type="button"
          className={mine.length === 0 ? "btn s quiet" : "ib s"}
          aria-label={t("panel.addLabel")}
          aria-haspopup="dialog"
          onClick={(event) => setAnchor(event.currentTarget)}
        >
          <Icon of={Plus} />
          {mine.length === 0 && t("panel.addLabel")}
        </button>
      )}
      {anchor && (
        <Popover
          anchor={anchor}
          label={t("card.labels")}
          onClose={() => setAnchor(null)}
          className="card-pop"
        >
          <LabelMenu card={card} />
        </Popover>
      )}
    </div>
  );
}
