/** The text of a note as it is read. */

export function NoteText({ text }: { readonly text: string }) {
  return <div className="note-text">{text}</div>;
}
