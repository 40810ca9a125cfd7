/** Says once of each edit that the server did not accept it; what was written is kept. */

import { useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { MoimClient, RefusedEdit } from "../../store/types";
import type { Toast, ToastState } from "../toast";
import { useAnyState, useKnown } from "./document_state";
import { copied, reasonWords, refusedWords } from "./refused_note";
import type { Known } from "./value_words";

const KEPT_UNDER = "moim.refused.seen";
const MOST_KEPT = 200;
/** A document that is open gives its names at once; one that is not is not waited for. */
const NAMED_AFTER_MS = 60;

interface RefusedToastProps {
  readonly client: MoimClient;
  readonly toasts: StoreApi<ToastState>;
}

export function RefusedToast({ client, toasts }: RefusedToastProps) {
  const refused = useStore(client.connection, (state) => state.refused);
  const [told, setTold] = useState<RefusedEdit | null>(null);
  useEffect(() => {
    const seen = seenKeys();
    const fresh = refused.filter(({ key }) => !seen.includes(key));
    const newest = fresh.at(-1);
    if (!newest) return;
    keepSeen([...seen, ...fresh.map(({ key }) => key)]);
    setTold(newest);
  }, [refused]);
  return told && <Telling key={told.key} client={client} toasts={toasts} edit={told} />;
}

function Telling({ client, toasts, edit }: RefusedToastProps & { readonly edit: RefusedEdit }) {
  const known = useKnown(client, useAnyState(client, edit.document));
  const latest = useRef(known);
  latest.current = known;
  useEffect(() => {
    const timer = setTimeout(
      () => toasts.setState({ toast: toastOf({ client, toasts, edit, known: latest.current }) }),
      NAMED_AFTER_MS,
    );
    return () => clearTimeout(timer);
  }, [client, toasts, edit]);
  return null;
}

interface Told extends RefusedToastProps {
  readonly edit: RefusedEdit;
  readonly known: Known;
}

function toastOf({ client, toasts, edit, known }: Told): Toast {
  const { t } = known.words;
  const again = () => {
    if (client.applyAgain(edit.key)) return;
    toasts.setState({ toast: { text: t("refused.notNow"), action: null } });
  };
  const copy = () => void copied(edit, known).then((toast) => toasts.setState({ toast }));
  // Within quotation marks already.
  const what = refusedWords(edit, known).replaceAll("“", "‘").replaceAll("”", "’");
  return {
    text: t("refused.toast", { what, reason: reasonWords(edit, known.words) }),
    action: null,
    isRefusal: true,
    choices: [
      { name: t("refused.copy"), run: copy },
      { name: t("refused.again"), run: again },
    ],
  };
}

/** Over a reload too: a person is told once, and finds the rest in the list. */
function seenKeys(): readonly string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT_UNDER) ?? "[]");
    return Array.isArray(kept) ? kept.filter((key) => typeof key === "string") : [];
  } catch {
    return [];
  }
}

function keepSeen(keys: readonly string[]): void {
  try {
    localStorage.setItem(KEPT_UNDER, JSON.stringify(keys.slice(-MOST_KEPT)));
  } catch {
    // Storage may be forbidden: then it is said again after a reload.
  }
}
