/** At the field itself: a chip for what was set twice or not accepted, which opens into the whole. */

import { Ban, TriangleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import { Icon } from "../icons";
import { useWords } from "../language";
import { ConflictNote } from "./conflict_note";
import { registerWord } from "./edit_words";
import { type NoticePlace, useConflicts, useNoticePlace, useRefused } from "./read";
import { RefusedNote } from "./refused_note";
import { registerOf } from "./registers";

interface FieldNoticesProps {
  /** As the editor calls it: the register's name, or that of a set. */
  readonly field: string;
  /** True: the chip says which field, because nothing beside it does. */
  readonly isNamed?: boolean;
}

/** Sets are kept as a register each of their members. */
const SETS: Readonly<Record<string, string>> = { members: "member", labels: "label" };

export function FieldNotices(props: FieldNoticesProps) {
  const place = useNoticePlace();
  return place && <PlacedNotices {...props} place={place} />;
}

function PlacedNotices({ field, isNamed, place }: FieldNoticesProps & { place: NoticePlace }) {
  const { client, document, entities } = place;
  const { t } = useWords();
  const paths = entities.map((entity) => `${entity}/${SETS[field] ?? field}`);
  const conflicts = useConflicts(client, document, paths);
  const refused = useRefused(client, document, paths);
  const name = useFieldName(document, paths[0] ?? "");
  return (
    <>
      {conflicts.map((conflict) => (
        <Folded
          key={conflict.id}
          name="conflict"
          id={conflict.id}
          icon={<Icon of={TriangleAlert} />}
          text={isNamed ? t("conflict.named", { field: name }) : t("conflict.chip")}
          label={t("conflict.chipLabel", { field: name })}
        >
          <ConflictNote {...place} conflict={conflict} />
        </Folded>
      ))}
      {refused.map((edit) => (
        <Folded
          key={edit.key}
          name="refused"
          id={edit.key}
          icon={<Icon of={Ban} />}
          text={t("refused.chip")}
          label={t("refused.chipLabel", { field: name })}
        >
          <RefusedNote {...place} edit={edit} />
        </Folded>
      ))}
    </>
  );
}

function useFieldName(document: string, path: string): string {
  return registerWord(registerOf(document, path), useWords());
}

interface FoldedProps {
  readonly name: "conflict" | "refused";
  readonly id: string;
  readonly icon: ReactNode;
  readonly text: string;
  readonly label: string;
  readonly children: ReactNode;
}

/** Opens in its place: nothing else is covered, and typing goes on. */
function Folded({ name, id, icon, text, label, children }: FoldedProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="f-notice" data-moim={name} data-id={id}>
      <button
        type="button"
        className={`chip ${name === "conflict" ? "warn" : "danger"}`}
        aria-expanded={isOpen}
        aria-label={label}
        onClick={() => setOpen(!isOpen)}
      >
        {icon}
        {text}
      </button>
      {isOpen && children}
    </div>
  );
}
