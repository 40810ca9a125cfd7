/**
 * What can be done to a series as a whole, or from one of its events on. Each is one transaction, in
 * which exceptions follow the events that they are of.
 */

import * as Y from "yjs";
import {
  isServed,
  movedRule,
  movedStarts,
  ruleEndedBefore,
  ruleFrom,
  splitId,
} from "../core/recurrence";
import { lengthOf, momentOf, startingAt, wallOf } from "../core/wall_time";
import { isDay } from "../core/when";
import type { CalendarEvent, CalendarState, EventPatch } from "./calendar_types";
import { checkEvent } from "./event_check";
import { InvalidValue } from "./schema";
import { fieldsOf, setFields, type Write } from "./shared";

type Actions = Pick<CalendarState, "setSeries" | "splitSeries" | "endSeries">;

export function seriesActions(
  write: Write,
  get: () => CalendarState,
  stamp: () => readonly unknown[],
): Actions {
  const eventOf = (id: string) => {
    const event = get().events[id];
    if (event === undefined) throw new InvalidValue(`events: expected an event, got ${id}`);
    return event;
  };
  const setSeries = (id: string, patch: EventPatch) => {
    checkEvent(patch);
    const before = eventOf(id);
    const after = patched(before, patch);
    const moved = movedIds(before, after, exceptionIds(get(), id));
    write((doc) => {
      const fields = fieldsOf(doc, "events", id);
      if (fields) setFields(fields, { ...patch, rule: after.rule });
      renameExceptions(doc, id, id, moved);
    });
  };
  return {
    setSeries,

    splitSeries(id, recurrenceId, patch) {
      checkEvent(patch);
      const event = eventOf(id);
      if (isFirst(event, recurrenceId)) {
        setSeries(id, patch);
        return id;
      }
      const before = tailOf(event, recurrenceId);
      const after = { ...patched(before, patch), id: splitId(id, recurrenceId) };
      const later = exceptionIds(get(), id).filter((one) => one >= recurrenceId);
      const moved = movedIds(before, after, later);
      write((doc) => {
        const fields = fieldsOf(doc, "events", id);
        if (!fields) return;
        beginTail(doc, fields, after, patch, stamp());
        fields.set("rule", ruleEndedBefore(event, recurrenceId));
        dropFields(doc, id, recurrenceId, patch);
        renameExceptions(doc, id, after.id, moved);
      });
      return after.id;
    },

    endSeries(id, recurrenceId) {
      const event = eventOf(id);
      if (event.extra) throw new InvalidValue(CANNOT_CUT);
      const ended = isFirst(event, recurrenceId)
        ? { deleted: stamp() }
        : { rule: ruleEndedBefore(event, recurrenceId) };
      write((doc) => {
        const fields = fieldsOf(doc, "events", id);
        if (fields) setFields(fields, ended);
      });
    },
  };
}

const CANNOT_CUT = "events/rule: expected a rule that can be edited, got one of an import";

function isFirst(event: CalendarEvent, recurrenceId: string): boolean {
  return wallOf(recurrenceId) <= wallOf(event.when[0]);
}

/** The event as a patch makes it; a rule that is not patched follows the days. */
function patched(event: CalendarEvent, patch: EventPatch): CalendarEvent {
  const when = patch.when ?? event.when;
  const rule = event.rule && movedRule(event.rule, event.when[0], when[0]);
  return { ...event, ...patch, when, rule: patch.rule === undefined ? rule : patch.rule };
}

/** The part of a series from one of it on, as a series. Throws InvalidValue. */
function tailOf(event: CalendarEvent, recurrenceId: string): CalendarEvent {
  if (isServed(event)) throw new InvalidValue(CANNOT_CUT);
  const when = startingAt(recurrenceId, lengthOf(event.when), event.when[2]);
  return { ...event, when, rule: ruleFrom(event, recurrenceId) };
}

/** All registers, members and the text of notes; what names the import stays with the first part. */
function beginTail(
  doc: Y.Doc,
  fields: Y.Map<unknown>,
  after: CalendarEvent,
  patch: EventPatch,
  stamp: readonly unknown[],
): void {
  const tail = new Y.Map<unknown>([["created", stamp]]);
  doc.getMap("events").set(after.id, tail);
  for (const [name, value] of fields)
    if (!OWN_FIELDS.has(name)) tail.set(name, value instanceof Y.Text ? copied(value) : value);
  setFields(tail, { ...patch, when: after.when, rule: after.rule });
}

/** Two events of one UID would be one to whoever reads an export. */
const OWN_FIELDS = new Set(["created", "deleted", "uid"]);

function copied(text: Y.Text): Y.Text {
  return new Y.Text(text.toString());
}

function exceptionIds({ exceptions }: CalendarState, id: string): readonly string[] {
  return Object.keys(exceptions[id] ?? {});
}

/**
 * New recurrence ids by old ones. The n-th of a series stays the n-th; where the rule itself becomes
 * another one, each keeps its distance from the first.
 */
function movedIds(
  before: CalendarEvent,
  after: CalendarEvent,
  ids: readonly string[],
): ReadonlyMap<string, string> {
  if (ids.length === 0) return new Map();
  const [from, to] = [before.when[0], after.when[0]];
  const follows = after.rule === (before.rule && movedRule(before.rule, from, to));
  const byNumber =
    follows && !isServed(before) ? movedStarts(before, after, ids) : new Map<string, string>();
  const shift = wallOf(to) - wallOf(from);
  const shifted = (id: string) => momentOf(wallOf(id) + shift, isDay(to));
  return new Map(ids.map((id) => [id, byNumber.get(id) ?? shifted(id)]));
}

type Key = readonly [key: string, recurrenceId: string, field: string];

function exceptionKeys(doc: Y.Doc, id: string): Key[] {
  return [...doc.getMap("exceptions").keys()].flatMap((key): Key[] => {
    const [event, recurrenceId = "", field = ""] = key.split("/");
    return event === id ? [[key, recurrenceId, field]] : [];
  });
}

/** What was just decided for one event and all that follow holds for that one too. */
function dropFields(doc: Y.Doc, id: string, recurrenceId: string, patch: EventPatch): void {
  for (const [key, of, field] of exceptionKeys(doc, id))
    if (of === recurrenceId && field in patch) doc.getMap("exceptions").delete(key);
}

function renameExceptions(
  doc: Y.Doc,
  id: string,
  newId: string,
  ids: ReadonlyMap<string, string>,
): void {
  const exceptions = doc.getMap("exceptions");
  const renamed = exceptionKeys(doc, id).flatMap(([key, recurrenceId, field]) => {
    const next = `${newId}/${ids.get(recurrenceId)}/${field}`;
    return ids.has(recurrenceId) && next !== key ? [[key, next, exceptions.get(key)] as const] : [];
  });
  const made = new Set(renamed.map(([, next]) => next));
  for (const [key] of renamed) if (!made.has(key)) exceptions.delete(key);
  for (const [, next, value] of renamed) exceptions.set(next, value);
}
