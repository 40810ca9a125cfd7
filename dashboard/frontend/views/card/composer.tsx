/** Where a comment is written: `@` lists the members, Ctrl or ⌘ with Enter sends. */

import { SendHorizontal } from "lucide-react";
import { type KeyboardEvent, useId, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { Member } from "../../store/types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { isComposing } from "../name_field";
import { Avatar } from "../people";
import { type MentionQuery, matching, mentionsIn, queryAt } from "./mentions";
import { useEverybody } from "./people_menu";

interface ComposerProps {
  readonly begun: string;
  readonly label: string;
  readonly placeholder: string;
  readonly action: string;
  readonly onChange?: (text: string) => void;
  readonly onSend: (text: string, mentions: readonly string[]) => void;
  /** Escape in a field that can be left. */
  readonly onCancel?: () => void;
}

const MOST_CHARACTERS = 10_000;
const MOST_CHOICES = 6;

export function Composer(props: ComposerProps) {
  const { label, placeholder, action, onSend, onChange, onCancel } = props;
  const everybody = useEverybody();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(props.begun);
  const [query, setQuery] = useState<MentionQuery | null>(null);
  const [at, setAt] = useState(0);
  const listId = useId();
  const choices = query ? matching(everybody, query).slice(0, MOST_CHOICES) : [];
  const chosen = choices[Math.min(at, choices.length - 1)];
  useGrowing(field, text);
  const write = (next: string) => {
    setText(next);
    onChange?.(next);
  };
  const look = () => {
    const { value, selectionEnd } = field.current ?? { value: "", selectionEnd: 0 };
    setQuery(queryAt(value, selectionEnd));
    setAt(0);
  };
  const send = () => {
    const body = text.trim();
    if (body === "") return;
    onSend(body, mentionsIn(body, everybody));
    write("");
    setQuery(null);
  };
  const take = ({ name }: Member) => {
    const element = field.current;
    if (!element || !query) return;
    const before = `${text.slice(0, query.at)}@${name} `;
    // At once: a letter typed before the next frame would stand elsewhere.
    flushSync(() => {
      write(before + text.slice(element.selectionEnd));
      setQuery(null);
    });
    element.focus();
    element.setSelectionRange(before.length, before.length);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
    else if (chosen && choose(event.key, choices.length, setAt, () => take(chosen))) {
      // Done.
    } else if (event.key === "Escape" && query) setQuery(null);
    else if (event.key === "Escape" && onCancel) onCancel();
    else return;
    event.preventDefault();
  };
  return (
    <div className="composer">
      <textarea
        ref={field}
        rows={1}
        value={text}
        aria-label={label}
        placeholder={placeholder}
        maxLength={MOST_CHARACTERS}
        role="combobox"
        aria-expanded={choices.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={chosen ? `${listId}-${chosen.id}` : undefined}
        onChange={(event) => {
          write(event.target.value);
          look();
        }}
        onSelect={() => !query && look()}
        onKeyDown={onKeyDown}
        onBlur={() => setQuery(null)}
      />
      <button
        type="button"
        className="ib s"
        aria-label={action}
        title={`${action} (Ctrl Enter)`}
        disabled={text.trim() === ""}
        onClick={send}
      >
        <Icon of={SendHorizontal} />
      </button>
      {choices.length > 0 && (
        <Choices id={listId} members={choices} chosen={chosen?.id ?? ""} onTake={take} />
      )}
    </div>
  );
}

/** True when the key belonged to the list of members. */
function choose(
  key: string,
  count: number,
  setAt: (step: (at: number) => number) => void,
  take: () => void,
): boolean {
  if (key === "ArrowDown") setAt((at) => (at + 1) % count);
  else if (key === "ArrowUp") setAt((at) => (at + count - 1) % count);
  else if (key === "Enter" || key === "Tab") take();
  else return false;
  return true;
}

interface ChoicesProps {
  readonly id: string;
  readonly members: readonly Member[];
  readonly chosen: string;
  readonly onTake: (member: Member) => void;
}

function Choices({ id, members, chosen, onTake }: ChoicesProps) {
  const { t } = useWords();
  return (
    <div className="mentions" role="listbox" id={id} aria-label={t("comment.mention")}>
      {members.map((member) => (
        <div
          key={member.id}
          id={`${id}-${member.id}`}
          role="option"
          aria-selected={member.id === chosen}
          tabIndex={-1}
          // Before the field loses the focus.
          onMouseDown={(event) => {
            event.preventDefault();
            onTake(member);
          }}
        >
          <Avatar person={member} />
          <span className="clip">{member.name}</span>
        </div>
      ))}
    </div>
  );
}

/** The field is as high as its text. */
function useGrowing(field: React.RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured anew for each text
  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "0";
    element.style.height = `${element.scrollHeight}px`;
  }, [field, text]);
}
