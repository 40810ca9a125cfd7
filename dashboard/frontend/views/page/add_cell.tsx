/** New cells: a line between two of them that opens into the kinds, and a button at the end. */

import { Plus, X } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";
import type { CellKind } from "../../store/page_types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { addCell } from "./actions";
import { DropLine } from "./drop_line";
import { KIND_ORDER, KINDS } from "./kinds";
import { useOpenPage } from "./session";

export function AddLine({ before }: { readonly before: string }) {
  const { session } = useOpenPage();
  const { t } = useWords();
  const isDragging = useStore(session, ({ drag }) => drag !== null);
  const [isOpen, setOpen] = useState(false);
  if (isDragging)
    return (
      <div className="add-line">
        <DropLine before={before} />
      </div>
    );
  if (isOpen) return <OpenLine before={before} onClose={() => setOpen(false)} />;
  return (
    <div className="add-line">
      <button
        type="button"
        className="ib s"
        aria-label={t("cell.addHere")}
        onClick={() => setOpen(true)}
      >
        <Icon of={Plus} />
      </button>
    </div>
  );
}

/** At the end of the page, and what an empty page consists of. */
export function AddButton({ isFirst }: { readonly isFirst: boolean }) {
  const { t } = useWords();
  const [isOpen, setOpen] = useState(false);
  if (isOpen || isFirst)
    return <OpenLine before={null} onClose={isFirst ? null : () => setOpen(false)} />;
  return (
    <button type="button" className="btn quiet add-cell" onClick={() => setOpen(true)}>
      <Icon of={Plus} />
      {t("cell.add")}
    </button>
  );
}

interface OpenLineProps {
  readonly before: string | null;
  /** null: it is all there is, and stays. */
  readonly onClose: (() => void) | null;
}

function OpenLine({ before, onClose }: OpenLineProps) {
  const page = useOpenPage();
  const { t } = useWords();
  const add = (kind: CellKind) => {
    addCell(page, kind, before);
    onClose?.();
  };
  return (
    <div className="add-line open">
      <i />
      {/* biome-ignore lint/a11y/useSemanticElements: a row of buttons, not a form's group */}
      <div
        className="add-kinds"
        role="group"
        aria-label={t("cell.add")}
        onKeyDown={(event) => {
          if (event.key === "Escape") onClose?.();
        }}
      >
        {KIND_ORDER.map((kind, at) => (
          <button
            key={kind}
            type="button"
            className="btn quiet s"
            // biome-ignore lint/a11y/noAutofocus: the line was opened to choose here
            autoFocus={at === 0 && onClose !== null}
            onClick={() => add(kind)}
          >
            <Icon of={KINDS[kind].icon} />
            {t(KINDS[kind].name)}
          </button>
        ))}
        {onClose && (
          <button type="button" className="ib s" aria-label={t("app.cancel")} onClick={onClose}>
            <Icon of={X} />
          </button>
        )}
      </div>
      <i />
    </div>
  );
}
