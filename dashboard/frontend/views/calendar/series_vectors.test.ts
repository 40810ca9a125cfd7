/** What a change of a series writes is what the server writes for programs without a CRDT. */

import { expect, it } from "vitest";
import * as Y from "yjs";
import vectors from "../../../../tests/vectors/series.json";
import { calendarStore } from "../../store/calendar";
import { seeded } from "../../testing/seeded";
import { sharedOver } from "../../testing/shared_over";
import { applyToSeries, type SeriesPatch, type SeriesScope } from "./series_changes";

type Fields = Readonly<Record<string, unknown>>;

interface Case {
  readonly name: string;
  readonly event: Fields;
  readonly exceptions: Fields;
  readonly which: string;
  readonly scope: SeriesScope;
  readonly change: SeriesPatch;
  readonly after: {
    readonly events: Readonly<Record<string, Fields>>;
    readonly exceptions: Fields;
  };
}

it.each(vectors as unknown as readonly Case[])(
  "$name",
  ({ event, exceptions, which, scope, change, after }) => {
    const doc = new Y.Doc();
    doc.getMap("events").set("e", new Y.Map(Object.entries(event)));
    for (const [key, value] of Object.entries(exceptions)) doc.getMap("exceptions").set(key, value);
    const author = { me: () => "minji", now: () => 1_000, random: seeded(1) };
    const calendar = calendarStore(sharedOver(doc), author).getState();
    applyToSeries(calendar, { event: "e", recurrenceId: which }, change, scope);
    const shown = Object.entries(doc.getMap("events").toJSON() as Record<string, Fields>);
    const events = Object.fromEntries(
      shown.map(([id, { created: _, ...fields }]) => [id, fields] as const),
    );
    expect({ events, exceptions: doc.getMap("exceptions").toJSON() }).toEqual(after);
  },
);
