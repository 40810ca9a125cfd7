/** The projects of the workspace: open, create, rename, colour, delete. */

import { Ellipsis, Monitor, Pencil, Plus, Trash2 } from "lucide-react";
import { type KeyboardEvent, type MouseEvent, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { Hue, MoimClient, PresenceState, ProjectEntry } from "../../store/types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { NameField } from "../name_field";
import { Avatars } from "../people";
import { Popover } from "../popover";
import { addressOf, type Place, type RouteStore } from "./route";
import { Switches } from "./switches";

const HUES: readonly Hue[] = ["violet", "orange", "yellow", "teal", "blue", "pink", "green", "red"];

interface SideNavProps {
  readonly client: MoimClient;
  readonly routes: RouteStore;
  readonly place: Place | null;
  readonly presence: StoreApi<PresenceState> | null;
  readonly onChosen: () => void;
}

export function SideNav({ client, routes, place, presence, onChosen }: SideNavProps) {
  const { t } = useWords();
  const projects = useStore(client.workspace, (state) => state.projects);
  const current = place?.kind === "project" ? place.id : null;
  const [renaming, setRenaming] = useState<string | null>(null);
  const open = (project: string) => {
    routes.go({ kind: "project", id: project, entity: null });
    onChosen();
  };
  const add = () => {
    const hue = HUES[projects.length % HUES.length] ?? "violet";
    const id = client.workspace.getState().addProject(t("nav.newProject"), hue);
    routes.go({ kind: "project", id, entity: null });
    setRenaming(id);
  };
  return (
    <nav className="side" id="moim-side" aria-label={t("app.workspace")}>
      <section>
        <h2>
          {t("nav.projects")}
          <button type="button" className="ib" aria-label={t("nav.newProject")} onClick={add}>
            <Icon of={Plus} />
          </button>
        </h2>
        <ul>
          {projects.map((project) => (
            <li key={project.id}>
              <ProjectItem
                client={client}
                project={project}
                isCurrent={project.id === current}
                presence={project.id === current ? presence : null}
                isRenaming={renaming === project.id}
                onRename={(on) => setRenaming(on ? project.id : null)}
                onOpen={() => open(project.id)}
              />
            </li>
          ))}
        </ul>
      </section>
      <div className="foot">
        <Icon of={Monitor} />
        <span className="clip">{t("nav.local")}</span>
        <Switches />
      </div>
    </nav>
  );
}

interface ProjectItemProps {
  readonly client: MoimClient;
  readonly project: ProjectEntry;
  readonly isCurrent: boolean;
  readonly presence: StoreApi<PresenceState> | null;
  readonly isRenaming: boolean;
  readonly onRename: (on: boolean) => void;
  readonly onOpen: () => void;
}

function ProjectItem(props: ProjectItemProps) {
  const { client, project, isCurrent, presence, isRenaming, onRename, onOpen } = props;
  const { t } = useWords();
  const [menu, setMenu] = useState<Element | null>(null);
  const name = project.name || t("nav.untitled");
  const rename = (wanted: string | null) => {
    if (wanted !== null) client.workspace.getState().setProject(project.id, { name: wanted });
    onRename(false);
  };
  if (isRenaming)
    return (
      <div className="ni">
        <i className={`sq h-${project.colour}`} />
        <NameField value={project.name} label={t("nav.projectName")} onDone={rename} />
      </div>
    );
  const onClick = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    onOpen();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "F2") onRename(true);
  };
  return (
    <div className="ni-row">
      <a
        className="ni"
        href={addressOf({ kind: "project", id: project.id, entity: null })}
        aria-current={isCurrent ? "page" : undefined}
        onClick={onClick}
        onDoubleClick={() => onRename(true)}
        onKeyDown={onKeyDown}
      >
        <i className={`sq h-${project.colour}`} />
        <span className="clip">{name}</span>
        {presence && <NavFaces presence={presence} />}
      </a>
      <button
        type="button"
        className="ib s ni-more"
        aria-haspopup="dialog"
        aria-label={t("nav.projectMenu", { name })}
        onClick={(event) => setMenu(event.currentTarget)}
      >
        <Icon of={Ellipsis} />
      </button>
      {menu && (
        <ProjectMenu
          client={client}
          project={project}
          anchor={menu}
          onClose={() => setMenu(null)}
          onRename={() => onRename(true)}
        />
      )}
    </div>
  );
}

function NavFaces({ presence }: { readonly presence: StoreApi<PresenceState> }) {
  const people = useStore(presence, (state) => state.people);
  return <Avatars people={people} most={2} />;
}

interface ProjectMenuProps {
  readonly client: MoimClient;
  readonly project: ProjectEntry;
  readonly anchor: Element;
  readonly onClose: () => void;
  readonly onRename: () => void;
}

function ProjectMenu({ client, project, anchor, onClose, onRename }: ProjectMenuProps) {
  const { t } = useWords();
  const [isAsking, setAsking] = useState(false);
  const workspace = client.workspace.getState();
  const name = project.name || t("nav.untitled");
  const rename = () => {
    onClose();
    onRename();
  };
  const remove = () => {
    onClose();
    workspace.deleteProject(project.id);
  };
  return (
    <Popover anchor={anchor} label={t("nav.projectMenu", { name })} onClose={onClose} isMenu>
      <div className="menu">
        <button type="button" onClick={rename}>
          <Icon of={Pencil} />
          {t("app.rename")}
        </button>
      </div>
      <fieldset className="swatches" aria-label={t("nav.colour")}>
        {HUES.map((hue) => (
          <button
            key={hue}
            type="button"
            className={`swatch h-${hue}`}
            title={t(`hue.${hue}`)}
            aria-label={t(`hue.${hue}`)}
            aria-pressed={hue === project.colour}
            onClick={() => workspace.setProject(project.id, { colour: hue })}
          />
        ))}
      </fieldset>
      <div className="menu part">
        {isAsking ? (
          <div className="ask">
            <p>{t("nav.deleteAsk", { name })}</p>
            <span className="row">
              <button type="button" className="btn s line" onClick={() => setAsking(false)}>
                {t("app.cancel")}
              </button>
              <button type="button" className="btn s line danger" onClick={remove}>
                {t("app.delete")}
              </button>
            </span>
          </div>
        ) : (
          <button type="button" className="danger" onClick={() => setAsking(true)}>
            <Icon of={Trash2} />
            {t("app.delete")}
          </button>
        )}
      </div>
    </Popover>
  );
}
