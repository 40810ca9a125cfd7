/** What stands where cards would be: nothing yet, no match, not there, not yet loaded. */

import { ListFilter, Lock, Plus, SquareKanban } from "lucide-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { EmptyBoardDrawing, Icon } from "../icons";
import { useWords } from "../language";
import { useBoard, useReadonly } from "./session";

export function NoCards() {
  const { session, project } = useBoard();
  const { t } = useWords();
  const isReadonly = useReadonly();
  const isAdding = useStore(session, (state) => state.adding !== null);
  const first = useStore(project, (state) => state.columns[0]?.id);
  if (isAdding) return null;
  return (
    <div className="empty over">
      <EmptyBoardDrawing />
      <h3>{t("board.emptyTitle")}</h3>
      <p>{t("board.emptyHint")}</p>
      {!isReadonly && first !== undefined && (
        <button
          type="button"
          className="btn main s"
          onClick={() => session.setState({ adding: { column: first, at: "end" } })}
        >
          <Icon of={Plus} />
          {t("board.newCard")}
        </button>
      )}
    </div>
  );
}

export function NoColumns() {
  const { project } = useBoard();
  const { t } = useWords();
  const isReadonly = useReadonly();
  return (
    <div className="empty">
      <EmptyBoardDrawing />
      <h3>{t("board.noColumnsTitle")}</h3>
      <p>{t("board.noColumnsHint")}</p>
      {!isReadonly && (
        <button
          type="button"
          className="btn main"
          onClick={() => project.getState().addColumn(t("status.ready"), "ready")}
        >
          <Icon of={Plus} />
          {t("board.addColumn")}
        </button>
      )}
    </div>
  );
}

export function NoMatch({ filter }: { readonly filter: string }) {
  const { frame } = useBoard();
  const { t } = useWords();
  return (
    <p className="nores">
      <Icon of={ListFilter} />
      <span className="grow">{t("board.noMatch", { text: filter.trim() })}</span>
      <button type="button" className="btn s line" onClick={() => frame.setState({ filter: "" })}>
        {t("board.clear")}
      </button>
    </p>
  );
}

export function MissingBoard({ missing }: { readonly missing: "unknown" | "refused" }) {
  const { t } = useWords();
  return (
    <div className="empty" role="alert">
      <Icon of={missing === "refused" ? Lock : SquareKanban} size={28} />
      <h3>{t(missing === "refused" ? "board.refusedTitle" : "board.unknownTitle")}</h3>
      <p>{t(missing === "refused" ? "board.refusedHint" : "board.unknownHint")}</p>
    </div>
  );
}

const SKELETON_AFTER_MS = 300;

const BONES = [
  ["30%", "90%", "60%"],
  ["40%", "76%"],
  ["34%", "84%", "50%"],
] as const;

/** The places of the content, and only when it takes long enough to be seen. */
export function Skeleton() {
  const { t } = useWords();
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), SKELETON_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  if (!isLate) return <div className="lanes" aria-busy="true" />;
  return (
    <div className="lanes" role="status" aria-busy="true" aria-label={t("board.loading")}>
      {BONES.map((cards) => (
        <div key={cards.join()} className="col">
          <div className="col-head">
            <i className="sk" style={{ width: 72 }} />
          </div>
          <div className="cards still">
            {BONES.slice(0, cards.length).map((bones) => (
              <div key={bones.join()} className="card">
                {bones.map((width) => (
                  <i key={width} className="sk" style={{ width }} />
                ))}
              </div>
            ))}
          </div>
        </div>
      ))}
    </div>
  );
}
