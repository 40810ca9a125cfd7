/** What a person still has to look at: of one field, of one thing, of all. */

import { createContext, useContext } from "react";
import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { StoreApi } from "zustand/vanilla";
import type { ConflictNotice, MoimClient, RefusedEdit } from "../../store/types";
import type { ToastState } from "../toast";

/** The thing whose fields are shown below: an open card, an event, a cell. */
export interface NoticePlace {
  readonly client: MoimClient;
  readonly toasts: StoreApi<ToastState>;
  readonly document: string;
  /** What its fields' paths begin with: `cards/<id>`, of an event also `exceptions/<id>/<which>`. */
  readonly entities: readonly string[];
}

export const NoticeScope = createContext<NoticePlace | null>(null);

export function useNoticePlace(): NoticePlace | null {
  return useContext(NoticeScope);
}

export function isDeletion({ path }: Pick<ConflictNotice, "path">): boolean {
  return path.endsWith("/deleted");
}

function isAbout(path: string, entities: readonly string[]): boolean {
  return entities.some((entity) => path === entity || path.startsWith(`${entity}/`));
}

export function useConflicts(
  client: MoimClient,
  document: string,
  entities: readonly string[],
): readonly ConflictNotice[] {
  return useStore(
    client.connection,
    useShallow(({ conflicts }) =>
      conflicts.filter((one) => one.document === document && isAbout(one.path, entities)),
    ),
  );
}

export function useRefused(
  client: MoimClient,
  document: string,
  entities: readonly string[],
): readonly RefusedEdit[] {
  return useStore(
    client.connection,
    useShallow(({ refused }) =>
      refused.filter(
        (one) =>
          one.document === document && refusedPaths(one).some((path) => isAbout(path, entities)),
      ),
    ),
  );
}

/** What an edit that was refused had set. */
export function refusedPaths({ changes, paths }: RefusedEdit): readonly string[] {
  const changed = changes.map(({ path }) => path);
  return changed.length > 0 ? changed : paths.map(({ path }) => path);
}
