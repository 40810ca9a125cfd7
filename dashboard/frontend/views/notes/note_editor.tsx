/** The text of a note as it is written, by several people at once. */

import type { MoimClient } from "../../store/types";

export interface NoteEditorProps {
  readonly client: MoimClient;
  readonly document: string;
  /** `root/id/field` of the text. */
  readonly path: string;
  readonly label: string;
  readonly placeholder: string;
  readonly readonly: boolean;
}

export function NoteEditor({ label, placeholder }: NoteEditorProps) {
  return <textarea className="note-editor" aria-label={label} placeholder={placeholder} readOnly />;
}
