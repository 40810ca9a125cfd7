/** What was said about a card, the oldest first, and where one says something. */

import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useStore } from "zustand";
import type { Comment } from "../../store/types";
import { useBoard } from "../board/session";
import { Icon } from "../icons";
import { useWords } from "../language";
import { shortName } from "../names";
import { NoteText } from "../notes/note_text";
import { Avatar } from "../people";
import { Popover } from "../popover";
import { Composer } from "./composer";
import { FieldSpace, useEditorOf } from "./field_space";
import { momentOf } from "./moment";

interface CommentsProps {
  readonly card: string;
  readonly isReadonly: boolean;
}

const NO_COMMENTS: readonly Comment[] = [];

export function Comments({ card, isReadonly }: CommentsProps) {
  const board = useBoard();
  const { t } = useWords();
  const comments = useStore(board.project, (state) => state.comments[card] ?? NO_COMMENTS);
  if (isReadonly && comments.length === 0) return null;
  const send = (text: string, mentions: readonly string[]) => {
    board.project.getState().addComment(card, text, mentions);
  };
  return (
    <section className="comments" aria-label={t("comment.title")}>
      <h3 className="sec">
        {t("comment.title")}
        {comments.length > 0 && <span className="num mute">{comments.length}</span>}
      </h3>
      {comments.map((comment) => (
        <CommentView key={comment.id} comment={comment} isReadonly={isReadonly} />
      ))}
      {!isReadonly && (
        <FieldSpace card={card} field="comment" className="saying">
          <Composer
            begun={board.drafts.get(card) ?? ""}
            label={t("comment.write")}
            placeholder={t("comment.hint")}
            action={t("comment.send")}
            onChange={(text) => board.drafts.set(card, text)}
            onSend={send}
          />
        </FieldSpace>
      )}
      <Writing card={card} />
    </section>
  );
}

function Writing({ card }: { readonly card: string }) {
  const { t } = useWords();
  const writer = useEditorOf(card, "comment");
  return (
    <p className="writing" role="status">
      {writer && (
        <>
          <Avatar person={writer} />
          {t("comment.writing", { name: shortName(writer.name) })}
        </>
      )}
    </p>
  );
}

interface CommentViewProps {
  readonly comment: Comment;
  readonly isReadonly: boolean;
}

function CommentView({ comment, isReadonly }: CommentViewProps) {
  const board = useBoard();
  const words = useWords();
  const { t } = words;
  const [who, atMs] = comment.created;
  const members = useStore(board.client.workspace, (state) => state.members);
  const me = useStore(board.presence, (state) => state.me);
  const [isEditing, setEditing] = useState(false);
  const author = members[who] ?? (who === me.id ? me : { id: who, name: "?", colour: "blue" });
  const names = comment.mentions.flatMap(
    (id) => members[id]?.name ?? (id === me.id ? me.name : []),
  );
  const save = (text: string, mentions: readonly string[]) => {
    board.project.getState().setComment(comment.id, text, mentions);
    setEditing(false);
  };
  return (
    <article className="cmt" data-id={comment.id}>
      <Avatar person={author} size="m" />
      <header>
        <b>{author.name}</b>
        <time dateTime={new Date(atMs).toISOString()} title={momentOf(atMs, 0, words)}>
          {momentOf(atMs, Date.now(), words)}
          {comment.editedAtMs !== null && ` · ${t("comment.edited")}`}
        </time>
        {who === me.id && !isReadonly && (
          <CommentMenu comment={comment} onEdit={() => setEditing(true)} />
        )}
      </header>
      {isEditing ? (
        <Composer
          begun={comment.body}
          label={t("comment.edit")}
          placeholder={t("comment.hint")}
          action={t("comment.save")}
          onSend={save}
          onCancel={() => setEditing(false)}
        />
      ) : (
        <NoteText text={comment.body} names={names} />
      )}
    </article>
  );
}

interface CommentMenuProps {
  readonly comment: Comment;
  readonly onEdit: () => void;
}

function CommentMenu({ comment, onEdit }: CommentMenuProps) {
  const board = useBoard();
  const { t } = useWords();
  const [anchor, setAnchor] = useState<Element | null>(null);
  const remove = () => {
    const project = board.project.getState();
    const { undo } = project.together(() => project.deleteComment(comment.id));
    const action = { name: t("app.undo"), run: undo };
    board.toasts.setState({ toast: { text: t("comment.deleted"), action } });
  };
  const edit = () => {
    setAnchor(null);
    onEdit();
  };
  return (
    <>
      <button
        type="button"
        className="ib s later"
        aria-haspopup="dialog"
        aria-label={t("comment.menu")}
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <Icon of={Ellipsis} />
      </button>
      {anchor && (
        <Popover anchor={anchor} label={t("comment.menu")} onClose={() => setAnchor(null)} isMenu>
          <div className="menu">
            <button type="button" onClick={edit}>
              <Icon of={Pencil} />
              {t("comment.edit")}
            </button>
            <button type="button" className="danger" onClick={remove}>
              <Icon of={Trash2} />
              {t("comment.delete")}
            </button>
          </div>
        </Popover>
      )}
    </>
  );
}
