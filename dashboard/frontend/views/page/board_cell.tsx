/** A project's board in a page, with a filter of its own that belongs to the page. */

import { useEffect, useMemo } from "react";
import type { Cell } from "../../store/page_types";
import { Board } from "../board/board";
import { boardFrame, openCardOf } from "../board/frame";
import { mayEdit } from "../role";
import { WithProject } from "./gone";
import { type OpenPage, useOpenPage } from "./session";

/** A filter is an edit for everybody: it is told when the typing rests. */
const TOLD_AFTER_MS = 500;

export function BoardCell({ cell }: { readonly cell: Cell }) {
  return (
    <WithProject cell={cell}>
      {(project) => <ProjectBoard key={project} cell={cell} project={project} />}
    </WithProject>
  );
}

/** Who may only look at the page filters for themselves. */
function tellFilter(store: OpenPage["store"], cell: string, filter: string): void {
  const page = store.getState();
  if (mayEdit(page)) page.setCell(cell, { filter: filter || null });
}

interface ProjectBoardProps {
  readonly cell: Cell;
  readonly project: string;
}

function ProjectBoard({ cell, project }: ProjectBoardProps) {
  const { client, toasts, store, onGo } = useOpenPage();
  const { id } = cell;
  const filter = cell.filter ?? "";
  const frame = useMemo(() => boardFrame({ project }), [project]);
  useEffect(() => frame.setState({ filter }), [frame, filter]);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const unsubscribe = frame.subscribe((state, before) => {
      if (state.filter === before.filter) return;
      clearTimeout(timer);
      timer = setTimeout(() => tellFilter(store, id, state.filter), TOLD_AFTER_MS);
    });
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [frame, store, id]);
  // A card's panel needs a page's width: the card opens in its own project.
  useEffect(
    () =>
      frame.subscribe((state) => {
        const card = openCardOf(state);
        if (card === null) return;
        frame.setState({ isOpen: false });
        onGo({ kind: "project", id: project, entity: card });
      }),
    [frame, project, onGo],
  );
  return <Board client={client} frame={frame} toasts={toasts} />;
}
