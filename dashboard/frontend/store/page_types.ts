/** What a view may read of a page and do in it; the store is made by `store/page_document.ts`. */

import type { Role } from "../core/role";
import type { Undoable } from "./undoable";

export const CHART_NAMES = [
  "people",
  "cumulative",
  "burndown",
  "burnup",
  "cycle",
  "throughput",
  "ageing",
  "workload",
  "forecast",
] as const;

/** A chart of a project. */
export type ChartName = (typeof CHART_NAMES)[number];

export type CellKind = "note" | "board" | "calendar" | "chart";
export type CalendarViewName = "month" | "week" | "day" | "list";

/** A cell of a page. Unset registers are null; the text of a note is written by `client.text`. */
export interface Cell {
  readonly id: string;
  readonly kind: CellKind;
  readonly key: string;
  readonly title: string | null;
  /** What a note says; null for the other kinds. */
  readonly text: string | null;
  /** The project of a board or a chart. */
  readonly project: string | null;
  readonly calendars: readonly string[];
  readonly projects: readonly string[];
  readonly view: CalendarViewName | null;
  readonly chart: ChartName | null;
  readonly filter: string | null;
  /** In px; null: as tall as its kind is by itself. */
  readonly height: number | null;
}

type Managed = "id" | "kind" | "key" | "text" | "calendars" | "projects";

/** Registers that `setCell` writes as they are; null takes the key out. */
export type CellPatch = Partial<Omit<Cell, Managed>>;

export type NewCell = CellPatch & Partial<Pick<Cell, "calendars" | "projects">>;

export interface PageState {
  readonly ready: boolean;
  readonly missing: null | "unknown" | "refused";
  /** A viewer's actions write nothing. */
  readonly role: Role;
  readonly description: string;
  /** In order; deleted cells are left out. */
  readonly cells: readonly Cell[];
  readonly unsent: ReadonlySet<string>;

  /** Runs several actions as one transaction that can be taken back; see `CalendarState`. */
  together<T>(run: () => T): Undoable<T>;
  /** Before a cell, or at the end for null; gives the new cell's id. */
  addCell(kind: CellKind, before: string | null, fields?: NewCell): string;
  setCell(id: string, patch: CellPatch): void;
  toggleCalendar(id: string, calendar: string): void;
  toggleProject(id: string, project: string): void;
  /** Before another cell, or to the end for null. */
  moveCell(id: string, before: string | null): void;
  deleteCell(id: string): void;
  restoreCell(id: string): void;
}
