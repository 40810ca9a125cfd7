/** Where my edits are: on the server's disk, on the way, on this device. One place, one width. */

import { Ban, Check, CloudOff, Monitor, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { ConnectionState, MoimClient } from "../../store/types";
import { Icon } from "../icons";
import { useWords, type Words } from "../language";
import { useNarrow } from "../narrow";
import type { ToastState } from "../toast";
import { useFreshCatchUp } from "./caught_up";
import { Outbox } from "./outbox";
import type { Place } from "./route";

const FADES_AFTER_MS = 2_000;

interface PillProps {
  readonly client: MoimClient;
  readonly toasts: StoreApi<ToastState>;
  readonly onGo?: (place: Place) => void;
}

export function Pill({ client, toasts, onGo }: PillProps) {
  const words = useWords();
  const connection = useStore(client.connection);
  const [anchor, setAnchor] = useState<Element | null>(null);
  const { state } = connection;
  const isNarrow = useNarrow();
  const toCheck = connection.conflicts.length;
  const refused = connection.refused.length;
  const isCalm = toCheck + refused === 0;
  const isCaughtUp = useFreshCatchUp(client) !== null && state === "saved" && isCalm;
  const isQuiet = useQuietAfter(state) && !isCaughtUp && isCalm;
  return (
    <>
      <button
        type="button"
        className={classesOf(connection, isCaughtUp, isQuiet)}
        data-moim="pill"
        data-state={state}
        data-conflicts={toCheck}
        data-refused={refused}
        aria-haspopup="dialog"
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <PillMark connection={connection} />
        <span className="num pill-words" role="status">
          {isCaughtUp ? words.t("pill.caughtUp") : pillWords(connection, words, isNarrow)}
        </span>
      </button>
      {anchor && (
        <Outbox
          client={client}
          toasts={toasts}
          anchor={anchor}
          onClose={() => setAnchor(null)}
          onGo={onGo}
        />
      )}
    </>
  );
}

function classesOf(connection: ConnectionState, isCaughtUp: boolean, isQuiet: boolean) {
  const tone = connection.stopped ? "danger" : isCaughtUp ? "ok" : toneOf(connection);
  return `pill ${tone} ${isQuiet ? "quiet" : ""}`;
}

/** While nothing is wrong with saving, what is to be looked at gives the colour. */
function toneOf({ state, conflicts, refused }: ConnectionState): string {
  if (state !== "saved" && state !== "saving") return state;
  if (refused.length > 0) return "danger";
  return conflicts.length > 0 ? "device" : state;
}

/** "Saved" fades to its tick, so that the header is calm while nothing happens. */
function useQuietAfter(state: ConnectionState["state"]): boolean {
  const [isQuiet, setQuiet] = useState(false);
  useEffect(() => {
    setQuiet(false);
    if (state !== "saved") return;
    const timer = setTimeout(() => setQuiet(true), FADES_AFTER_MS);
    return () => clearTimeout(timer);
  }, [state]);
  return isQuiet;
}

function PillMark({ connection }: { readonly connection: ConnectionState }) {
  if (connection.stopped) return <Icon of={TriangleAlert} />;
  switch (connection.state) {
    case "saved":
      if (connection.refused.length > 0) return <Icon of={Ban} />;
      return <Icon of={connection.conflicts.length > 0 ? TriangleAlert : Check} />;
    case "saving":
      return <i className="pulse" />;
    case "device":
      return <Icon of={Monitor} />;
    case "offline":
      return <Icon of={CloudOff} />;
  }
}

export function pillWords(connection: ConnectionState, { t }: Words, isNarrow: boolean): string {
  const { stopped } = connection;
  const state = stopped ? t("pill.stopped") : stateWords(connection, t, isNarrow);
  return [state, ...openWords(connection, t, isNarrow)].filter(Boolean).join(" · ");
}

/** What is to be looked at; where there is little room, all of it as one number. */
function openWords(
  { conflicts, refused }: ConnectionState,
  t: Words["t"],
  isNarrow: boolean,
): readonly string[] {
  const both = conflicts.length > 0 && refused.length > 0;
  if (both && isNarrow) return [t("pill.toCheck", { n: conflicts.length + refused.length })];
  return [
    ...(refused.length > 0 ? [t("pill.refused", { n: refused.length })] : []),
    ...(conflicts.length > 0 ? [t("pill.toCheck", { n: conflicts.length })] : []),
  ];
}

/** "Saved" gives way to what is to be looked at where both have no room. */
function stateWords(
  { state, waiting, conflicts, refused }: ConnectionState,
  t: Words["t"],
  isNarrow: boolean,
): string | null {
  switch (state) {
    case "saved":
      return refused.length > 0 || (isNarrow && conflicts.length > 0) ? null : t("pill.saved");
    case "saving":
      return t("pill.saving");
    case "device":
      return t(isNarrow ? "pill.deviceShort" : "pill.device", { n: waiting });
    case "offline":
      if (waiting === 0) return t("pill.offline");
      return t(isNarrow ? "pill.offlineShort" : "pill.offlineWaiting", { n: waiting });
  }
}
