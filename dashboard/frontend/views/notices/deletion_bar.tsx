/** Over an open card or event that somebody has deleted: what is in it stays, and can come back. */

import { Trash2 } from "lucide-react";
import { useStore } from "zustand";
import { Icon } from "../icons";
import { useWords } from "../language";
import { shortName } from "../names";
import { DeletionButtons, deletionWords } from "./conflict_note";
import { useAnyState, useKnown } from "./document_state";
import { isDeletion, type NoticePlace, useConflicts, useNoticePlace } from "./read";

interface DeletionBarProps {
  /** Who deleted it and when; null: it is there. */
  readonly deleted: readonly [who: string, atMs: number] | null;
  /** null: not to be brought back by this person. */
  readonly onRestore: (() => void) | null;
}

export function DeletionBar(props: DeletionBarProps) {
  const place = useNoticePlace();
  return place && <PlacedBar {...props} place={place} />;
}

function PlacedBar({ deleted, onRestore, place }: DeletionBarProps & { place: NoticePlace }) {
  const { client, document, entities, toasts } = place;
  const { t } = useWords();
  const known = useKnown(client, useAnyState(client, document));
  const conflict = useConflicts(client, document, entities).find(isDeletion);
  const by = useStore(client.workspace, ({ members }) =>
    deleted === null ? "" : (members[deleted[0]]?.name ?? ""),
  );
  if (conflict)
    return (
      <div className="gone-bar" role="status" data-moim="conflict" data-id={conflict.id}>
        <Icon of={Trash2} size={16} />
        <p className="grow">{deletionWords(conflict, known)}</p>
        <DeletionButtons client={client} toasts={toasts} conflict={conflict} known={known} />
      </div>
    );
  if (deleted === null) return null;
  return (
    <div className="gone-bar" role="status">
      <Icon of={Trash2} size={16} />
      <p className="grow">{t("panel.deletedBy", { name: shortName(by) || "?" })}</p>
      {onRestore && (
        <button type="button" className="btn s line" onClick={onRestore}>
          {t("panel.restore")}
        </button>
      )}
    </div>
  );
}
