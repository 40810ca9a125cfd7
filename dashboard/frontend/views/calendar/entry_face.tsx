/** What stands on an event, a card or somebody's ghost on the calendar. */

import { Ban, Clock, Repeat, TriangleAlert } from "lucide-react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { Person, PresenceState } from "../../store/types";
import { Icon, StatusCircle } from "../icons";
import { useWords } from "../language";
import { shortName } from "../names";
import { conflictWords } from "../notices/face_marks";
import { useConflicts, useRefused } from "../notices/read";
import { Avatar } from "../people";
import { titleOf } from "./changes";
import { isDay, timeText } from "./dates";
import type { CardEntry, Entry, EventEntry } from "./entries";
import type { Shape } from "./grid";
import { useCalendar } from "./session";

interface FaceProps<Of extends Entry> {
  readonly entry: Of;
  readonly shape: Shape;
}

export function EntryFace({ entry, shape }: FaceProps<Entry>) {
  if (entry.kind === "card") return <CardLine entry={entry} shape={shape} />;
  return <EventLine entry={entry} shape={shape} />;
}

function EventLine({ entry, shape }: FaceProps<EventEntry>) {
  const calendar = useCalendar();
  const words = useWords();
  const { location, status } = entry.occurrence;
  const store = calendar.visible.documents.calendars.get(entry.calendar);
  const presence = calendar.visible.documents.presences.get(`calendar/${entry.calendar}`);
  return (
    <>
      <i className={`dot h-${entry.colour}`} aria-hidden="true" />
      <b className="cal-title">
        {titleOf(entry, words)}
        {entry.recurrenceId !== null && shape.view === "list" && <Icon of={Repeat} size={12} />}
      </b>
      <TimeText entry={entry} shape={shape} />
      {location && <span className="cal-place">{location}</span>}
      {status === "tentative" && <span className="cal-place">{words.t("calendar.tentative")}</span>}
      {status === "cancelled" && <span className="cal-place">{words.t("calendar.cancelled")}</span>}
      {store && <Unsent store={store} id={entry.event} />}
      <EntryMark document={`calendar/${entry.calendar}`} entities={markedBy(entry)} />
      {presence && !shape.isMirror && <EditorFlag presence={presence} entity={entry.event} />}
    </>
  );
}

function TimeText({ entry, shape }: FaceProps<EventEntry>) {
  const { t, language } = useWords();
  const from = timeText(isDay(entry.start) ? `${entry.start}T00:00` : entry.start, language);
  if (isDay(entry.start))
    return shape.view === "list" ? <span className="cal-time">{t("calendar.allDay")}</span> : null;
  const until = timeText(entry.end, language);
  const isBrief = shape.view === "month" || shape.isShort;
  return <span className="cal-time num">{isBrief ? from : `${from}–${until}`}</span>;
}

function CardLine({ entry, shape }: FaceProps<CardEntry>) {
  const calendar = useCalendar();
  const words = useWords();
  const { card, column, label } = entry;
  const store = calendar.visible.documents.projects.get(entry.project);
  const presence = calendar.visible.documents.presences.get(`project/${entry.project}`);
  const isDue = card.due !== null;
  return (
    <>
      <StatusCircle status={column?.status ?? "backlog"} />
      <b className="cal-title">{titleOf(entry, words)}</b>
      {shape.view === "list" && (
        <span className="cal-time">{words.t(isDue ? "calendar.due" : "calendar.starts")}</span>
      )}
      {label && <span className="cal-place num">{label}</span>}
      {store && <Unsent store={store} id={card.id} />}
      <EntryMark document={`project/${entry.project}`} entities={[`cards/${card.id}`]} />
      {presence && !shape.isMirror && <EditorFlag presence={presence} entity={card.id} />}
    </>
  );
}

function markedBy({ event, recurrenceId }: EventEntry): readonly string[] {
  const own = recurrenceId === null ? [] : [`exceptions/${event}/${recurrenceId}`];
  return [`events/${event}`, ...own];
}

interface EntryMarkProps {
  readonly document: string;
  readonly entities: readonly string[];
}

/** There is little room: what waits is told in full where the entry opens. */
function EntryMark({ document, entities }: EntryMarkProps) {
  const { client } = useCalendar();
  const words = useWords();
  const [conflict] = useConflicts(client, document, entities);
  const [refused] = useRefused(client, document, entities);
  if (conflict)
    return (
      <span
        className="cal-mark warn"
        role="img"
        data-moim="conflict"
        data-id={conflict.id}
        title={conflictWords(conflict, words)}
        aria-label={conflictWords(conflict, words)}
      >
        <Icon of={TriangleAlert} size={12} />
      </span>
    );
  if (!refused) return null;
  return (
    <span
      className="cal-mark danger"
      role="img"
      data-moim="refused"
      data-id={refused.key}
      title={words.t("refused.chip")}
      aria-label={words.t("refused.chip")}
    >
      <Icon of={Ban} size={12} />
    </span>
  );
}

interface UnsentProps {
  readonly store: StoreApi<{ readonly unsent: ReadonlySet<string> }>;
  readonly id: string;
}

function Unsent({ store, id }: UnsentProps) {
  const { t } = useWords();
  const isUnsent = useStore(store, (state) => state.unsent.has(id));
  if (!isUnsent) return null;
  return (
    <span className="unsent" role="img" title={t("card.unsent")} aria-label={t("card.unsent")}>
      <Icon of={Clock} size={12} />
    </span>
  );
}

interface EditorFlagProps {
  readonly presence: StoreApi<PresenceState>;
  readonly entity: string;
}

/** Ring and name of who has this open: the ring is drawn around the event by its style sheet. */
function EditorFlag({ presence, entity }: EditorFlagProps) {
  const editor = useStore(presence, ({ people }) =>
    people.find((person) => person.editing?.entity === entity),
  );
  return editor ? <Flag person={editor} /> : null;
}

export function Flag({ person }: { readonly person: Person }) {
  return (
    <span className={`cal-ring p-${person.colour}`}>
      <span className={`flag p-${person.colour}`}>
        <Avatar person={person} />
        {shortName(person.name)}
      </span>
    </span>
  );
}
