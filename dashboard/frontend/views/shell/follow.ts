/** Following a person: my page goes where they go, until I do something of my own. */

import { useEffect, useRef } from "react";
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { MoimClient, Person, PresenceState } from "../../store/types";
import { useWords } from "../language";
import { shortName } from "../names";
import type { Face } from "../people";
import type { ToastState } from "../toast";
import { frontOf, whereIs } from "./people_at";
import { type RouteStore, samePlace } from "./route";

export interface FollowState {
  /** Whom I follow, as they looked when I began; null: nobody. */
  readonly followed: Face | null;
}

export type Follow = StoreApi<FollowState>;

/** Somebody who loads their page again is away for a moment, and has not left. */
const LEFT_AFTER_MS = 3_000;
/** Keys that only accompany others. */
const QUIET_KEYS = new Set(["Shift", "Control", "Alt", "Meta", "CapsLock"]);

export function followStore(): Follow {
  return createStore<FollowState>(() => ({ followed: null }));
}

export function startFollowing(follow: Follow, { id, name, colour }: Face): void {
  follow.setState({ followed: { id, name, colour } });
}

export function stopFollowing(follow: Follow): void {
  follow.setState({ followed: null });
}

interface FollowingOptions {
  readonly client: MoimClient;
  readonly follow: Follow;
  readonly everybody: StoreApi<PresenceState> | null;
  readonly routes: RouteStore;
  readonly toasts: StoreApi<ToastState>;
}

export function useFollowing(options: FollowingOptions): void {
  const { follow } = options;
  const id = useStore(follow, ({ followed }) => followed?.id ?? null);
  useTheirPlace(id, options);
  useEndOnMyOwn(id, follow);
  useEndWhenTheyLeave(id, options);
}

function personWith(id: string | null, { people }: PresenceState): Person | undefined {
  return people.find((person) => person.id === id);
}

function useTheirPlace(id: string | null, { everybody, routes }: FollowingOptions): void {
  useEffect(() => {
    if (id === null || everybody === null) return;
    const go = (isFirst: boolean) => {
      const person = personWith(id, everybody.getState());
      const place = person && (frontOf(person) ?? (isFirst ? whereIs(person) : null));
      if (place && !samePlace(place, routes.store.getState())) routes.go(place);
    };
    go(true);
    return everybody.subscribe(() => go(false));
  }, [id, everybody, routes]);
}

/** A click, a key or the browser's own buttons; scrolling is looking on. */
function useEndOnMyOwn(id: string | null, follow: Follow): void {
  useEffect(() => {
    if (id === null) return;
    const abort = new AbortController();
    const stop = (event: Event) => {
      const isBar = event.composedPath().some((target) => isFollowBar(target));
      const isQuiet = event instanceof KeyboardEvent && QUIET_KEYS.has(event.key);
      if (!isQuiet && (!isBar || isEscape(event))) stopFollowing(follow);
    };
    for (const type of ["pointerdown", "keydown", "popstate"])
      addEventListener(type, stop, { capture: true, signal: abort.signal });
    return () => abort.abort();
  }, [id, follow]);
}

function isEscape(event: Event): boolean {
  return event instanceof KeyboardEvent && event.key === "Escape";
}

function isFollowBar(target: EventTarget): boolean {
  return target instanceof HTMLElement && target.classList.contains("follow-bar");
}

/** While this page has no connection, nobody is known to be anywhere. */
function useEndWhenTheyLeave(id: string | null, options: FollowingOptions): void {
  const { client, follow, everybody, toasts } = options;
  const { t } = useWords();
  const isConnected = useStore(client.connection, (state) => state.connected);
  const ended = useRef(() => {});
  ended.current = () => {
    const name = shortName(follow.getState().followed?.name ?? "");
    stopFollowing(follow);
    toasts.setState({ toast: { text: t("follow.left", { name }), action: null } });
  };
  useEffect(() => {
    if (id === null || everybody === null || !isConnected) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      const isThere = personWith(id, everybody.getState()) !== undefined;
      if (!isThere) timer ??= setTimeout(() => ended.current(), LEFT_AFTER_MS);
      else {
        clearTimeout(timer);
        timer = undefined;
      }
    };
    look();
    const unsubscribe = everybody.subscribe(look);
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, [id, everybody, isConnected]);
}
