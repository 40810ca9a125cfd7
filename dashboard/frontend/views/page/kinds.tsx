/** The kinds of cells: one row each, and a file for what is inside. */

import { CalendarDays, ChartColumn, type LucideIcon, SquareKanban, Type } from "lucide-react";
import type { ReactNode } from "react";
import type { Cell, CellKind, NewCell } from "../../store/page_types";
import type { WorkspaceState } from "../../store/types";
import type { WordKey } from "../language";
import { BoardCell } from "./board_cell";
import { CalendarCell } from "./calendar_cell";
import { ChartCell } from "./chart_cell";
import { NoteCell } from "./note_cell";

interface KindRow {
  readonly icon: LucideIcon;
  readonly name: WordKey;
  readonly Body: (props: { readonly cell: Cell }) => ReactNode;
  /** In px, when nobody chose one; null: as tall as its content. */
  readonly heightPx: number | null;
  /** What a new one shows: the first thing there is, to be chosen anew in its head. */
  readonly begin: (workspace: WorkspaceState) => NewCell;
}

export const KINDS: Readonly<Record<CellKind, KindRow>> = {
  note: {
    icon: Type,
    name: "cell.note",
    Body: NoteCell,
    heightPx: null,
    begin: () => ({}),
  },
  board: {
    icon: SquareKanban,
    name: "cell.board",
    Body: BoardCell,
    heightPx: 400,
    begin: ({ projects }) => ({ project: projects[0]?.id ?? null }),
  },
  calendar: {
    icon: CalendarDays,
    name: "cell.calendar",
    Body: CalendarCell,
    heightPx: 480,
    begin: ({ calendars }) => ({ view: "week", calendars: calendars.map(({ id }) => id) }),
  },
  chart: {
    icon: ChartColumn,
    name: "cell.chart",
    Body: ChartCell,
    heightPx: 320,
    begin: ({ projects }) => ({ project: projects[0]?.id ?? null, chart: "people" }),
  },
};

export const KIND_ORDER: readonly CellKind[] = ["note", "board", "calendar", "chart"];

export function heightOf({ kind, height }: Cell): number | null {
  return height ?? KINDS[kind].heightPx;
}
