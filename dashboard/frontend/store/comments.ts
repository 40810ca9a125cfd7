/** Comments on cards: read by card, and what can be done with them. */

import * as Y from "yjs";
import { byCard } from "./checklist";
import { newId } from "./ids";
import type { Author } from "./project_actions";
import { PROJECT } from "./schema";
import { type Changes, fieldsOf, membersOf, replaceText, toggle, type Write } from "./shared";
import type { Comment, ProjectState } from "./types";

export type CommentsByCard = ProjectState["comments"];

type Actions = Pick<ProjectState, "addComment" | "setComment" | "deleteComment" | "restoreComment">;

/** The oldest first; lists that did not change are the same objects as before. */
export function readComments(
  doc: Y.Doc,
  previous: CommentsByCard,
  changes: Changes,
): CommentsByCard {
  return byCard(doc, "comments", previous, changes, readComment, byAge);
}

export function commentActions(write: Write, author: Author): Actions {
  return {
    addComment(card, body, mentions) {
      const id = newId(author.random);
      const created = [author.me(), author.now()];
      PROJECT.comments.check("body", body);
      write((doc) => {
        const fields = new Y.Map<unknown>(Object.entries({ card, created }));
        doc.getMap("comments").set(id, fields);
        fields.set("body", new Y.Text(body));
        for (const person of mentions) fields.set(`mention/${person}`, true);
      });
      return id;
    },

    setComment(id, body, mentions) {
      PROJECT.comments.check("body", body);
      write((doc) => {
        const fields = fieldsOf(doc, "comments", id);
        const text = fields?.get("body");
        if (!fields || !(text instanceof Y.Text) || text.toString() === body) return;
        replaceText(text, body);
        fields.set("edited", author.now());
        const known = membersOf(fields, "mention/");
        for (const person of mentions)
          if (!known.includes(person)) toggle(fields, `mention/${person}`);
        for (const person of known)
          if (!mentions.includes(person)) toggle(fields, `mention/${person}`);
      });
    },

    deleteComment: (id) =>
      write((doc) => fieldsOf(doc, "comments", id)?.set("deleted", [author.me(), author.now()])),

    restoreComment: (id) => write((doc) => fieldsOf(doc, "comments", id)?.delete("deleted")),
  };
}

function byAge(a: Comment, b: Comment): number {
  return a.created[1] - b.created[1] || (a.id < b.id ? -1 : 1);
}

function readComment(id: string, fields: Y.Map<unknown>): Comment | null {
  const read = (name: string) => PROJECT.comments.read(name, fields.get(name));
  const created = read("created") as Comment["created"] | null;
  const body = fields.get("body");
  if (created === null || read("deleted") !== null) return null;
  return {
    id,
    card: String(read("card") ?? ""),
    created,
    body: body instanceof Y.Text ? body.toString() : "",
    mentions: membersOf(fields, "mention/"),
    editedAtMs: read("edited") as number | null,
  };
}
