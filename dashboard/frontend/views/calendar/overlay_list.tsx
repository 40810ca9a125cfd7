/** The calendars that are overlaid and the projects whose cards are shown, each to be switched off. */

import { useStore } from "zustand";
import type { MoimClient, ProjectEntry } from "../../store/types";
import { useWords } from "../language";
import type { CalendarFrame } from "./frame";

interface OverlayListProps {
  readonly client: MoimClient;
  readonly frame: CalendarFrame;
}

export function OverlayList({ client, frame }: OverlayListProps) {
  const { t } = useWords();
  const calendars = useStore(client.workspace, (state) => state.calendars);
  const projects = useStore(client.workspace, (state) => state.projects);
  const shown = useStore(frame, (state) => state.calendars);
  const carded = useStore(frame, (state) => state.projects);
  return (
    <>
      <OverlaySection
        title={t("calendar.calendars")}
        kind="calendar"
        entries={calendars.filter(({ id }) => shown.includes(id))}
        frame={frame}
      />
      <OverlaySection
        title={t("calendar.cards")}
        kind="project"
        entries={projects.filter(({ id }) => carded.includes(id))}
        frame={frame}
      />
    </>
  );
}

function toggleHidden(frame: CalendarFrame, document: string): void {
  const { hidden } = frame.getState();
  const others = hidden.filter((one) => one !== document);
  frame.setState({ hidden: hidden.includes(document) ? others : [...hidden, document] });
}

interface OverlaySectionProps {
  readonly title: string;
  readonly kind: "calendar" | "project";
  readonly entries: readonly ProjectEntry[];
  readonly frame: CalendarFrame;
}

function OverlaySection({ title, kind, entries, frame }: OverlaySectionProps) {
  const { t } = useWords();
  const hidden = useStore(frame, (state) => state.hidden);
  if (entries.length === 0) return null;
  return (
    <section className="overlay">
      <h2>{title}</h2>
      <ul>
        {entries.map(({ id, name, colour }) => {
          const document = `${kind}/${id}`;
          return (
            <li key={id}>
              <label className={`ni h-${colour}`} data-overlay={document}>
                <input
                  type="checkbox"
                  className="check hue"
                  checked={!hidden.includes(document)}
                  onChange={() => toggleHidden(frame, document)}
                />
                <span className="clip">{name || t("nav.untitled")}</span>
              </label>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
