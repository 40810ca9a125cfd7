/** A note: read as it is meant, written as it is typed, several at once. */

import { Pencil } from "lucide-react";
import { type FocusEvent, type KeyboardEvent, type MouseEvent, useEffect, useRef } from "react";
import { useStore } from "zustand";
import type { Cell } from "../../store/page_types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { NoteEditor } from "../notes/note_editor";
import { NoteText } from "../notes/note_text";
import { type Place, routeOf } from "../shell/route";
import { useMayEditPage, useOpenPage } from "./session";

export function NoteCell({ cell }: { readonly cell: Cell }) {
  const { session } = useOpenPage();
  const isWriting = useStore(session, ({ writing }) => writing === cell.id);
  const isEditor = useMayEditPage();
  return isWriting && isEditor ? <Written cell={cell} /> : <Read cell={cell} isEditor={isEditor} />;
}

interface ReadProps {
  readonly cell: Cell;
  readonly isEditor: boolean;
}

function Read({ cell, isEditor }: ReadProps) {
  const { session, onGo } = useOpenPage();
  const { t } = useWords();
  const text = cell.text ?? "";
  const write = () => session.setState({ writing: cell.id });
  const onClick = (event: MouseEvent) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const place = link && placeOfLink(link);
    if (place && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
      event.preventDefault();
      onGo(place);
    } else if (isEditor && !link && getSelection()?.isCollapsed !== false) write();
  };
  if (text.trim() === "")
    return (
      isEditor && (
        <button type="button" className="note-empty" onClick={write}>
          {t("cell.notePlaceholder")}
        </button>
      )
    );
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button inside is for keys
    // biome-ignore lint/a11y/useKeyWithClickEvents: the button inside is for keys
    <div className="note-read" onClick={onClick}>
      <NoteText text={text} />
      {isEditor && (
        <button
          type="button"
          className="ib s note-write"
          aria-label={t("cell.writeNote")}
          onClick={write}
        >
          <Icon of={Pencil} />
        </button>
      )}
    </div>
  );
}

/** A link into this workspace is followed without loading the page again. */
function placeOfLink({ href }: HTMLAnchorElement): Place | null {
  const { origin, pathname, search } = new URL(href, location.href);
  const route = routeOf(pathname, search);
  return origin === location.origin && route.kind !== "home" ? route : null;
}

function Written({ cell }: { readonly cell: Cell }) {
  const { client, id, session } = useOpenPage();
  const { t } = useWords();
  const box = useRef<HTMLElement>(null);
  useEffect(() => (box.current ? focusWhenThere(box.current) : undefined), []);
  const leave = () => session.setState({ writing: null });
  const onBlur = (event: FocusEvent) => {
    if (document.hasFocus() && !event.currentTarget.contains(event.relatedTarget)) leave();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    leave();
    const cell = box.current?.closest<HTMLElement>('[data-moim="cell"]');
    requestAnimationFrame(() =>
      cell?.querySelector<HTMLElement>(".note-write, .note-empty")?.focus(),
    );
  };
  return (
    <section
      ref={box}
      className="note-written"
      aria-label={t("cell.note")}
      onBlur={onBlur}
      onKeyDown={onKeyDown}
    >
      <NoteEditor
        client={client}
        document={`page/${id}`}
        path={`cells/${cell.id}/text`}
        label={t("cell.note")}
        placeholder={t("cell.notePlaceholder")}
        readonly={false}
      />
    </section>
  );
}

/** The editor comes when its code is loaded; whoever opened the note is waiting to type. */
function focusWhenThere(box: HTMLElement): () => void {
  const observer = new MutationObserver(() => look());
  const look = () => {
    const field = box.querySelector<HTMLElement>('[contenteditable="true"]');
    if (!field) return;
    observer.disconnect();
    field.focus();
  };
  observer.observe(box, { childList: true, subtree: true, attributes: true });
  look();
  return () => observer.disconnect();
}
