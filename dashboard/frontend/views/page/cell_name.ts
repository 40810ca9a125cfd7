/** What a cell is called: its title, else what it shows, else its kind. */

import { useStore } from "zustand";
import type { Cell } from "../../store/page_types";
import type { WorkspaceState } from "../../store/types";
import { useWords, type Words } from "../language";
import { KINDS } from "./kinds";
import { useOpenPage } from "./session";

const LONGEST_LINE = 60;

export function useCellName(cell: Cell): string {
  const { client } = useOpenPage();
  const words = useWords();
  return useStore(client.workspace, (workspace) => cellName(cell, workspace, words));
}

function cellName(cell: Cell, workspace: WorkspaceState, { t }: Words): string {
  return (
    cell.title || firstLine(cell.text) || sourceName(cell, workspace) || t(KINDS[cell.kind].name)
  );
}

/** The beginning of a note, without the marks of its Markdown. */
function firstLine(text: string | null): string {
  const line = (text ?? "").split("\n").find((one) => one.trim() !== "") ?? "";
  return line.replace(/^[#>*\-\s]+/, "").slice(0, LONGEST_LINE);
}

function sourceName(cell: Cell, { projects, calendars }: WorkspaceState): string {
  const project = projects.find(({ id }) => id === cell.project);
  const [calendar] = calendars.filter(({ id }) => cell.calendars.includes(id));
  return (cell.kind === "calendar" ? calendar : project)?.name ?? "";
}
