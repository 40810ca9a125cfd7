/** Where people are in the workspace, from what their tabs say. */

import type { At, Person } from "../../store/types";
import { type Place, placeIn } from "./route";

/** Each document with the people in it. */
export function peopleByDocument(
  people: readonly Person[],
): ReadonlyMap<string, readonly Person[]> {
  const found = new Map<string, Person[]>();
  for (const person of people)
    for (const { document } of person.places)
      found.set(document, [...(found.get(document) ?? []), person]);
  return found;
}

export interface Company {
  /** Those in this document, also programs that say nothing of the workspace. */
  readonly here: readonly Person[];
  readonly elsewhere: readonly Person[];
}

/** Everybody once: those in the document first, each as the workspace knows them. */
export function companyIn(
  document: string | null,
  inDocument: readonly Person[],
  everybody: readonly Person[],
): Company {
  const known = new Set(everybody.map(({ id }) => id));
  const present = new Set(inDocument.map(({ id }) => id));
  // Who says where they are is believed: a page's cell opens a document without going there.
  const isHere = ({ id, places }: Person) =>
    places.length > 0 ? places.some((place) => place.document === document) : present.has(id);
  const strangers = inDocument.filter(({ id }) => !known.has(id));
  return {
    here: [...everybody.filter(isHere), ...strangers],
    elsewhere: everybody.filter((person) => !isHere(person)),
  };
}

/** Where somebody is to be found first; null when none of their tabs says. */
export function whereIs(person: Person): Place | null {
  return placeOfAt(person.places[0]);
}

/** Where somebody works now; null while another window of their machine has the keys. */
export function frontOf(person: Person): Place | null {
  return placeOfAt(person.places.find(({ front }) => front));
}

function placeOfAt(at: At | undefined): Place | null {
  return at === undefined ? null : placeIn(at.document, at.entity);
}
