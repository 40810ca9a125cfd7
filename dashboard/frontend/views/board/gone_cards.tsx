/** Cards that somebody deleted while I changed them: greyed where they stood, until I say what shall be. */

import { Trash2 } from "lucide-react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { Card, ConflictNotice, ProjectState } from "../../store/types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { DeletionButtons, deletionWords } from "../notices/conflict_note";
import { useKnown } from "../notices/document_state";
import { isDeletion } from "../notices/read";
import { useBoard } from "./session";

const NO_CARDS: ProjectState["cards"] = {};

export function GoneCards({ column }: { readonly column: string }) {
  const { client, frame, project } = useBoard();
  const document = `project/${useStore(frame, (state) => state.project)}`;
  const conflicts = useStore(
    client.connection,
    useShallow((state) =>
      state.conflicts.filter((one) => one.document === document && isDeletion(one)),
    ),
  );
  // Without any, an edit of a card does not come through here.
  const cards = useStore(project, (state) => (conflicts.length > 0 ? state.cards : NO_CARDS));
  return conflicts.map((conflict) => {
    const card = cards[conflict.entity.split("/")[1] ?? ""];
    if (!conflict.entity.startsWith("cards/") || card?.column !== column) return null;
    return card.deleted && <GoneCard key={conflict.id} card={card} conflict={conflict} />;
  });
}

interface GoneCardProps {
  readonly card: Card;
  readonly conflict: ConflictNotice;
}

function GoneCard({ card, conflict }: GoneCardProps) {
  const { client, project, toasts } = useBoard();
  const known = useKnown(client, useStore(project));
  const { t } = useWords();
  return (
    <article className="card gone" data-moim="conflict" data-id={conflict.id}>
      <h3 className="card-title">{card.title || t("card.untitled")}</h3>
      <p className="gone-who">
        <Icon of={Trash2} />
        {deletionWords(conflict, known)}
      </p>
      <div className="acts">
        <DeletionButtons client={client} toasts={toasts} conflict={conflict} known={known} />
      </div>
    </article>
  );
}
