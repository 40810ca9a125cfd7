/** The page: header, projects, and the board of one project with its dock. */

import { ChartColumn, Menu, Plus, SquareKanban } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { MoimClient, PresenceState } from "../../store/types";
import { Board } from "../board/board";
import { type BoardFrame, openCardOf } from "../board/frame";
import { usePresence } from "../held";
import { BrandMark, EmptyBoardDrawing, Icon } from "../icons";
import { useWords } from "../language";
import { NameField } from "../name_field";
import { ToastPlace, toastStore } from "../toast";
import { Faces } from "./faces";
import { Insights } from "./insights";
import { NetBar } from "./net_bar";
import { Pill } from "./pill";
import { type Route, type RouteStore, useRoute } from "./route";
import { SideNav } from "./side_nav";
import { Switches } from "./switches";

const DOCK_KEPT_UNDER = "moim.insights";
const DOCK_FITS_PX = 1600;

interface ShellProps {
  readonly client: MoimClient;
  readonly routes: RouteStore;
  readonly frame: BoardFrame;
}

export function Shell({ client, routes, frame }: ShellProps) {
  const { t, language } = useWords();
  const route = useRoute(routes);
  const project = useShownProject(client, route);
  const presence = usePresence(client, project);
  const [isNavOpen, setNavOpen] = useState(false);
  useFrameFollows(frame, routes, project, route);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  return (
    <div className={`shell ${isNavOpen ? "nav-open" : ""}`}>
      <a className="skip" href="#moim-main">
        {t("app.skip")}
      </a>
      <Header
        client={client}
        project={project}
        presence={presence}
        onMenu={() => setNavOpen(!isNavOpen)}
      />
      <SideNav
        client={client}
        routes={routes}
        current={project}
        presence={presence}
        onChosen={() => setNavOpen(false)}
      />
      <main className="content" id="moim-main">
        <NetBar client={client} />
        {project === null ? (
          <NoProject client={client} routes={routes} />
        ) : (
          <Work client={client} frame={frame} project={project} />
        )}
      </main>
      {isNavOpen && (
        <button
          type="button"
          className="nav-scrim"
          aria-label={t("app.close")}
          onClick={() => setNavOpen(false)}
        />
      )}
    </div>
  );
}

/** `/` shows the first project. */
function useShownProject(client: MoimClient, route: Route): string | null {
  const first = useStore(client.workspace, (state) => state.projects[0]?.id ?? null);
  return route.project ?? first;
}

/** The frame shows the address's project and card; the address names the card that is open. */
function useFrameFollows(
  frame: BoardFrame,
  routes: RouteStore,
  project: string | null,
  route: Route,
): void {
  useEffect(() => {
    if (project !== null && frame.getState().project !== project)
      frame.setState({
        project,
        selection: route.card,
        isOpen: route.card !== null,
        filter: "",
      });
  }, [frame, project, route.card]);
  // Back and forward open and close the card of the same project.
  useEffect(() => {
    const { project: shown } = frame.getState();
    if (shown !== project || openCardOf(frame.getState()) === route.card) return;
    frame.setState({
      isOpen: route.card !== null,
      ...(route.card === null ? {} : { selection: route.card }),
    });
  }, [frame, project, route.card]);
  useEffect(
    () =>
      frame.subscribe((state, before) => {
        const { project: shown } = state;
        const card = openCardOf(state);
        const now = routes.store.getState();
        if (shown !== before.project && before.project !== "" && shown !== now.project)
          routes.go({ project: shown, card });
        else if (now.project === shown && now.card !== card)
          routes.replace({ project: shown, card });
      }),
    [frame, routes],
  );
}

interface NoProjectProps {
  readonly client: MoimClient;
  readonly routes: RouteStore;
}

function NoProject({ client, routes }: NoProjectProps) {
  const { t } = useWords();
  const isReady = useStore(client.workspace, (state) => state.ready);
  const add = () => {
    const id = client.workspace.getState().addProject(t("nav.newProject"), "violet");
    routes.go({ project: id, card: null });
  };
  if (!isReady) return null;
  return (
    <div className="empty">
      <EmptyBoardDrawing />
      <h3>{t("nav.noProjects")}</h3>
      <p>{t("nav.noProjectsHint")}</p>
      <button type="button" className="btn main" onClick={add}>
        <Icon of={Plus} />
        {t("nav.newProject")}
      </button>
    </div>
  );
}

