/** Where my edits are: on the server's disk, on the way, on this device. One place, one width. */

import { Check, CloudOff, Monitor, TriangleAlert } from "lucide-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import type { ConnectionState, MoimClient } from "../../store/types";
import { Icon } from "../icons";
import { useWords, type Words } from "../language";
import { useNarrow } from "../narrow";
import { useFreshCatchUp } from "./caught_up";
import { Outbox } from "./outbox";

const FADES_AFTER_MS = 2_000;

export function Pill({ client }: { readonly client: MoimClient }) {
  const words = useWords();
  const connection = useStore(client.connection);
  const [anchor, setAnchor] = useState<Element | null>(null);
  const { state } = connection;
  const isNarrow = useNarrow();
  const isCaughtUp = useFreshCatchUp(client) !== null && state === "saved";
  const isQuiet = useQuietAfter(state) && !isCaughtUp;
  return (
    <>
      <button
        type="button"
        className={classesOf(connection, isCaughtUp, isQuiet)}
        data-moim="pill"
        data-state={state}
        aria-haspopup="dialog"
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <PillMark connection={connection} />
        <span className="num pill-words" role="status">
          {isCaughtUp ? words.t("pill.caughtUp") : pillWords(connection, words, isNarrow)}
        </span>
      </button>
      {anchor && <Outbox client={client} anchor={anchor} onClose={() => setAnchor(null)} />}
    </>
  );
}

function classesOf({ state, stopped }: ConnectionState, isCaughtUp: boolean, isQuiet: boolean) {
  const tone = stopped ? "danger" : isCaughtUp ? "ok" : state;
  return `pill ${tone} ${isQuiet ? "quiet" : ""}`;
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
      return <Icon of={Check} />;
    case "saving":
      return <i className="pulse" />;
    case "device":
      return <Icon of={Monitor} />;
    case "offline":
      return <Icon of={CloudOff} />;
  }
}

function pillWords(
  { state, waiting, stopped }: ConnectionState,
  { t }: Words,
  isNarrow: boolean,
): string {
  if (stopped) return t("pill.stopped");
  switch (state) {
    case "saved":
      return t("pill.saved");
    case "saving":
      return t("pill.saving");
    case "device":
      return t(isNarrow ? "pill.deviceShort" : "pill.device", { n: waiting });
    case "offline":
      if (waiting === 0) return t("pill.offline");
      return t(isNarrow ? "pill.offlineShort" : "pill.offlineWaiting", { n: waiting });
  }
}
