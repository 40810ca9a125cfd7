/** Where a filter is typed: names are offered as one types, and what says nothing is told right there. */

import { ListFilter, X } from "lucide-react";
import { type KeyboardEvent, useId, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useStore } from "zustand";
import { readFilter } from "../../core/card_filter";
import { Icon } from "../icons";
import { useWords } from "../language";
import { isComposing } from "../name_field";
import { useOffer } from "../palette/offered";
import { isFiltering } from "./filter";
import { type Completion, completionsAt } from "./filter_completion";
import { useBoard } from "./session";

export function FilterField() {
  const { frame } = useBoard();
  const { t } = useWords();
  const filter = useStore(frame, (state) => state.filter);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const { choices, look, leave } = useCompletions(filter);
  const [at, setAt] = useState(0);
  const chosen = Math.min(at, choices.length - 1);
  const problem = useMemo(() => readFilter(filter).problems[0], [filter]);
  useOffer([
    { title: "shortcut.filterCards", shortcut: "filterCards", run: () => field.current?.select() },
  ]);
  const write = (wanted: string) => {
    frame.setState({ filter: wanted });
    look(field.current?.selectionEnd ?? null);
    setAt(0);
  };
  const take = (choice: Completion) => {
    // At once: a letter typed before the next frame would stand elsewhere.
    flushSync(() => {
      frame.setState({ filter: choice.filter });
      leave();
    });
    field.current?.setSelectionRange(choice.caret, choice.caret);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    const choice = choices[chosen];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (choice && step) setAt((chosen + step + choices.length) % choices.length);
    else if (choice && (event.key === "Enter" || event.key === "Tab")) take(choice);
    else if (event.key === "Escape" && choice) leave();
    else if (event.key === "Escape") frame.setState({ filter: "" });
    else return;
    event.preventDefault();
  };
  return (
    <search className="field filter">
      <Icon of={ListFilter} />
      <input
        ref={field}
        type="text"
        role="combobox"
        value={filter}
        aria-label={t("board.filter")}
        aria-expanded={choices.length > 0}
        aria-controls={`${id}-names`}
        aria-autocomplete="list"
        aria-activedescendant={choices.length > 0 ? `${id}-${chosen}` : undefined}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-problem`}
        title={t("filter.language")}
        placeholder={t("board.filterHint")}
        onChange={(event) => write(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={leave}
      />
      {isFiltering(filter) && (
        <button
          type="button"
          className="ib s"
          aria-label={t("board.clear")}
          onClick={() => frame.setState({ filter: "" })}
        >
          <Icon of={X} size={12} />
        </button>
      )}
      <Choices id={id} choices={choices} chosen={chosen} onTake={take} />
      <span id={`${id}-problem`} className="filter-problem" role="status">
        {problem && choices.length === 0 && t(`filter.${problem.key}`, { term: problem.term })}
      </span>
    </search>
  );
}

/** `caret` is where it was when something was typed last; null: nothing is offered. */
function useCompletions(filter: string) {
  const { project, client } = useBoard();
  const [caret, look] = useState<number | null>(null);
  const labels = useStore(project, (state) => state.labels);
  const members = useStore(client.workspace, (state) => state.members);
  const choices = useMemo(
    () => (caret === null ? [] : completionsAt(filter, caret, labels, Object.values(members))),
    [filter, caret, labels, members],
  );
  return { choices, look, leave: () => look(null) };
}

interface ChoicesProps {
  readonly id: string;
  readonly choices: readonly Completion[];
  readonly chosen: number;
  readonly onTake: (choice: Completion) => void;
}

function Choices({ id, choices, chosen, onTake }: ChoicesProps) {
  const { t } = useWords();
  if (choices.length === 0) return null;
  return (
    <div className="filter-names" role="listbox" id={`${id}-names`} aria-label={t("filter.names")}>
      {choices.map((choice, at) => (
        <div
          key={choice.name}
          id={`${id}-${at}`}
          role="option"
          aria-selected={at === chosen}
          tabIndex={-1}
          // Before the field loses the focus.
          onMouseDown={(event) => {
            event.preventDefault();
            onTake(choice);
          }}
        >
          <span className="clip">{choice.name}</span>
        </div>
      ))}
    </div>
  );
}
