/** A workspace without anything in it: what one begins with. */

import { Plus } from "lucide-react";
import { useStore } from "zustand";
import type { MoimClient } from "../../store/types";
import { EmptyBoardDrawing, Icon } from "../icons";
import { useWords } from "../language";
import { NotHere, useServerAway } from "../not_here";
import type { RouteStore } from "./route";

interface NothingYetProps {
  readonly client: MoimClient;
  readonly routes: RouteStore;
}

export function NothingYet({ client, routes }: NothingYetProps) {
  const { t } = useWords();
  const isReady = useStore(client.workspace, (state) => state.ready);
  const add = () => {
    const id = client.workspace.getState().addProject(t("nav.newProject"), "violet");
    routes.go({ kind: "project", id, entity: null });
  };
  const isAway = useServerAway(client);
  if (!isReady) return isAway ? <NotHere /> : null;
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
