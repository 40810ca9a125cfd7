/** A calendar that is not there, or none at all. */

import { Plus } from "lucide-react";
import type { MoimClient } from "../../store/types";
import { Icon } from "../icons";
import { useWords } from "../language";
import { useMayEdit } from "../role";

export function MissingCalendar({ missing }: { readonly missing: "unknown" | "refused" }) {
  const { t } = useWords();
  const isUnknown = missing === "unknown";
  return (
    <div className="empty">
      <h3>{t(isUnknown ? "calendar.unknown" : "calendar.refused")}</h3>
      <p>{t(isUnknown ? "calendar.unknownHint" : "calendar.refusedHint")}</p>
    </div>
  );
}

export function NoCalendar({ client }: { readonly client: MoimClient }) {
  const { t } = useWords();
  const isEditor = useMayEdit(client.workspace);
  return (
    <div className="empty">
      <h3>{t("calendar.none")}</h3>
      <p>{t("calendar.noneHint")}</p>
      {isEditor && (
        <button
          type="button"
          className="btn main"
          onClick={() => client.workspace.getState().addCalendar(t("calendar.add"), "blue")}
        >
          <Icon of={Plus} />
          {t("calendar.add")}
        </button>
      )}
    </div>
  );
}
