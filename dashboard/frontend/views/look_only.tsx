/** One quiet line for those who may look at a document and not change it. */

import { Eye } from "lucide-react";
import type { MoimClient } from "../store/types";
import { Icon } from "./icons";
import { useWords } from "./language";
import { useAnyState } from "./notices/document_state";

interface LookOnlyProps {
  readonly client: MoimClient;
  /** null: none is open. */
  readonly document: string | null;
}

export function LookOnly({ client, document }: LookOnlyProps) {
  const { t } = useWords();
  const state = useAnyState(client, document ?? "");
  if (state.role !== "viewer") return null;
  return (
    <p className="look-only" role="status">
      <Icon of={Eye} />
      {t("role.lookOnly")}
    </p>
  );
}
