/** The line above everything: the workspace, where I am, what is saved, who is here. */

import { Menu, Search } from "lucide-react";
import { type MouseEvent, useEffect, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { DocumentClient } from "../../store/client";
import { holdSearchable } from "../../store/searchable";
import type { MoimClient, PresenceState } from "../../store/types";
import { BrandMark, Icon } from "../icons";
import { useWords } from "../language";
import { NameField } from "../name_field";
import { mayEdit } from "../role";
import { keysOf } from "../shortcuts";
import type { ToastState } from "../toast";
import { entryOf, KINDS } from "./entries";
import { WorkspaceFaces } from "./faces";
import type { Follow } from "./follow";
import { Pill } from "./pill";
import { addressOf, documentOf, type Place } from "./route";
import { Switches } from "./switches";

interface HeaderProps {
  readonly client: DocumentClient;
  readonly place: Place | null;
  readonly presence: StoreApi<PresenceState> | null;
  readonly everybody: StoreApi<PresenceState> | null;
  readonly follow: Follow;
  readonly toasts: StoreApi<ToastState>;
  readonly onGo: (place: Place) => void;
  readonly onFind: () => void;
  readonly onMenu: () => void;
}

export function Header(props: HeaderProps) {
  const { client, place, presence, everybody, follow, toasts, onGo, onFind, onMenu } = props;
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
      <Crumbs client={client} place={place} onGo={onGo} />
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
        <button
          type="button"
          className="field find"
          aria-label={t("palette.title")}
          onClick={onFind}
        >
          <Icon of={Search} />
          <span>{t("palette.find")}</span>
          <kbd>{keysOf("palette")[0]}</kbd>
        </button>
        <Switches client={client} />
      </div>
    </header>
  );
}

/** Where I am: the kind, the document, and what is open in it. */
function Crumbs({ client, place, onGo }: Pick<HeaderProps, "client" | "place" | "onGo">) {
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
          <h1 className="clip">
            {place?.entity ? (
              <DocumentLink place={place} name={name || t("nav.untitled")} onGo={onGo} />
            ) : (
              name || t("nav.untitled")
            )}
          </h1>
        </>
      )}
      {place?.entity && <OpenThing client={client} place={place} entity={place.entity} />}
    </nav>
  );
}

interface DocumentLinkProps extends Pick<HeaderProps, "onGo"> {
  readonly place: Place;
  readonly name: string;
}

/** Leaves what is open in the document, and stays there. */
function DocumentLink({ place, name, onGo }: DocumentLinkProps) {
  const whole = { ...place, entity: null };
  const go = (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onGo(whole);
  };
  return (
    <a href={addressOf(whole)} onClick={go}>
      {name}
    </a>
  );
}

interface OpenThingProps {
  readonly client: DocumentClient;
  readonly place: Place;
  readonly entity: string;
}

function OpenThing({ client, place, entity }: OpenThingProps) {
  const { t } = useWords();
  const document = documentOf(place);
  const [title, setTitle] = useState<string | null>(null);
  useEffect(() => {
    const { store, release } = holdSearchable(client, document);
    const show = () => setTitle(store.getState().title(entity));
    const stop = store.subscribe(show);
    show();
    return () => {
      stop();
      release();
    };
  }, [client, document, entity]);
  if (title === null) return null;
  return (
    <>
      <span className="sep" aria-hidden="true">
        /
      </span>
      <span className="crumb open clip" aria-current="page">
        {title || t("nav.untitled")}
      </span>
    </>
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
