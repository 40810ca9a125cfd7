/** What waits to be sent and how the connection stands; opened by the pill. */

import { Download, Pencil, RotateCw, TriangleAlert } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type {
  ConnectionState,
  MoimClient,
  OutboxItem,
  ProjectState,
  WorkspaceState,
} from "../../store/types";
import { fieldWord } from "../board/fields";
import { useProject } from "../held";
import { Icon } from "../icons";
import { useWords, type WordKey, type Words } from "../language";
import { Popover } from "../popover";

interface OutboxProps {
  readonly client: MoimClient;
  readonly anchor: Element;
  readonly onClose: () => void;
}

const MOST_SHOWN = 50;
const MOST_FIELDS = 3;
const MINUTE_MS = 60_000;

export function Outbox({ client, anchor, onClose }: OutboxProps) {
  const words = useWords();
  const { t } = words;
  const connection = useStore(client.connection);
  const { outbox, waiting, movedAside } = connection;
  const save = async () => download(await connection.exportOutbox(), "moim-unsent.json");
  const newest = outbox.slice(-MOST_SHOWN).reverse();
  const heading = waiting > 0 ? t("outbox.waiting", { n: waiting }) : t("outbox.none");
  return (
    <Popover anchor={anchor} label={heading} onClose={onClose} className="outbox">
      <div className="pop-head">
        <h2 className="grow">{heading}</h2>
        {waiting + movedAside > 0 && (
          <button type="button" className="btn s quiet" onClick={() => void save()}>
            <Icon of={Download} />
            {t("outbox.export")}
          </button>
        )}
        <button type="button" className="btn s line" onClick={() => connection.retryNow()}>
          <Icon of={RotateCw} />
          {t("outbox.retry")}
        </button>
      </div>
      {newest.length > 0 && (
        <ul className="ob">
          {newest.map((item) => (
            <Waiting
              key={`${item.document} ${item.atMs} ${item.touched.join()}`}
              client={client}
              item={item}
            />
          ))}
          {outbox.length > newest.length && (
            <li className="mute">{t("outbox.more", { n: outbox.length - newest.length })}</li>
          )}
        </ul>
      )}
      <Connection connection={connection} words={words} />
      {connection.deviceError !== null && (
        <Warning>{t("outbox.deviceError", { reason: connection.deviceError })}</Warning>
      )}
      {connection.movedAside > 0 && (
        <Warning>{t("outbox.movedAside", { n: connection.movedAside })}</Warning>
      )}
      {connection.persistent === false && <Warning>{t("outbox.mayClear")}</Warning>}
    </Popover>
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

function download(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** What an edit set, in words: "Due", "New card". Paths are those of `core/touched.ts`. */
export function wordsOfEdit(touched: readonly string[], words: Words): string {
  const { t } = words;
  if (touched.some((path) => /^cards\/[^/]+$/.test(path))) return t("outbox.newCard");
  const fields = touched.map((path) => {
    const [root, id = "", field = ""] = path.split("/");
    return fieldWord(root === "info" ? id : field, words) ?? t("outbox.change");
  });
  return [...new Set(fields)].slice(0, MOST_FIELDS).join(", ") || t("outbox.change");
}

/** The one card that an edit is about; null when it is about something else, or several. */
export function cardOfEdit(touched: readonly string[]): string | null {
  const cards = new Set(touched.map((path) => /^cards\/([^/]+)/.exec(path)?.[1]));
  const [card] = cards;
  return cards.size === 1 && card !== undefined ? card : null;
}

function placeOf(document: string, workspace: WorkspaceState, { t }: Words): string {
  const [kind, id] = document.split("/");
  if (kind !== "project") return workspace.name || t("app.workspace");
  return workspace.projects.find((project) => project.id === id)?.name ?? t("board.projectOf");
}

function Waiting({ client, item }: { readonly client: MoimClient; readonly item: OutboxItem }) {
  const words = useWords();
  const workspace = useStore(client.workspace);
  const time = new Intl.DateTimeFormat(words.language, { timeStyle: "short" });
  const [kind, id = ""] = item.document.split("/");
  const card = kind === "project" ? cardOfEdit(item.touched) : null;
  const place = placeOf(item.document, workspace, words);
  return (
    <li>
      <Icon of={Pencil} size={16} />
      <span className="grow">
        {wordsOfEdit(item.touched, words)}
        <span className="mute place">
          {card === null ? (
            place
          ) : (
            <CardPlace client={client} project={id} card={card} place={place} />
          )}
        </span>
      </span>
      <time className="mute num">{time.format(item.atMs)}</time>
    </li>
  );
}

interface CardPlaceProps {
  readonly client: MoimClient;
  readonly project: string;
  readonly card: string;
  readonly place: string;
}

/** A document with unsent edits is open anyway, so its card can be named. */
function CardPlace({ client, project, card, place }: CardPlaceProps) {
  const store = useProject(client, project);
  return store ? <CardTitle store={store} card={card} place={place} /> : place;
}

function CardTitle({
  store,
  card,
  place,
}: {
  store: StoreApi<ProjectState>;
  card: string;
  place: string;
}) {
  const title = useStore(store, (state) => state.cards[card]?.title);
  return title ? `${title} · ${place}` : place;
}

/** Browsers keep pages of https and of this very machine only. */
function opensWord(opensOffline: boolean): WordKey {
  if (opensOffline) return "connection.opens";
  return isSecureContext ? "connection.opensNot" : "connection.opensOnHttps";
}

function sinceWords(since: number, now: number, language: string): string {
  const minutes = Math.max(0, Math.floor((now - since) / MINUTE_MS));
  const unit = minutes < 60 ? "minute" : "hour";
  const value = minutes < 60 ? minutes : Math.floor(minutes / 60);
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(
    value,
  );
}

function Connection({ connection, words }: { connection: ConnectionState; words: Words }) {
  const { t, language } = words;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS / 4);
    return () => clearInterval(timer);
  }, []);
  const { connected, roundTripMs, lastSavedAt, persistent, since, opensOffline } = connection;
  const storage =
    persistent === null
      ? t("connection.unknown")
      : t(persistent ? "connection.persistent" : "connection.mayBeCleared");
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
      {roundTripMs !== null && (
        <div>
          <dt>{t("connection.roundTrip")}</dt>
          <dd className="num">{t("connection.ms", { n: Math.round(roundTripMs) })}</dd>
        </div>
      )}
      {lastSavedAt !== null && (
        <div>
          <dt>{t("connection.lastSaved")}</dt>
          <dd className="num">{clock.format(lastSavedAt)}</dd>
        </div>
      )}
      <div>
        <dt>{t("connection.storage")}</dt>
        <dd>{storage}</dd>
      </div>
      {opensOffline !== null && (
        <div>
          <dt>{t("connection.opensOffline")}</dt>
          <dd>{t(opensWord(opensOffline))}</dd>
        </div>
      )}
    </dl>
  );
}
