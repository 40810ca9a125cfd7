/** One short sentence bottom left, with at most one action; gone after 8 s. */

import { useEffect } from "react";
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";

export interface Toast {
  readonly text: string;
  readonly action: { readonly name: string; readonly run: () => void } | null;
}

export interface ToastState {
  readonly toast: Toast | null;
}

const SHOWN_MS = 8_000;

export function toastStore(): StoreApi<ToastState> {
  return createStore<ToastState>(() => ({ toast: null }));
}

const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** Ctrl+Z or ⌘Z, unless it belongs to a text field. */
function isUndoKey(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  const isTyping = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
  const withKey = (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  return withKey && event.code === "KeyZ" && !isTyping;
}

export function ToastPlace({ store }: { readonly store: StoreApi<ToastState> }) {
  const toast = useStore(store, (state) => state.toast);
  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => store.setState({ toast: null }), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [toast, store]);
  useEffect(() => {
    const action = toast?.action;
    if (!action) return;
    const onKeyDown = (event: KeyboardEvent) => {
      if (!isUndoKey(event)) return;
      event.preventDefault();
      action.run();
      store.setState({ toast: null });
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [toast, store]);
  const act = () => {
    toast?.action?.run();
    store.setState({ toast: null });
  };
  return (
    <div className="toasts" role="status">
      {toast && (
        <div className="toast">
          <p>{toast.text}</p>
          {toast.action && (
            <button type="button" className="btn" onClick={act}>
              {toast.action.name}
              <kbd>{isMac ? "⌘Z" : "Ctrl Z"}</kbd>
            </button>
          )}
        </div>
      )}
    </div>
  );
}
