/** A calendar as views read it, and what can be done in it. */

import * as Y from "yjs";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { SharedDocument } from "../core/document";
import { seriesActions } from "./calendar_series";
import type { CalendarEvent, CalendarState, Exception, Exceptions, When } from "./calendar_types";
import { checkEvent, checkException } from "./event_check";
import { copyOf, putCopy } from "./event_copy";
import { newId } from "./ids";
import type { Author } from "./project_actions";
import { CALENDAR } from "./schema";
import {
  type Changes,
  entities,
  fieldsOf,
  kept,
  membersOf,
  setFields,
  shared,
  toggle,
  unsentOf,
  type View,
  type Write,
} from "./shared";
import { undoable } from "./undoable";

export function calendarStore(document: SharedDocument, author: Author): StoreApi<CalendarState> {
  return createStore<CalendarState>()(
    shared(document, CALENDAR_VIEW, (write, get) => ({
      ...calendarActions(write, get, author),
      copyOf: (id) => copyOf(document.doc, id),
      together: (run) => undoable(document, ["events", "exceptions"], run),
    })),
  );
}

const CALENDAR_VIEW: View<CalendarState> = {
  content(doc, previous, changes) {
    const info = doc.getMap("info");
    return {
      description: String(CALENDAR.info.read("description", info.get("description")) ?? ""),
      zone: CALENDAR.info.read("zone", info.get("zone")) as string | null,
      events: entities(doc, "events", previous?.events ?? {}, changes, readEvent),
      exceptions: readExceptions(doc, previous?.exceptions ?? {}, changes),
    };
  },

  status: (document, previous) => ({
    ready: document.ready,
    missing: document.missing,
    unsent: unsentOf(document, ["events", "exceptions"], previous?.unsent),
  }),
};

type Actions = Pick<
  CalendarState,
  | "addEvent"
  | "setEvent"
  | "toggleMember"
  | "deleteEvent"
  | "restoreEvent"
  | "setException"
  | "clearException"
  | "setSeries"
  | "splitSeries"
  | "endSeries"
  | "setInfo"
  | "addCopy"
>;

function calendarActions(write: Write, get: () => CalendarState, author: Author): Actions {
  const stamp = () => [author.me(), author.now()];
  const setEvent = (id: string, patch: Readonly<Record<string, unknown>>) => {
    checkEvent(patch);
    write((doc) => {
      const fields = fieldsOf(doc, "events", id);
      if (fields) setFields(fields, patch);
    });
  };
  return {
    addEvent(fields) {
      const id = newId(author.random);
      checkEvent(fields);
      write((doc) => {
        const event = new Y.Map<unknown>([["created", stamp()]]);
        doc.getMap("events").set(id, event);
        setFields(event, fields);
        event.set("notes", new Y.Text());
      });
      return id;
    },

    setEvent,

    toggleMember: (id, person) =>
      write((doc) => toggle(fieldsOf(doc, "events", id), `member/${person}`)),

    deleteEvent: (id) => setEvent(id, { deleted: stamp() }),

    restoreEvent: (id) => setEvent(id, { deleted: null }),

    setException(id, recurrenceId, patch) {
      checkException(patch);
      write((doc) => setFields(doc.getMap("exceptions"), flat(id, recurrenceId, patch)));
    },

    clearException(id, recurrenceId) {
      const known = get().exceptions[id]?.[recurrenceId];
      if (known === undefined) return;
      const nothing = Object.fromEntries(Object.keys(known).map((name) => [name, null]));
      write((doc) => setFields(doc.getMap("exceptions"), flat(id, recurrenceId, nothing)));
    },

    ...seriesActions(write, get, stamp),

    setInfo(patch) {
      for (const [name, value] of Object.entries(patch))
        if (value !== null && value !== undefined) CALENDAR.info.check(name, value);
      write((doc) => setFields(doc.getMap("info"), patch));
    },

    addCopy(copy) {
      const id = newId(author.random);
      write((doc) => putCopy(doc, id, copy));
      return id;
    },
  };
}

/** The flat keys of one event of a series; `excluded` is either true or not there. */
function flat(id: string, recurrenceId: string, patch: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(patch).map(([name, value]) => [
      `${id}/${recurrenceId}/${name}`,
      value === false ? null : value,
    ]),
  );
}

function readEvent(id: string, fields: Y.Map<unknown>): CalendarEvent {
  const read = (name: string) => CALENDAR.events.read(name, fields.get(name));
  const when = read("when") as When | null;
  return {
    id,
    title: String(read("title") ?? ""),
    when: when ?? NEVER,
    rule: read("rule") as string | null,
    extra: read("extra") as string | null,
    location: read("location") as string | null,
    url: read("url") as string | null,
    status: read("status") as CalendarEvent["status"],
    members: membersOf(fields, "member/"),
    uid: read("uid") as string | null,
    deleted: read("deleted") as CalendarEvent["deleted"],
  };
}

/** Where an event stands whose time nobody can read. */
const NEVER: When = ["1970-01-01", "1970-01-02", ""];

const NO_EXCEPTION: Exception = {
  excluded: false,
  title: null,
  when: null,
  location: null,
  notes: null,
  status: null,
};

function readExceptions(
  doc: Y.Doc,
  previous: CalendarState["exceptions"],
  changes: Changes,
): CalendarState["exceptions"] {
  const changed = changes === null ? null : changes.get("exceptions");
  if (changed === undefined) return previous;
  const next: Record<string, Record<string, Exception>> = {};
  for (const [key, value] of doc.getMap("exceptions")) {
    const [event = "", recurrenceId = "", field = ""] = key.split("/");
    if (!(field in NO_EXCEPTION)) continue;
    const byId = next[event] ?? {};
    next[event] = byId;
    byId[recurrenceId] = { ...(byId[recurrenceId] ?? NO_EXCEPTION), [field]: value };
  }
  for (const [event, exceptions] of Object.entries(next))
    next[event] = keptExceptions(previous[event], exceptions);
  return next;
}

function keptExceptions(
  previous: Exceptions | undefined,
  next: Record<string, Exception>,
): Record<string, Exception> {
  for (const [id, exception] of Object.entries(next)) next[id] = kept(previous?.[id], exception);
  return kept(previous as Record<string, Exception> | undefined, next);
}
