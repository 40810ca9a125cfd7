/** Addresses of the page: `/`, `/project/<id>?card=<id>`; changed without loading the page again. */

import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";

export interface Route {
  /** null: the list, which shows the first project when there is one. */
  readonly project: string | null;
  readonly card: string | null;
}

const PROJECT_PATH = /^\/project\/([A-Za-z0-9_-]{1,64})\/?$/;

export function routeOf(path: string, search = ""): Route {
  const project = PROJECT_PATH.exec(path)?.[1] ?? null;
  return { project, card: project && new URLSearchParams(search).get("card") };
}

export function addressOf({ project, card }: Route): string {
  if (project === null) return "/";
  return `/project/${project}${card === null ? "" : `?card=${encodeURIComponent(card)}`}`;
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
  const onPop = () => store.setState(routeOf(location.pathname, location.search));
  addEventListener("popstate", onPop);
  return {
    store,
    go(route) {
      history.pushState(null, "", addressOf(route));
      store.setState(route);
    },
    replace(route) {
      history.replaceState(null, "", addressOf(route));
      store.setState(route);
    },
    close: () => removeEventListener("popstate", onPop),
  };
}

export function useRoute(routes: RouteStore): Route {
  return useStore(routes.store);
}
