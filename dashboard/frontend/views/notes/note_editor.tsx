/** A shared text that several people type in at once, each other's carets in sight. */

import { useEffect, useRef, useState } from "react";
import type { MoimClient } from "../../store/types";
import { useWords } from "../language";

interface NoteEditorProps {
  readonly client: MoimClient;
  /** As `project/launch`. */
  readonly document: string;
  /** As `cards/<id>/notes`. */
  readonly path: string;
  readonly label: string;
  readonly placeholder: string;
  readonly readonly: boolean;
}

export function NoteEditor(props: NoteEditorProps) {
  const { client, document, path, label, placeholder, readonly } = props;
  const { t } = useWords();
  const place = useRef<HTMLDivElement>(null);
  const [isFull, setFull] = useState(false);
  const linkHint = t("note.openLink");
  useEffect(() => {
    const held = client.text(document, path);
    let close: (() => void) | null = null;
    let isGone = false;
    void import("./code_mirror").then(({ openNoteEditor }) => {
      if (isGone || place.current === null) return;
      const onFull = () => setFull(true);
      const parent = place.current;
      close = openNoteEditor({ held, parent, label, placeholder, readonly, linkHint, onFull });
    });
    return () => {
      isGone = true;
      close?.();
      held.release();
    };
  }, [client, document, path, label, placeholder, readonly, linkHint]);
  return (
    <div className="note">
      <div className="note-editor" ref={place} />
      {isFull && (
        <p className="note-full" role="alert">
          {t("note.full")}
        </p>
      )}
    </div>
  );
}
