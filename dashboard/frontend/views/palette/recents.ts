/** Where a person was last, the latest first; kept on this device, by person. */

import { useEffect } from "react";
import { addressOf, documentOf, type Place, routeOf } from "../shell/route";

const MOST = 12;

/** As much of a browser's storage as this needs. */
export type Kept = Pick<Storage, "getItem" | "setItem">;

function keptUnder(person: string): string {
  return `moim.recent.${person}`;
}

/** What is kept may be of another version, or anything: what is no place is left out. */
export function recentPlaces(person: string, kept: Kept): readonly Place[] {
  try {
    const addresses: unknown = JSON.parse(kept.getItem(keptUnder(person)) ?? "[]");
    return Array.isArray(addresses) ? addresses.flatMap((one) => placeAt(one)) : [];
  } catch {
    return [];
  }
}

export function remember(person: string, place: Place, kept: Kept): void {
  const before = recentPlaces(person, kept).map(addressOf);
  const address = addressOf(place);
  const addresses = [address, ...before.filter((one) => one !== address)].slice(0, MOST);
  try {
    kept.setItem(keptUnder(person), JSON.stringify(addresses));
  } catch {
    // Storage is full or forbidden: nothing is remembered.
  }
}

function placeAt(address: unknown): readonly Place[] {
  if (typeof address !== "string") return [];
  const [path = "", search = ""] = address.split("?");
  const route = routeOf(path, search);
  return route.kind === "home" ? [] : [route];
}

/** Remembers each place that this tab comes to. */
export function useRemembered(person: string | null, place: Place | null): void {
  useEffect(() => {
    if (person !== null && place !== null) remember(person, place, localStorage);
  }, [person, place]);
}

/** The documents in which recent cards, events and cells are. */
export function documentsWithEntities(places: readonly Place[]): readonly string[] {
  return [...new Set(places.filter(({ entity }) => entity !== null).map(documentOf))];
}