interface WorkProps {
  readonly client: MoimClient;
  readonly frame: BoardFrame;
  readonly project: string;
}

function Work({ client, frame, project }: WorkProps) {
  const { t } = useWords();
  const toasts = useMemo(toastStore, []);
  const [isDocked, setDocked] = useDock();
  const isFramed = useStore(frame, (state) => state.project === project);
  return (
    <>
      <div className="work">
        {isFramed && (
          <Board
            client={client}
            frame={frame}
            toasts={toasts}
            tabs={<Tabs />}
            tools={
              <button
                type="button"
                className="btn quiet dock-switch"
                aria-pressed={isDocked}
                onClick={() => setDocked(!isDocked)}
              >
                <Icon of={ChartColumn} />
                <span>{t("view.insights")}</span>
              </button>
            }
          />
        )}
        {isDocked && <Insights project={project} />}
      </div>
      <ToastPlace store={toasts} />
    </>
  );
}

function useDock(): [boolean, (on: boolean) => void] {
  const [isDocked, setDocked] = useState(() => {
    const kept = localStorage.getItem(DOCK_KEPT_UNDER);
    return kept === null ? innerWidth >= DOCK_FITS_PX : kept === "on";
  });
  return [
    isDocked,
    (on) => {
      localStorage.setItem(DOCK_KEPT_UNDER, on ? "on" : "off");
      setDocked(on);
    },
  ];
}

function Tabs() {
  const { t } = useWords();
  return (
    <div className="tabs" role="tablist" aria-label={t("view.tabs")}>
      <button type="button" role="tab" aria-selected="true">
        <Icon of={SquareKanban} />
        {t("view.board")}
      </button>
    </div>
  );
}

interface HeaderProps {
  readonly client: MoimClient;
  readonly project: string | null;
  readonly presence: StoreApi<PresenceState> | null;
  readonly onMenu: () => void;
}

function Header({ client, project, presence, onMenu }: HeaderProps) {
  const { t } = useWords();
  const name = useStore(
    client.workspace,
    (state) => state.projects.find((one) => one.id === project)?.name,
  );
  useEffect(() => {
    document.title = name ? `${name} · moim` : "moim";
  }, [name]);
  return (
    <header className="top">
      <button
        type="button"
        className="ib nav-button"
        aria-label={t("app.menu")}
        aria-controls="moim-side"
        onClick={onMenu}
      >
        <Icon of={Menu} size={20} />
      </button>
      <WorkspaceName client={client} />
      <nav className="crumbs" aria-label={t("nav.breadcrumb")}>
        <span className="crumb">{t("nav.projects")}</span>
        {name !== undefined && (
          <>
            <span className="sep" aria-hidden="true">
              /
            </span>
            <h1 className="clip">{name || t("nav.untitled")}</h1>
          </>
        )}
      </nav>
      <Pill client={client} />
      <div className="tools">
        {presence && <Faces client={client} presence={presence} />}
        <Switches />
      </div>
    </header>
  );
}

function WorkspaceName({ client }: { readonly client: MoimClient }) {
  const { t } = useWords();
  const name = useStore(client.workspace, (state) => state.name);
  const [isRenaming, setRenaming] = useState(false);
  const rename = (wanted: string | null) => {
    if (wanted !== null) client.workspace.getState().setWorkspace({ name: wanted });
    setRenaming(false);
  };
  if (isRenaming)
    return (
      <div className="ws">
        <BrandMark />
        <NameField value={name} label={t("app.workspaceName")} onDone={rename} />
      </div>
    );
  return (
    <button
      type="button"
      className="ws"
      title={t("app.renameWorkspace")}
      onClick={() => setRenaming(true)}
    >
      <BrandMark />
      <span className="clip">{name || "moim"}</span>
    </button>
  );
}
