/** What a person does about a conflict, said in a toast that has the way back. */

import type { StoreApi } from "zustand/vanilla";
import type { ResolveAction } from "../../core/protocol";
import type { ConflictNotice, MoimClient } from "../../store/types";
import { shortName } from "../names";
import type { ToastState } from "../toast";
import { registerWord } from "./edit_words";
import { registerOf } from "./registers";
import { type Known, valueWords } from "./value_words";
import { wayBack, writeValue } from "./write_value";

interface Settling {
  readonly client: MoimClient;
  readonly toasts: StoreApi<ToastState>;
  readonly known: Known;
}

/** Both values are still known here, so either decision can be turned round. */
export function settle(
  { client, toasts, known }: Settling,
  conflict: ConflictNotice,
  action: Exclude<ResolveAction, "seen">,
): void {
  const { words } = known;
  const { document, path, by } = conflict;
  const register = registerOf(document, path);
  const undo =
    action === "theirs"
      ? () => void writeValue(client, document, path, conflict.mine)
      : wayBack(client, document, path);
  client.resolveConflict(conflict.id, action);
  const field = registerWord(register, words);
  const value = valueWords(register, action === "theirs" ? conflict.theirs : conflict.mine, known);
  const name = shortName(by.name);
  const text = words.t(`conflict.${action}Kept`, { field, name, value });
  toasts.setState({ toast: { text, action: undo && { name: words.t("app.undo"), run: undo } } });
}

/** What was deleted while I changed it comes back, or goes after all. */
export function settleDeletion(
  { client, toasts, known }: Settling,
  conflict: ConflictNotice,
  isRestored: boolean,
): void {
  const { t } = known.words;
  const { document, path } = conflict;
  const undo = wayBack(client, document, path);
  client.resolveConflict(conflict.id, isRestored ? "mine" : "theirs");
  const text = t(isRestored ? "deletion.restored" : "deletion.deleted");
  toasts.setState({ toast: { text, action: undo && { name: t("app.undo"), run: undo } } });
}
