/** Cards that nobody has given a date: dragged from here onto a day, and back to lose it again. */

import { useEffect, useRef } from "react";
import type { Card, ProjectState } from "../../store/types";
import { StatusCircle } from "../icons";
import { useWords } from "../language";
import { numberLabel, unscheduled } from "./entries";
import { makeDraggable } from "./grid";
import { useCalendar } from "./session";

export interface TrayCard {
  readonly project: string;
  readonly card: Card;
  readonly state: ProjectState;
}

export function trayCards(projects: ReadonlyMap<string, ProjectState>): readonly TrayCard[] {
  return [...projects].flatMap(([project, state]) =>
    unscheduled(state).map((card) => ({ project, card, state })),
  );
}

interface TrayProps {
  readonly cards: readonly TrayCard[];
  readonly readonly: boolean;
  /** `project/<id>` whose cards the person may not change. */
  readonly lookedAt: readonly string[];
}

export function Tray({ cards, readonly, lookedAt }: TrayProps) {
  const { t } = useWords();
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const element = list.current;
    const root = element?.closest<HTMLElement>(".moim-calendar");
    return element && root && !readonly ? makeDraggable(element, root) : undefined;
  }, [readonly]);
  return (
    <aside className="cal-tray" aria-label={t("calendar.unscheduledCards")} data-drop="tray">
      <header className="bar">
        <h2>{t("calendar.unscheduled")}</h2>
        <span className="mute num">{cards.length || ""}</span>
      </header>
      <ul ref={list} className="cal-tray-cards">
        {cards.map(({ project, card, state }) => (
          <TrayItem
            key={`${project}/${card.id}`}
            project={project}
            card={card}
            state={state}
            isHeld={lookedAt.includes(`project/${project}`)}
          />
        ))}
      </ul>
      <p className="mute cal-tray-hint">
        {cards.length > 0 ? t("calendar.trayHint") : t("calendar.trayEmpty")}
      </p>
    </aside>
  );
}

function TrayItem({ project, card, state, isHeld }: TrayCard & { readonly isHeld: boolean }) {
  const calendar = useCalendar();
  const { t } = useWords();
  const column = state.columns.find((one) => one.id === card.column);
  const label = numberLabel(state.prefix, card.number);
  return (
    <li>
      <button
        type="button"
        className="card cal-tray-card"
        data-moim="card"
        data-id={card.id}
        data-key={isHeld ? undefined : `project/${project}/${card.id}`}
        onClick={() => calendar.openCard(project, card.id)}
      >
        <StatusCircle status={column?.status ?? "backlog"} />
        <span className="card-title">{card.title || t("card.untitled")}</span>
        {label && <span className="id num">{label}</span>}
      </button>
    </li>
  );
}
