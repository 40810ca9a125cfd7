/** What a person does about a conflict, said in a toast that has the way back. */

import type { StoreApi } from "zustand/vanilla";
import type { ResolveAction } from "../../core/messages";
import type { ConflictNotice, MoimClient } from "../../store/types";
import { shortName } from "../names";
import type { ToastState } from "../toast";
import { registerWord } from "./edit_words";
import { registerOf } from "./registers";
import { type Known, valueWords } from "./value_words";
import { writeValue } from "./write_value";

interface Settling {
  readonly client: MoimClient;
  readonly toasts: StoreApi<ToastState>;
  readonly known: Known;
}

/** Both values are still known here, so either decision can be turned round. */
export function settle(
  settling: Settling,
  conflict: ConflictNotice,
  action: Exclude<ResolveAction, "seen">,
): void {
  const { client, known } = settling;
  const { document, path, by, mine, theirs } = conflict;
  const register = registerOf(document, path);
  const field = registerWord(register, known.words);
  const value = valueWords(register, action === "theirs" ? theirs : mine, known);
  const text = known.words.t(`conflict.${action}Kept`, { field, name: shortName(by.name), value });
  const takeMine = () => writeValue(client, document, path, mine);
  decide(settling, conflict, action, { text, undo: action === "theirs" ? takeMine : null });
}

/** What was deleted while I changed it comes back, or goes after all. */
export function settleDeletion(
  settling: Settling,
  conflict: ConflictNotice,
  isRestored: boolean,
): void {
  const { client, known } = settling;
  const { document, path } = conflict;
  const text = known.words.t(isRestored ? "deletion.restored" : "deletion.deleted");
  const restore = () => writeValue(client, document, path, null);
  const action = isRestored ? "mine" : "theirs";
  decide(settling, conflict, action, { text, undo: isRestored ? null : restore });
}

interface Told {
  readonly text: string;
  /** Where nothing is written that could be taken back. */
  readonly undo: (() => void) | null;
}

function decide(
  { client, toasts, known: { words } }: Settling,
  { id }: ConflictNotice,
  action: ResolveAction,
  told: Told,
): void {
  const undo = client.resolveConflict(id, action) ?? told.undo;
  const isOpen = client.connection.getState().conflicts.some((one) => one.id === id);
  const text = isOpen ? words.t("conflict.notNow") : told.text;
  const hasUndo = !isOpen && undo !== null;
  toasts.setState({
    toast: { text, action: hasUndo ? { name: words.t("app.undo"), run: undo } : null },
  });
}
