/** One field that two people set at once: both values, who and when, and what can be done about it. */

import type { ReactNode } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { ConflictNotice, MoimClient } from "../../store/types";
import { shortName } from "../names";
import type { ToastState } from "../toast";
import { useAnyState, useKnown } from "./document_state";
import { registerWord } from "./edit_words";
import { atWords } from "./moment";
import { isDeletion } from "./read";
import { registerOf } from "./registers";
import { settle, settleDeletion } from "./settle";
import { canKeepBoth, type Known, valueWords } from "./value_words";

export interface ConflictProps {
  readonly client: MoimClient;
  readonly toasts: StoreApi<ToastState>;
  readonly conflict: ConflictNotice;
}

/** The value that stayed is in the document already: nothing waits for an answer. */
export function ConflictNote(props: ConflictProps & { readonly children?: ReactNode }) {
  const { client, conflict, children } = props;
  const known = useKnown(client, useAnyState(client, conflict.document));
  if (isDeletion(conflict)) return <DeletionNote {...props} known={known} />;
  const { t } = known.words;
  const register = registerOf(conflict.document, conflict.path);
  const { mine, theirs, by } = conflict;
  const { now, was } = bothWords(conflict, known);
  const keep = (action: "theirs" | "mine" | "both") =>
    settle({ ...props, known }, conflict, action);
  const name = shortName(by.name);
  return (
    <section className="conflict" aria-label={titleWords(conflict, known)}>
      <p>
        <b>{titleWords(conflict, known)}</b>
      </p>
      {children}
      <p className="num">
        {t("conflict.values", { now, was, name, time: timeOf(conflict, known) })}
      </p>
      <div className="acts">
        <button type="button" className="btn s" onClick={() => keep("theirs")}>
          {t("conflict.keepTheirs", { name })}
        </button>
        <button type="button" className="btn s" onClick={() => keep("mine")}>
          {t("conflict.keepMine")}
        </button>
        {canKeepBoth(register, mine, theirs) && (
          <button type="button" className="btn s" onClick={() => keep("both")}>
            {t("conflict.keepBoth")}
          </button>
        )}
      </div>
    </section>
  );
}

export function titleWords({ document, path }: ConflictNotice, { words }: Known): string {
  const field = registerWord(registerOf(document, path), words);
  return words.t("conflict.title", { field });
}

function timeOf({ atMs }: ConflictNotice, { today, words }: Known): string {
  return atWords(atMs, today, words.language);
}

/** Two places in one column have the same name, and are not the same. */
function bothWords({ document, path, mine, theirs }: ConflictNotice, known: Known) {
  const register = registerOf(document, path);
  const now = valueWords(register, theirs, known);
  const was = valueWords(register, mine, known);
  const isSameColumn = register.field === "place" && now === was;
  return { now, was: isSameColumn ? known.words.t("notice.otherPlace") : was };
}

function DeletionNote(
  props: ConflictProps & { readonly known: Known; readonly children?: ReactNode },
) {
  const { conflict, known, children } = props;
  return (
    <div className="conflict">
      <p>
        <b>{deletionWords(conflict, known)}</b>
      </p>
      {children}
      <div className="acts">
        <DeletionButtons {...props} />
      </div>
    </div>
  );
}

export function deletionWords({ by }: ConflictNotice, { words: { t } }: Known): string {
  return t("deletion.title", { name: shortName(by.name) });
}

export function DeletionButtons(props: ConflictProps & { readonly known: Known }) {
  const { conflict, known } = props;
  const { t } = known.words;
  return (
    <>
      <button
        type="button"
        className="btn s line"
        onClick={() => settleDeletion(props, conflict, true)}
      >
        {t("panel.restore")}
      </button>
      <button
        type="button"
        className="btn s quiet"
        onClick={() => settleDeletion(props, conflict, false)}
      >
        {t("app.delete")}
      </button>
    </>
  );
}
