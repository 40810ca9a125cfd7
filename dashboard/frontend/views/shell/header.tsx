/** The line above everything: the workspace, where I am, what is saved, who is here. */

import { Menu } from "lucide-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { MoimClient, PresenceState } from "../../store/types";
import { BrandMark, Icon } from "../icons";
import { useWords } from "../language";
import { NameField } from "../name_field";
import { mayEdit } from "../role";
import type { ToastState } from "../toast";
import { entryOf, KINDS } from "./entries";
import { WorkspaceFaces } from "./faces";
import type { Follow } from "./follow";
import { Pill } from "./pill";
import { documentOf, type Place } from "./route";
import { Switches } from "./switches";

interface HeaderProps {
  readonly client: MoimClient;
  readonly place: Place | null;
  readonly presence: StoreApi<PresenceState> | null;
  readonly everybody: StoreApi<PresenceState> | null;
  readonly follow: Follow;
  readonly toasts: StoreApi<ToastState>;
  readonly onGo: (place: Place) => void;
  readonly onMenu: () => void;
}

export function Header(props: HeaderProps) {
  const { client, place, presence, everybody, follow, toasts, onGo, onMenu } = props;
  const { t } = useWords();
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
      <Crumbs client={client} place={place} />
      <Pill client={client} toasts={toasts} onGo={onGo} />
      <div className="tools">
        {everybody && (
          <WorkspaceFaces
            client={client}
            everybody={everybody}
            presence={presence}
            document={place && documentOf(place)}
            follow={follow}
          />
        )}
        <Switches client={client} />
      </div>
    </header>
  );
}

function Crumbs({ client, place }: Pick<HeaderProps, "client" | "place">) {
  const { t } = useWords();
  const name = useStore(client.workspace, (state) => entryOf(state, place)?.name);
  useEffect(() => {
    document.title = name ? `${name} · moim` : "moim";
  }, [name]);
  return (
    <nav className="crumbs" aria-label={t("nav.breadcrumb")}>
      {place && <span className="crumb">{t(KINDS[place.kind].words.heading)}</span>}
      {name !== undefined && (
        <>
          <span className="sep" aria-hidden="true">
            /
          </span>
          <h1 className="clip">{name || t("nav.untitled")}</h1>
        </>
      )}
    </nav>
  );
}

function WorkspaceName({ client }: { readonly client: MoimClient }) {
  const { t } = useWords();
  const name = useStore(client.workspace, (state) => state.name);
  const isEditor = useStore(client.workspace, mayEdit);
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
      title={isEditor ? t("app.renameWorkspace") : undefined}
      disabled={!isEditor}
      onClick={() => setRenaming(true)}
    >
      <BrandMark />
      <span className="clip">{name || "moim"}</span>
    </button>
  );
}
