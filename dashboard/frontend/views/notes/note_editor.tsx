/** A shared text that several people type in at once, each other's carets in sight. */

import { useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
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

/** The editor's own part of the bundle, fetched before it is needed: then it is there offline too. */
export function fetchNoteEditor(): Promise<typeof import("./code_mirror")> {
  return import("./code_mirror");
}

export function NoteEditor(props: NoteEditorProps) {
  const { client, document, path, label, placeholder, readonly } = props;
  const { t } = useWords();
  const place = useRef<HTMLDivElement>(null);
  const [isFull, setFull] = useState(false);
  const linkHint = t("note.openLink");
  const { open, isWaiting } = useLoadedEditor(client);
  useEffect(() => {
    const parent = place.current;
    if (open === null || parent === null) return;
    const held = client.text(document, path);
    const close = open({
      held,
      parent,
      label,
      placeholder,
      readonly,
      linkHint,
      onFull: setFull,
    });
    return () => {
      close();
      held.release();
    };
  }, [open, client, document, path, label, placeholder, readonly, linkHint]);
  return (
    <div className="note">
      <div className="note-editor" ref={place} />
      {isWaiting && <p className="note-waits">{t("note.waits")}</p>}
      {isFull && (
        <p className="note-full" role="alert">
          {t("note.full")}
        </p>
      )}
    </div>
  );
}

type Open = typeof import("./code_mirror")["openNoteEditor"];

/** Null until it is loaded; asked for again when the server is back. */
function useLoadedEditor(client: MoimClient): { open: Open | null; isWaiting: boolean } {
  const [open, setOpen] = useState<Open | null>(null);
  const [isWaiting, setWaiting] = useState(false);
  const isConnected = useStore(client.connection, (state) => state.connected);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new connection is a new try
  useEffect(() => {
    if (open !== null) return;
    let isGone = false;
    fetchNoteEditor().then(
      ({ openNoteEditor }) => {
        if (!isGone) setOpen(() => openNoteEditor);
      },
      () => {
        if (!isGone) setWaiting(true);
      },
    );
    return () => {
      isGone = true;
    };
  }, [open, isConnected]);
  return { open, isWaiting: isWaiting && open === null };
}
