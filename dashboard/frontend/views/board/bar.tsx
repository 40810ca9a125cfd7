/** The line above a board: views, filter, "n of m cards", new card. */

import { Plus } from "lucide-react";
import { type ReactNode, useContext, useMemo } from "react";
import { useStore } from "zustand";
import { Icon } from "../icons";
import { useWords } from "../language";
import { useOffer } from "../palette/offered";
import { filterOrder, isFiltering } from "./filter";
import { FilterField } from "./filter_field";
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
