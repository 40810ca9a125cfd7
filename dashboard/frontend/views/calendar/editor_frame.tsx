/** The popover of the event editor, and what becomes of typed text when it closes. */

import { X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Icon } from "../icons";
import { useWords } from "../language";
import { useNarrow } from "../narrow";
import { Popover, placeAside, placeAsSheet } from "../popover";
import { DraftScope, Drafts } from "./drafts";

interface EditorFrameProps {
  readonly label: string;
  readonly anchor: Element;
  readonly drafts: Drafts;
  readonly onEscape: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function EditorFrame(props: EditorFrameProps) {
  const { label, anchor, drafts, onEscape, onClose, children } = props;
  const { t } = useWords();
  const isNarrow = useNarrow();
  return (
    <DraftScope value={drafts}>
      <Popover
        anchor={anchor}
        label={label}
        onClose={onClose}
        className="event-pop"
        place={isNarrow ? placeAsSheet : placeAside}
      >
        <div
          className="event-editor"
          onKeyDownCapture={(event) => {
            if (event.key === "Escape" && closesEditor(event.target as Element)) onEscape();
          }}
        >
          <i className="grab" aria-hidden="true" />
          <button
            type="button"
            className="ib event-close"
            aria-label={t("app.close")}
            title={t("app.close")}
            onClick={onClose}
          >
            <Icon of={X} />
          </button>
          {children}
        </div>
      </Popover>
    </DraftScope>
  );
}

/** Escape in the question about a series, or in an open list, belongs to those. */
function closesEditor(target: Element): boolean {
  return target.closest('dialog, [role="combobox"][aria-expanded="true"]') === null;
}

/** Closes once: what stands typed in the fields is kept first, unless Escape dropped it. */
export function useClosing(onDone: (isKept: boolean) => void) {
  const [drafts] = useState(() => new Drafts());
  const isClosed = useRef(false);
  const isEscaped = useRef(false);
  useEffect(() => {
    isClosed.current = false;
  }, []);
  const close = (isKept: boolean) => {
    if (isClosed.current) return;
    isClosed.current = true;
    const keeps = isKept && !isEscaped.current;
    if (keeps) drafts.keepAll();
    onDone(keeps);
  };
  const onEscape = () => {
    isEscaped.current = true;
    drafts.dropAll();
  };
  return { close, drafts, onEscape };
}
