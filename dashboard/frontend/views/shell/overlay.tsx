/** What lies over the page when it is asked for: the palette, the sheet of keys; and the page's keys. */

import { lazy, Suspense, useEffect } from "react";
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { DocumentClient } from "../../store/client";
import type { PresenceState } from "../../store/types";
import type { BoardFrame } from "../board/frame";
import { Fence } from "../fence";
import { whenIdle } from "../idle";
import type { Offered } from "../palette/offered";
import { isPressed, isTyping, shortcutIn } from "../shortcuts";
import type { ToastState } from "../toast";
import type { Place, RouteStore } from "./route";

const loadPalette = () => import("../palette/palette");
const loadSheet = () => import("../palette/shortcut_sheet");
const Palette = lazy(async () => ({ default: (await loadPalette()).Palette }));
const ShortcutSheet = lazy(async () => ({ default: (await loadSheet()).ShortcutSheet }));

export type OverlayStore = StoreApi<{ readonly shown: "palette" | "sheet" | null }>;

export function overlayStore(): OverlayStore {
  return createStore(() => ({ shown: null }));
}

interface OverlayProps {
  readonly client: DocumentClient;
  readonly routes: RouteStore;
  readonly frame: BoardFrame;
  readonly place: Place | null;
  readonly everybody: StoreApi<PresenceState> | null;
  readonly toasts: StoreApi<ToastState>;
  readonly offered: Offered;
  readonly overlay: OverlayStore;
}

export function Overlay({ overlay, everybody, ...shared }: OverlayProps) {
  const shown = useStore(overlay, (state) => state.shown);
  useKeys(overlay, shared.offered);
  // Here before the server goes away.
  useEffect(
    () => whenIdle(() => void Promise.all([loadPalette(), loadSheet()]).catch(noMatter)),
    [],
  );
  const close = () => overlay.setState({ shown: null });
  return (
    <Fence>
      <Suspense fallback={null}>
        {shown === "sheet" && <ShortcutSheet onClose={close} />}
        {shown === "palette" && (
          <Palette
            {...shared}
            person={everybody?.getState().me.id ?? null}
            onSheet={() => overlay.setState({ shown: "sheet" })}
            onClose={close}
          />
        )}
      </Suspense>
    </Fence>
  );
}

/** It is asked for again when it is wanted. */
function noMatter(): void {}

/** Letters act on the view at hand, but never while somebody types or something lies over the page. */
function useKeys(overlay: OverlayStore, offered: Offered): void {
  useEffect(() => {
    const onCommand = (event: KeyboardEvent) => {
      if (!isPressed("palette", event) || event.isComposing) return;
      event.preventDefault();
      event.stopPropagation();
      const { shown } = overlay.getState();
      overlay.setState({ shown: shown === "palette" ? null : "palette" });
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event) || isCovered(event)) return;
      const name = shortcutIn("board", event);
      const action = name && offered.actions.find(({ shortcut }) => shortcut === name);
      if (isPressed("sheet", event)) overlay.setState({ shown: "sheet" });
      else if (action) action.run();
      else return;
      event.preventDefault();
    };
    // First of all, because popovers keep their keys to themselves.
    addEventListener("keydown", onCommand, { capture: true });
    addEventListener("keydown", onKeyDown);
    return () => {
      removeEventListener("keydown", onCommand, { capture: true });
      removeEventListener("keydown", onKeyDown);
    };
  }, [overlay, offered]);
}

function isCovered(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  return target instanceof Element && target.closest("dialog, [popover]") !== null;
}
