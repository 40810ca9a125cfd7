/** On a card's face: what of it was set twice, and what the server did not accept. */

import { Ban, TriangleAlert } from "lucide-react";
import { type SyntheticEvent, useState } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { ConflictNotice, MoimClient, RefusedEdit } from "../../store/types";
import { fieldWord } from "../board/fields";
import { Icon } from "../icons";
import { useWords, type Words } from "../language";
import { Popover } from "../popover";
import type { ToastState } from "../toast";
import { ConflictNote } from "./conflict_note";
import { isDeletion, useConflicts, useRefused } from "./read";
import { RefusedNote } from "./refused_note";
import { registerOf } from "./registers";

interface FaceMarksProps {
  readonly client: MoimClient;
  readonly toasts: StoreApi<ToastState>;
  readonly document: string;
  readonly entity: string;
}

export function FaceMarks(props: FaceMarksProps) {
  const { client, document, entity } = props;
  const conflicts = useConflicts(client, document, [entity]);
  const refused = useRefused(client, document, [entity]);
  if (conflicts.length + refused.length === 0) return null;
  return (
    <span className="face-marks">
      {conflicts.map((conflict) => (
        <ConflictMark key={conflict.id} {...props} conflict={conflict} />
      ))}
      {refused.map((edit) => (
        <RefusedMark key={edit.key} {...props} edit={edit} />
      ))}
    </span>
  );
}

/** A press here is neither the beginning of a drag nor a click on the card. */
const ALONE = {
  onMouseDown: stop,
  onTouchStart: stop,
  onKeyDown: stop,
  onDoubleClick: stop,
};

function stop(event: SyntheticEvent): void {
  event.stopPropagation();
}

export function conflictWords({ document, path }: ConflictNotice, words: Words): string {
  if (isDeletion({ path })) return words.t("deletion.mark");
  const field = fieldWord(registerOf(document, path).field ?? "", words);
  return field === null ? words.t("conflict.chip") : words.t("conflict.named", { field });
}

function ConflictMark({ conflict, ...props }: FaceMarksProps & { conflict: ConflictNotice }) {
  const words = useWords();
  const [anchor, setAnchor] = useState<Element | null>(null);
  const text = conflictWords(conflict, words);
  return (
    <>
      <button
        type="button"
        className="chip warn"
        data-moim="conflict"
        data-id={conflict.id}
        data-path={conflict.path}
        aria-haspopup="dialog"
        {...ALONE}
        onClick={(event) => {
          event.stopPropagation();
          setAnchor(event.currentTarget);
        }}
      >
        <Icon of={TriangleAlert} />
        {text}
      </button>
      {anchor && (
        <NotePopover label={text} anchor={anchor} onClose={() => setAnchor(null)}>
          <ConflictNote {...props} conflict={conflict} />
        </NotePopover>
      )}
    </>
  );
}

function RefusedMark({ edit, ...props }: FaceMarksProps & { edit: RefusedEdit }) {
  const { t } = useWords();
  const [anchor, setAnchor] = useState<Element | null>(null);
  return (
    <>
      <button
        type="button"
        className="chip danger"
        data-moim="refused"
        data-id={edit.key}
        aria-haspopup="dialog"
        {...ALONE}
        onClick={(event) => {
          event.stopPropagation();
          setAnchor(event.currentTarget);
        }}
      >
        <Icon of={Ban} />
        {t("refused.chip")}
      </button>
      {anchor && (
        <NotePopover label={t("refused.chip")} anchor={anchor} onClose={() => setAnchor(null)}>
          <RefusedNote {...props} edit={edit} />
        </NotePopover>
      )}
    </>
  );
}

interface NotePopoverProps {
  readonly label: string;
  readonly anchor: Element;
  readonly onClose: () => void;
  readonly children: React.ReactNode;
}

/** What is clicked inside must not reach the card, which would open. */
function NotePopover({ label, anchor, onClose, children }: NotePopoverProps) {
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only keeps events to itself
    // biome-ignore lint/a11y/useKeyWithClickEvents: it only keeps events to itself
    <span {...ALONE} onClick={stop}>
      <Popover anchor={anchor} label={label} onClose={onClose} className="note-pop">
        {children}
      </Popover>
    </span>
  );
}
