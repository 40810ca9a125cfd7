/** Pages, projects and calendars of the workspace, with the people in each. */

import { Monitor, Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { EntryKind, MoimClient, Person, PresenceState } from "../../store/types";
import type { CalendarFrame } from "../calendar/frame";
import { Icon } from "../icons";
import { useWords } from "../language";
import { useMayEdit } from "../role";
import type { ToastState } from "../toast";
import { addEntry, entriesOf, KINDS } from "./entries";
import { NavItem } from "./nav_item";
import { peopleByDocument } from "./people_at";
import type { Place, RouteStore } from "./route";
import { Switches } from "./switches";

const ORDER: readonly EntryKind[] = ["page", "project", "calendar"];
const NOBODY: readonly Person[] = [];

export interface NavContext {
  readonly client: MoimClient;
  readonly routes: RouteStore;
  readonly toasts: StoreApi<ToastState>;
  /** Holds which calendars are hidden. */
  readonly calendarFrame: CalendarFrame;
  readonly onChosen: () => void;
}

interface SideNavProps extends NavContext {
  readonly place: Place | null;
  readonly everybody: StoreApi<PresenceState> | null;
}

export function SideNav({ place, everybody, ...nav }: SideNavProps) {
  const { t } = useWords();
  return (
    <nav className="side" id="moim-side" aria-label={t("app.workspace")}>
      {everybody && <Sections nav={nav} place={place} everybody={everybody} />}
      <div className="foot">
        <Icon of={Monitor} />
        <span className="clip">{t("nav.local")}</span>
        <Switches client={nav.client} />
      </div>
    </nav>
  );
}

interface SectionsProps {
  readonly nav: NavContext;
  readonly place: Place | null;
  readonly everybody: StoreApi<PresenceState>;
}

function Sections({ nav, place, everybody }: SectionsProps) {
  const people = useStore(everybody, (state) => state.people);
  const found = useMemo(() => peopleByDocument(people), [people]);
  return ORDER.map((kind) => (
    <Section
      key={kind}
      nav={nav}
      kind={kind}
      current={place?.kind === kind ? place.id : null}
      people={found}
    />
  ));
}

interface SectionProps {
  readonly nav: NavContext;
  readonly kind: EntryKind;
  readonly current: string | null;
  readonly people: ReadonlyMap<string, readonly Person[]>;
}

function Section({ nav, kind, current, people }: SectionProps) {
  const { t } = useWords();
  const entries = useStore(nav.client.workspace, (state) => entriesOf(state, kind));
  const isEditor = useMayEdit(nav.client.workspace);
  const [renaming, setRenaming] = useState<string | null>(null);
  const { words } = KINDS[kind];
  const add = () => {
    const id = addEntry(nav.client.workspace.getState(), kind, t(words.add));
    nav.routes.go({ kind, id, entity: null });
    setRenaming(id);
  };
  return (
    <section aria-label={t(words.heading)}>
      <h2>
        {t(words.heading)}
        {isEditor && (
          <button type="button" className="ib" aria-label={t(words.add)} onClick={add}>
            <Icon of={Plus} />
          </button>
        )}
      </h2>
      <ul>
        {entries.map((entry) => (
          <li key={entry.id}>
            <NavItem
              nav={nav}
              kind={kind}
              entry={entry}
              isCurrent={entry.id === current}
              people={people.get(`${kind}/${entry.id}`) ?? NOBODY}
              isRenaming={renaming === entry.id}
              isEditor={isEditor}
              onRename={(on) => setRenaming(on ? entry.id : null)}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
