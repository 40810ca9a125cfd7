/** What a cell shows: one project, or several calendars and the dated cards of projects. */

import { ChartColumn } from "lucide-react";
import { useStore } from "zustand";
import { type Cell, CHART_NAMES, type ChartName } from "../../store/page_types";
import type { ProjectEntry, WorkspaceState } from "../../store/types";
import { Icon } from "../icons";
import { useWords, type Words } from "../language";
import { Popover } from "../popover";
import { useOpenPage } from "./session";

const MOST_NAMES = 3;

/** Which chart a chart cell shows; the first one where nobody has said. */
export function chartOf({ chart }: Cell): ChartName {
  return chart ?? CHART_NAMES[0];
}

/** The names of what a cell shows, or the word that asks to choose. */
export function useSourceWords(cell: Cell): string {
  const { client } = useOpenPage();
  const words = useWords();
  return useStore(client.workspace, (workspace) => sourceWords(cell, workspace, words));
}

function sourceWords(cell: Cell, { projects, calendars }: WorkspaceState, { t }: Words): string {
  if (cell.kind !== "calendar") {
    const project = projects.find(({ id }) => id === cell.project);
    if (!project) return t("cell.chooseProject");
    const name = project.name || t("nav.untitled");
    return cell.kind === "chart" ? `${name} · ${t(`chart.${chartOf(cell)}`)}` : name;
  }
  const shown = [
    ...calendars.filter(({ id }) => cell.calendars.includes(id)),
    ...projects.filter(({ id }) => cell.projects.includes(id)),
  ].map(({ name }) => name || t("nav.untitled"));
  if (shown.length === 0) return t("cell.chooseCalendars");
  const more = shown.length - MOST_NAMES;
  const names = shown.slice(0, MOST_NAMES).join(", ");
  return more > 0 ? t("cell.andMore", { names, n: more }) : names;
}

interface SourceChooserProps {
  readonly cell: Cell;
  readonly anchor: Element;
  readonly onClose: () => void;
}

export function SourceChooser({ cell, anchor, onClose }: SourceChooserProps) {
  const { t } = useWords();
  const isCalendar = cell.kind === "calendar";
  const label = t(isCalendar ? "cell.chooseCalendars" : "cell.chooseProject");
  return (
    <Popover anchor={anchor} label={label} onClose={onClose}>
      {isCalendar ? <Calendars cell={cell} /> : <Projects cell={cell} onClose={onClose} />}
      {cell.kind === "chart" && <Charts cell={cell} onClose={onClose} />}
    </Popover>
  );
}

function Projects({ cell, onClose }: Pick<SourceChooserProps, "cell" | "onClose">) {
  const { client, store } = useOpenPage();
  const { t } = useWords();
  const projects = useStore(client.workspace, (state) => state.projects);
  const choose = (project: string) => {
    store.getState().setCell(cell.id, { project });
    onClose();
  };
  if (projects.length === 0) return <p className="menu-note">{t("nav.noProjects")}</p>;
  return (
    <div className="menu">
      {projects.map(({ id, name, colour }) => (
        <button
          key={id}
          type="button"
          aria-pressed={id === cell.project}
          onClick={() => choose(id)}
        >
          <i className={`sq h-${colour}`} />
          <span className="clip">{name || t("nav.untitled")}</span>
        </button>
      ))}
    </div>
  );
}

function Charts({ cell, onClose }: Pick<SourceChooserProps, "cell" | "onClose">) {
  const { store } = useOpenPage();
  const { t } = useWords();
  const choose = (chart: ChartName) => {
    store.getState().setCell(cell.id, { chart });
    onClose();
  };
  return (
    <div className="menu part">
      {CHART_NAMES.map((name) => (
        <button
          key={name}
          type="button"
          aria-pressed={name === chartOf(cell)}
          onClick={() => choose(name)}
        >
          <Icon of={ChartColumn} />
          {t(`chart.${name}`)}
        </button>
      ))}
    </div>
  );
}

function Calendars({ cell }: { readonly cell: Cell }) {
  const { client, store } = useOpenPage();
  const { t } = useWords();
  const calendars = useStore(client.workspace, (state) => state.calendars);
  const projects = useStore(client.workspace, (state) => state.projects);
  const { toggleCalendar, toggleProject } = store.getState();
  return (
    <>
      <Choices
        heading={t("nav.calendars")}
        entries={calendars}
        chosen={cell.calendars}
        onToggle={(id) => toggleCalendar(cell.id, id)}
      />
      <Choices
        heading={t("cell.datedCards")}
        entries={projects}
        chosen={cell.projects}
        onToggle={(id) => toggleProject(cell.id, id)}
      />
    </>
  );
}

interface ChoicesProps {
  readonly heading: string;
  readonly entries: readonly ProjectEntry[];
  readonly chosen: readonly string[];
  readonly onToggle: (id: string) => void;
}

function Choices({ heading, entries, chosen, onToggle }: ChoicesProps) {
  const { t } = useWords();
  if (entries.length === 0) return null;
  return (
    <fieldset className="cell-choices">
      <legend>{heading}</legend>
      {entries.map(({ id, name, colour }) => (
        <label key={id} className={`ni h-${colour}`}>
          <input
            type="checkbox"
            className="check hue"
            checked={chosen.includes(id)}
            onChange={() => onToggle(id)}
          />
          <span className="clip">{name || t("nav.untitled")}</span>
        </label>
      ))}
    </fieldset>
  );
}
