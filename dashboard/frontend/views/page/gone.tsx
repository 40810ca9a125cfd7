/** What stands in a cell whose document is not there, or was never chosen; the rest lives. */

import { CircleDashed, TriangleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useStore } from "zustand";
import type { Cell } from "../../store/page_types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { useMayEditPage, useOpenPage } from "./session";
import { SourceChooser } from "./source";

interface WithProjectProps {
  readonly cell: Cell;
  readonly children: (project: string) => ReactNode;
}

/** Shows a project's part of the page when the workspace has that project. */
export function WithProject({ cell, children }: WithProjectProps) {
  const { client } = useOpenPage();
  const isReady = useStore(client.workspace, (state) => state.ready);
  const isThere = useStore(client.workspace, ({ projects }) =>
    projects.some(({ id }) => id === cell.project),
  );
  if (!isReady) return null;
  if (cell.project === null) return <Unchosen cell={cell} isGone={false} />;
  return isThere ? children(cell.project) : <Unchosen cell={cell} isGone />;
}

interface UnchosenProps {
  readonly cell: Cell;
  readonly isGone: boolean;
}

export function Unchosen({ cell, isGone }: UnchosenProps) {
  const { t } = useWords();
  const isEditor = useMayEditPage();
  const [anchor, setAnchor] = useState<Element | null>(null);
  const isCalendar = cell.kind === "calendar";
  const gone = t(isCalendar ? "cell.calendarsGone" : "cell.projectGone");
  const choose = t(isCalendar ? "cell.chooseCalendars" : "cell.chooseProject");
  return (
    <div className="cell-gone" role={isGone ? "alert" : undefined}>
      <Icon of={isGone ? TriangleAlert : CircleDashed} size={20} />
      <p>{isGone ? gone : t("cell.nothingChosen")}</p>
      {isEditor && (
        <button
          type="button"
          className="btn s line"
          onClick={(event) => setAnchor(event.currentTarget)}
        >
          {choose}
        </button>
      )}
      {anchor && <SourceChooser cell={cell} anchor={anchor} onClose={() => setAnchor(null)} />}
    </div>
  );
}
