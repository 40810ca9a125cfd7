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

export function ToastPlace({ store }: { readonly store: StoreApi<ToastState> }) {
  const toast = useStore(store, (state) => state.toast);
  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => store.setState({ toast: null }), SHOWN_MS);
    return () => clearTimeout(timer);
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
            </button>
          )}
        </div>
      )}
    </div>
  );
}
