/** How the connection stands and what this device keeps, for those who ask. */

import { TriangleAlert } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import type { ConnectionState } from "../../store/types";
import { Icon } from "../icons";
import { useWords, type WordKey, type Words } from "../language";

const MINUTE_MS = 60_000;

interface ConnectionProps {
  readonly connection: ConnectionState;
}

export function ConnectionPanel({ connection }: ConnectionProps) {
  return (
    <div data-moim="connection">
      <Facts connection={connection} />
      <Warnings connection={connection} />
    </div>
  );
}

function Facts({ connection }: ConnectionProps) {
  const words = useWords();
  const { t, language } = words;
  const now = useNow();
  const { connected, transport, roundTripMs, lastSavedAt, opensOffline, since, waiting } =
    connection;
  const clock = new Intl.DateTimeFormat(language, { timeStyle: "medium" });
  return (
    <dl className="kv">
      <div>
        <dt className="state">
          <i className={`dot ${connected ? "h-green" : "h-yellow"}`} />
          {t(connected ? "connection.connected" : "connection.waiting")}
        </dt>
        <dd>{t("connection.since", { time: sinceWords(since, now, language) })}</dd>
      </div>
      <Fact name="connection.server">{globalThis.location?.host}</Fact>
      {transport !== null && (
        <Fact name="connection.transport">{t(`connection.${transport}`)}</Fact>
      )}
      {connected && roundTripMs !== null && (
        <Fact name="connection.roundTrip">
          {t("connection.ms", { n: Math.round(roundTripMs) })}
        </Fact>
      )}
      <Fact name="connection.unsent">{new Intl.NumberFormat(language).format(waiting)}</Fact>
      {lastSavedAt !== null && <Fact name="connection.lastSaved">{clock.format(lastSavedAt)}</Fact>}
      <Fact name="connection.storage">{storageWords(connection, words)}</Fact>
      {opensOffline !== null && (
        <Fact name="connection.opensOffline">{t(opensWord(opensOffline))}</Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: WordKey; readonly children: ReactNode }) {
  const { t } = useWords();
  return (
    <div>
      <dt>{t(name)}</dt>
      <dd className="num">{children}</dd>
    </div>
  );
}

function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS / 4);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Browsers keep pages of https and of this very machine only. */
function opensWord(opensOffline: boolean): WordKey {
  if (opensOffline) return "connection.opens";
  return isSecureContext ? "connection.opensNot" : "connection.opensOnHttps";
}

function storageWords({ persistent, deviceError }: ConnectionState, { t }: Words): string {
  if (deviceError !== null) return t("connection.notKept");
  if (persistent === null) return t("connection.unknown");
  return t(persistent ? "connection.persistent" : "connection.mayBeCleared");
}

function sinceWords(since: number, now: number, language: string): string {
  const minutes = Math.max(0, Math.floor((now - since) / MINUTE_MS));
  const unit = minutes < 60 ? "minute" : "hour";
  const value = minutes < 60 ? minutes : Math.floor(minutes / 60);
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(
    value,
  );
}

function Warnings({ connection }: ConnectionProps) {
  const { t } = useWords();
  const { deviceError, movedAside, persistent } = connection;
  return (
    <>
      {deviceError !== null && (
        <Warning>{t("outbox.deviceError", { reason: deviceError })}</Warning>
      )}
      {movedAside > 0 && <Warning>{t("outbox.movedAside", { n: movedAside })}</Warning>}
      {globalThis.isSecureContext === false ? (
        <Warning>{t("connection.plainHttp")}</Warning>
      ) : (
        persistent === false && <Warning>{t("outbox.mayClear")}</Warning>
      )}
    </>
  );
}

function Warning({ children }: { readonly children: ReactNode }) {
  return (
    <p className="obn">
      <Icon of={TriangleAlert} />
      <span>{children}</span>
    </p>
  );
}
