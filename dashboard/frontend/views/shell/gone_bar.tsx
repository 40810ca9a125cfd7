/** Over a project, calendar or page that somebody deleted while it is open here. */

import { Trash2 } from "lucide-react";
import { useStore } from "zustand";
import type { MoimClient } from "../../store/types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { shortName } from "../names";
import { mayEdit } from "../role";
import { entryOf, KINDS } from "./entries";
import { documentOf, type Place } from "./route";

interface GoneBarProps {
  readonly client: MoimClient;
  readonly place: Place | null;
}

/** The work goes on underneath: what is typed while one reads this is kept with the rest. */
export function GoneBar({ client, place }: GoneBarProps) {
  const { t } = useWords();
  const deleted = useStore(client.workspace, (state) =>
    place === null || entryOf(state, place) ? undefined : state.deleted[documentOf(place)],
  );
  const by = useStore(client.workspace, ({ members }) => members[deleted?.[0] ?? ""]?.name ?? "");
  const mayRestore = useStore(client.workspace, mayEdit);
  if (place === null || deleted === undefined) return null;
  return (
    <div className="netbar gone" role="status" data-moim="gone" data-id={documentOf(place)}>
      <Icon of={Trash2} />
      <p>{t(KINDS[place.kind].words.deletedBy, { name: shortName(by) || "?" })}</p>
      {mayRestore && (
        <button
          type="button"
          className="btn s line"
          onClick={() => client.workspace.getState().restore(place.kind, place.id)}
        >
          {t("panel.restore")}
        </button>
      )}
    </div>
  );
}
