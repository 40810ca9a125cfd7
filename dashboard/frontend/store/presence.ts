/** Who else is in a document: one face per person, however many tabs they have. */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { Presence, TabState } from "../core/presence";
import { whenProblem } from "../core/when";
import type { When } from "./calendar_types";
import type {
  At,
  CardDrag,
  Drag,
  Editing,
  EventDrag,
  Hue,
  Member,
  Person,
  PresenceState,
} from "./types";

export interface Self {
  readonly me: () => Member;
  readonly listen: (listener: () => void) => void;
}

export function presenceStore(presence: Presence, self: Self): StoreApi<PresenceState> {
  let editing: Editing | null = null;
  let open: string | null = null;
  const tell = () =>
    presence.set({ editing: editing ?? (open === null ? null : { entity: open, field: null }) });
  const store = createStore<PresenceState>()(() => ({
    me: self.me(),
    people: facesOf(presence.others.values(), self.me().id, []),
    setDrag: (drag) => presence.set({ drag }),
    setAt: (at) => presence.set({ at }),
    setEditing: (wanted) => {
      editing = wanted;
      tell();
    },
    setOpen: (entity) => {
      open = entity;
      tell();
    },
  }));
  const update = () => {
    const me = self.me();
    const people = facesOf(presence.others.values(), me.id, store.getState().people);
    store.setState({ me, people });
  };
  presence.listen(update);
  self.listen(update);
  return store;
}

function facesOf(
  tabs: Iterable<TabState>,
  me: string,
  previous: readonly Person[],
): readonly Person[] {
  const people = new Map<string, Person>();
  for (const tab of tabs)
    if (tab.user.id !== me) people.set(tab.user.id, withTab(people.get(tab.user.id), tab));
  const known = new Map(previous.map((person) => [person.id, person]));
  return [...people.values()].map((person) => same(known.get(person.id), person));
}

function withTab(person: Person | undefined, tab: TabState): Person {
  return {
    id: tab.user.id,
    name: tab.user.name,
    colour: tab.user.colour as Hue,
    tabs: (person?.tabs ?? 0) + 1,
    idle: (person?.idle ?? true) && tab.idle,
    drag: dragOf(tab.drag) ?? person?.drag ?? null,
    editing: nearer(editingOf(tab.editing), person?.editing ?? null),
    places: withPlace(person?.places ?? [], atOf(tab.at)),
  };
}

/** Of several tabs, the one in which somebody is in a field. */
function nearer(one: Editing | null, other: Editing | null): Editing | null {
  return one?.field != null ? one : (other ?? one);
}

/** Two tabs in one document are one place; tabs in front come before the others. */
function withPlace(places: readonly At[], at: At | null): readonly At[] {
  const known = places.find((place) => place.document === at?.document);
  if (at === null || (known && (known.front || !at.front))) return places;
  const others = places.filter((place) => place !== known);
  return [...others, at].sort((one, other) => Number(other.front) - Number(one.front));
}

function same(previous: Person | undefined, person: Person): Person {
  return previous && JSON.stringify(previous) === JSON.stringify(person) ? previous : person;
}

function dragOf(value: unknown): Drag | null {
  return cardDragOf(value) ?? eventDragOf(value);
}

function cardDragOf(value: unknown): CardDrag | null {
  const { card, slot } = recordOf(value);
  const { column, before } = recordOf(slot);
  if (typeof card !== "string" || typeof column !== "string") return null;
  return { card, slot: { column, before: typeof before === "string" ? before : null } };
}

function eventDragOf(value: unknown): EventDrag | null {
  const { event, recurrenceId, when } = recordOf(value);
  if (typeof event !== "string" || !isWhen(when) || whenProblem(when) !== null) return null;
  return { event, recurrenceId: typeof recurrenceId === "string" ? recurrenceId : null, when };
}

function isWhen(value: unknown): value is When {
  return (
    Array.isArray(value) && value.length === 3 && value.every((part) => typeof part === "string")
  );
}

function editingOf(value: unknown): Editing | null {
  const { entity, field } = recordOf(value);
  if (typeof entity !== "string") return null;
  return { entity, field: typeof field === "string" ? field : null };
}

function atOf(value: unknown): At | null {
  const { document, entity, front } = recordOf(value);
  if (typeof document !== "string") return null;
  return { document, entity: typeof entity === "string" ? entity : null, front: front === true };
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
