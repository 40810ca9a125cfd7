/** The line above a board: views, filter, "n of m cards", new card. */

import { ListFilter, Plus, X } from "lucide-react";
import { type ReactNode, useContext, useId, useMemo, useRef } from "react";
import { useStore } from "zustand";
import { readFilter } from "../../core/card_filter";
import { Icon } from "../icons";
import { useWords } from "../language";
import { useOffer } from "../palette/offered";
import { filterOrder, isFiltering } from "./filter";
import { DayScope, useBoard, useReadonly } from "./session";

export function BoardBar({ tabs, tools }: { readonly tabs: ReactNode; readonly tools: ReactNode }) {
  const board = useBoard();
  const { t } = useWords();
  const isReadonly = useReadonly();
  const columns = useStore(board.project, (state) => state.columns);
  const first = columns[0];
  const add = () => {
    if (first) board.session.setState({ adding: { column: first.id, at: "top" } });
  };
  useOffer(
    isReadonly || !first ? [] : [{ title: "shortcut.newCard", shortcut: "newCard", run: add }],
  );
  return (
    <div className="bar">
      {tabs}
      <FilterField />
      <span className="grow" />
      <Matches />
      {tools}
      {!isReadonly && first && (
        <button type="button" className="btn main new-card" onClick={add}>
          <Icon of={Plus} />
          <span>{t("board.newCard")}</span>
        </button>
      )}
    </div>
  );
}

function FilterField() {
  const { frame } = useBoard();
  const { t } = useWords();
  const filter = useStore(frame, (state) => state.filter);
  const field = useRef<HTMLInputElement>(null);
  const problemId = useId();
  const problem = useMemo(() => readFilter(filter).problems[0], [filter]);
  useOffer([
    { title: "shortcut.filterCards", shortcut: "filterCards", run: () => field.current?.select() },
  ]);
  return (
    <search className="field filter">
      <Icon of={ListFilter} />
      <input
        ref={field}
        type="text"
        value={filter}
        aria-label={t("board.filter")}
        aria-invalid={problem !== undefined}
        aria-describedby={problemId}
        title={t("filter.language")}
        placeholder={t("board.filterHint")}
        onChange={(event) => frame.setState({ filter: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === "Escape" && !event.nativeEvent.isComposing)
            frame.setState({ filter: "" });
        }}
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
      <span id={problemId} className="filter-problem" role="status">
        {problem && t(`filter.${problem.key}`, { term: problem.term })}
      </span>
    </search>
  );
}

export function useFiltered() {
  const { project, frame, client, presence } = useBoard();
  const today = useContext(DayScope);
  const me = useStore(presence, (state) => state.me.id);
  const columns = useStore(project, (state) => state.columns);
  const filter = useStore(frame, (state) => state.filter);
  const order = useStore(project, (state) => state.order);
  const labels = useStore(project, (state) => state.labels);
  const members = useStore(client.workspace, (state) => state.members);
  // Without a filter the cards' contents do not matter, so an edit does not come through here.
  const cards = useStore(project, (state) => (isFiltering(filter) ? state.cards : null));
  return useMemo(
    () => filterOrder(order, cards ?? {}, filter, { labels, members, columns, me, today }),
    [order, cards, filter, labels, members, columns, me, today],
  );
}

function Matches() {
  const { frame } = useBoard();
  const { t } = useWords();
  const filter = useStore(frame, (state) => state.filter);
  const { shown, all } = useFiltered();
  if (!isFiltering(filter)) return null;
  return (
    <span className="mute num matches" role="status">
      {t("board.matches", { n: all, m: shown })}
    </span>
  );
}
