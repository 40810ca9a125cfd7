/** The command palette: go anywhere, find anything, do what the page offers, by keys. */

import { Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useStore } from "zustand";
import type { DocumentClient } from "../../store/client";
import type { WorkspaceState } from "../../store/types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { isComposing } from "../name_field";
import type { Place } from "../shell/route";
import { answersTo, everything, type Section } from "./answers";
import { Dialog } from "./dialog";
import { documentsToSearch, type Item, type PaletteContext } from "./items";
import { queryOf } from "./matching";
import { documentsWithEntities, recentPlaces } from "./recents";
import { useLines } from "./use_lines";

/** A workspace with more documents than this is searched in so many only: each is open meanwhile. */
const MOST_DOCUMENTS = 40;
const PAGE = 8;

interface PaletteProps extends Omit<PaletteContext, "words" | "client"> {
  readonly client: DocumentClient;
  /** The id under which recent places are kept; null before it is known. */
  readonly person: string | null;
  readonly onClose: () => void;
}

export function Palette({ onClose, person, ...asked }: PaletteProps) {
  const words = useWords();
  const { t } = words;
  const id = useId();
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const found = useAnswers({ ...asked, words }, asked.client, typed, person);
  const items = found.sections.flatMap((section) => section.items);
  const at = Math.max(
    0,
    items.findIndex(({ key }) => key === chosen),
  );
  const current = items[at];
  const choose = (item: Item) => {
    // the focus is back where it was before an action moves it
    flushSync(onClose);
    item.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === "Enter" && current) choose(current);
    const step = STEPS[event.key];
    if (step !== undefined) setChosen(items[stepped(at, step, items.length)]?.key ?? null);
    if (step !== undefined || event.key === "Enter") event.preventDefault();
  };
  return (
    <Dialog label={t("palette.title")} className="palette" onClose={onClose}>
      <div className="palette-field">
        <Icon of={Search} size={16} />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={current && `${id}-${at}`}
          aria-label={t("palette.hint")}
          placeholder={t("palette.hint")}
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setChosen(null);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <Choices
        id={id}
        sections={found.sections}
        current={current}
        onPoint={({ key }) => setChosen(key)}
        onChoose={choose}
      />
      <Status {...found} count={items.length} isAsking={typed.trim() !== ""} {...asked} />
    </Dialog>
  );
}

const STEPS: Readonly<Record<string, number>> = {
  ArrowDown: 1,
  ArrowUp: -1,
  PageDown: PAGE,
  PageUp: -PAGE,
};

/** One step goes around the ends, a page stops at them. */
function stepped(at: number, step: number, count: number): number {
  if (Math.abs(step) === 1) return (at + step + count) % Math.max(1, count);
  return Math.min(count - 1, Math.max(0, at + step));
}

interface Answers {
  readonly sections: readonly Section[];
  /** How many documents are not here (yet), and how many are not looked into. */
  readonly absent: number;
  readonly left: number;
}

function useAnswers(
  context: PaletteContext,
  client: DocumentClient,
  typed: string,
  person: string | null,
): Answers {
  const workspace: WorkspaceState = useStore(client.workspace);
  const recent: readonly Place[] = useMemo(
    () => (person === null ? [] : recentPlaces(person, localStorage)),
    [person],
  );
  const query = useMemo(() => queryOf(typed), [typed]);
  // Once something was asked for, the documents stay open until the palette closes.
  const hasAsked = useRef(false);
  hasAsked.current ||= query.length > 0;
  const { searched, left } = documentsToSearch(workspace, recent, MOST_DOCUMENTS);
  const wanted = hasAsked.current ? searched : documentsWithEntities(recent);
  const { lines, absent } = useLines(client, wanted);
  const sections =
    query.length === 0
      ? everything(context, recent, lines)
      : answersTo(query, context, recent, lines);
  return { sections, absent, left: hasAsked.current ? left : 0 };
}

interface ChoicesProps {
  readonly id: string;
  readonly sections: readonly Section[];
  readonly current: Item | undefined;
  readonly onPoint: (item: Item) => void;
  readonly onChoose: (item: Item) => void;
}

function Choices({ id, sections, current, onPoint, onChoose }: ChoicesProps) {
  const { t } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const key = current?.key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another line is to be seen
  useEffect(() => {
    box.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [key]);
  let at = 0;
  return (
    <div className="palette-list" role="listbox" id={id} aria-label={t("palette.title")} ref={box}>
      {sections.map(({ group, items }) => (
        // biome-ignore lint/a11y/useSemanticElements: a group of options is no fieldset
        <div key={group} role="group" aria-labelledby={`${id}-${group}`}>
          <h2 id={`${id}-${group}`}>{t(`palette.${group}`)}</h2>
          {items.map((item) => (
            <Choice
              key={item.key}
              id={`${id}-${at++}`}
              item={item}
              isCurrent={item === current}
              onPoint={onPoint}
              onChoose={onChoose}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

interface ChoiceProps extends Pick<ChoicesProps, "id" | "onPoint" | "onChoose"> {
  readonly item: Item;
  readonly isCurrent: boolean;
}

function Choice({ id, item, isCurrent, onPoint, onChoose }: ChoiceProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: its keys are the field's, which has the focus
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isCurrent}
      data-key={item.key}
      className="choice"
      onPointerMove={() => onPoint(item)}
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => onChoose(item)}
    >
      <Icon of={item.icon} />
      <span className="clip">{item.title}</span>
      <span className="mute clip detail">{item.detail}</span>
      {item.keys.slice(0, 1).map((keys) => (
        <kbd key={keys}>{keys}</kbd>
      ))}
    </div>
  );
}

interface StatusProps extends Answers {
  readonly count: number;
  readonly isAsking: boolean;
  readonly client: DocumentClient;
}

/** How much was found, and what could not be looked into. */
function Status({ count, isAsking, absent, left, client }: StatusProps) {
  const { t } = useWords();
  const isConnected = useStore(client.connection, (state) => state.connected);
  const said = [
    isAsking && (count === 0 ? t("palette.nothing") : t("palette.count", { n: count })),
    isAsking && absent > 0 && isConnected && t("palette.opening"),
    isAsking && absent > 0 && !isConnected && t("palette.absent", { n: absent }),
    left > 0 && t("palette.left", { n: left }),
  ].filter(Boolean);
  return (
    <footer className="palette-foot">
      <span role="status">{said.join(" · ")}</span>
      <span className="grow" />
      <span className="keys" aria-hidden="true">
        <kbd>↑↓</kbd> <kbd>Enter</kbd> <kbd>Esc</kbd>
      </span>
    </footer>
  );
}
