/** Everything of one event, to make it again in another calendar. */

import * as Y from "yjs";
import { fieldsOf } from "./shared";

export interface EventCopy {
  /** Registers and sets as they stand in the document. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly notes: string;
  /** By `<recurrence id>/<field>`. */
  readonly exceptions: Readonly<Record<string, unknown>>;
}

/** Gives undefined when there is no such event. */
export function copyOf(doc: Y.Doc, id: string): EventCopy | undefined {
  const fields = fieldsOf(doc, "events", id);
  if (!fields) return undefined;
  const scalars = [...fields].filter(([, value]) => !(value instanceof Y.AbstractType));
  const before = `${id}/`;
  const exceptions = [...doc.getMap("exceptions")]
    .filter(([key]) => key.startsWith(before))
    .map(([key, value]) => [key.slice(before.length), value]);
  return {
    fields: Object.fromEntries(scalars),
    notes: String(fields.get("notes") ?? ""),
    exceptions: Object.fromEntries(exceptions),
  };
}

/** The same event under a new id; to be called in a transaction. */
export function putCopy(doc: Y.Doc, id: string, copy: EventCopy): void {
  const event = new Y.Map<unknown>(Object.entries(copy.fields));
  doc.getMap("events").set(id, event);
  event.set("notes", new Y.Text(copy.notes));
  for (const [key, value] of Object.entries(copy.exceptions))
    doc.getMap("exceptions").set(`${id}/${key}`, value);
}
