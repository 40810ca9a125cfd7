/** The labels of a project as a menu for one card, and the way to a new one. */

import { Check, Plus } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";
import type { Card, Hue } from "../../store/types";
import { useEditing } from "../board/editing";
import { useBoard } from "../board/session";
import { Icon } from "../icons";
import { useWords } from "../language";
import { NameField } from "../name_field";

const HUES: readonly Hue[] = ["blue", "violet", "teal", "orange", "green", "pink", "yellow", "red"];

export function LabelMenu({ card }: { readonly card: Card }) {
  const board = useBoard();
  const { t } = useWords();
  const labels = useStore(board.project, (state) => state.labels);
  const [isAdding, setAdding] = useState(false);
  useEditing(board.presence, card.id, "labels");
  const add = (name: string | null) => {
    const project = board.project.getState();
    const hue = HUES[labels.length % HUES.length] ?? "blue";
    if (name !== null) project.toggleLabel(card.id, project.addLabel(name, hue));
    setAdding(false);
  };
  return (
    <>
      <h3 className="pop-title">{t("card.labels")}</h3>
      <div className="menu">
        {labels.map((label) => (
          <button
            key={label.id}
            type="button"
            className={`h-${label.colour}`}
            aria-pressed={card.labels.includes(label.id)}
            onClick={() => board.project.getState().toggleLabel(card.id, label.id)}
          >
            <i className="dot" />
            <span className="grow clip">{label.name}</span>
            {card.labels.includes(label.id) && <Icon of={Check} />}
          </button>
        ))}
        {labels.length === 0 && <p className="menu-note">{t("card.noLabels")}</p>}
      </div>
      <div className="menu part">
        {isAdding ? (
          <NameField
            value=""
            label={t("card.newLabel")}
            placeholder={t("card.newLabel")}
            onDone={add}
          />
        ) : (
          <button type="button" onClick={() => setAdding(true)}>
            <Icon of={Plus} />
            {t("card.newLabel")}
          </button>
        )}
      </div>
    </>
  );
}
