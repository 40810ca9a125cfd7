/** One edit that the server did not accept: what, why, and what can be done with it. */

import type { ReactNode } from "react";
import { useState } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { MoimClient, RefusedEdit } from "../../store/types";
import { copyText } from "../clipboard";
import type { WordKey, Words } from "../language";
import type { ToastState } from "../toast";
import { useAnyState, useKnown } from "./document_state";
import { copyOf, editWords } from "./edit_words";
import { refusedPaths } from "./read";
import { registerOf } from "./registers";
import type { Known } from "./value_words";

interface RefusedNoteProps {
  readonly client: MoimClient;
  readonly toasts: StoreApi<ToastState>;
  readonly edit: RefusedEdit;
  /** Where and when, in a list. */
  readonly children?: ReactNode;
}

const REASONS: Readonly<Record<string, WordKey>> = {
  limit: "refused.limit",
  role: "refused.role",
  broken: "refused.broken",
  lineage: "refused.lineage",
};

/** Rules that people know by what they do. */
const RULES: Readonly<Record<string, WordKey>> = {
  when: "refused.when",
  place: "refused.place",
};

export function reasonWords({ code, document, paths }: RefusedEdit, { t }: Words): string {
  const known = REASONS[code];
  if (known) return t(known);
  const [first] = paths;
  const field = first ? registerOf(document, first.path).field : null;
  return t(RULES[field ?? ""] ?? "refused.schema");
}

/** What was tried; the paths tell when nothing else is known. */
export function refusedWords(edit: RefusedEdit, known: Known): string {
  return editWords({ ...edit, touched: refusedPaths(edit) }, known);
}

export function RefusedNote({ client, toasts, edit, children }: RefusedNoteProps) {
  const known = useKnown(client, useAnyState(client, edit.document));
  const { t } = known.words;
  const [isStuck, setStuck] = useState(false);
  const copy = async () => toasts.setState({ toast: await copied(edit, known) });
  return (
    <div className="refusal">
      <p>
        <b>{refusedWords(edit, known)}</b>
      </p>
      {children}
      <p>{t("refused.why", { reason: reasonWords(edit, known.words) })}</p>
      {isStuck && <p role="alert">{t("refused.notNow")}</p>}
      <div className="acts">
        <button
          type="button"
          className="btn s"
          onClick={() => setStuck(!client.applyAgain(edit.key))}
        >
          {t("refused.again")}
        </button>
        <button type="button" className="btn s" onClick={() => void copy()}>
          {t("refused.copy")}
        </button>
        <button type="button" className="btn s" onClick={() => client.forgetRefused(edit.key)}>
          {t("refused.forget")}
        </button>
      </div>
    </div>
  );
}

/** Puts what was written on the clipboard; gives the toast that says so. */
export async function copied(edit: RefusedEdit, known: Known) {
  const { t } = known.words;
  const text = copyOf(edit, known);
  const isCopied = await copyText(text);
  return { text: isCopied ? t("refused.copied") : t("refused.copyByHand", { text }), action: null };
}
