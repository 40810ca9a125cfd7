/**
 * Addresses of the page: `/`, `/project/<id>?card=`, `/calendar/<id>?event=`, `/page/<id>?cell=`;
 * changed without loading the page again.
 */

import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { EntryKind } from "../../store/types";

/** A document that the page shows, and what is open in it: a card, an event, a cell. */
export interface Place {
  readonly kind: EntryKind;
  readonly id: string;
  readonly entity: string | null;
}

/** `home`: what the workspace has first. */
export type Route = { readonly kind: "home" } | Place;

/** What a document's address calls the thing that is open in it. */
const QUERY: Readonly<Record<EntryKind, string>> = {
  project: "card",
  calendar: "event",
  page: "cell",
};

const HOME: Route = { kind: "home" };
const DOCUMENT = /^(project|calendar|page)\/([A-Za-z0-9_-]{1,64})$/;

/** The place in a document; null when there is no view for it. */
export function placeIn(document: string, entity: string | null): Place | null {
  const [, kind, id] = DOCUMENT.exec(document) ?? [];
  if (kind === undefined || id === undefined) return null;
  return { kind: kind as EntryKind, id, entity };
}

export function documentOf({ kind, id }: Place): string {
  return `${kind}/${id}`;
}

export function routeOf(path: string, search = ""): Route {
  const place = placeIn(path.replace(/^\/|\/$/g, ""), null);
  if (place === null) return HOME;
  return { ...place, entity: new URLSearchParams(search).get(QUERY[place.kind]) };
}

export function addressOf(route: Route): string {
  if (route.kind === "home") return "/";
  const { kind, entity } = route;
  const query = entity === null ? "" : `?${QUERY[kind]}=${encodeURIComponent(entity)}`;
  return `/${documentOf(route)}${query}`;
}

export function samePlace(one: Route, other: Route): boolean {
  return addressOf(one) === addressOf(other);
}

export interface RouteStore {
  readonly store: StoreApi<Route>;
  /** A new entry in the browser's history. */
  go(route: Route): void;
  /** The same entry, another address. */
  replace(route: Route): void;
  close(): void;
}

export function routeStore(path: string): RouteStore {
  const [name = "/", search = ""] = path.split("?");
  const store = createStore<Route>(() => routeOf(name, search));
  // Not merged into the former one: a place left for home would leave its id there.
  const show = (route: Route) => store.setState(route, true);
  const onPop = () => show(routeOf(location.pathname, location.search));
  addEventListener("popstate", onPop);
  return {
    store,
    go(route) {
      if (!samePlace(route, store.getState())) history.pushState(null, "", addressOf(route));
      show(route);
    },
    replace(route) {
      history.replaceState(null, "", addressOf(route));
      show(route);
    },
    close: () => removeEventListener("popstate", onPop),
  };
}

export function useRoute(routes: RouteStore): Route {
  return useStore(routes.store);
}
