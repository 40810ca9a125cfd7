/** One short sentence bottom left, with what can be done about it; gone after 8 s. */

import { Ban } from "lucide-react";
import { useEffect } from "react";
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import { Icon } from "./icons";
import { isPressed, isTyping, keysOf } from "./shortcuts";

export interface ToastAction {
  readonly name: string;
  readonly run: () => void;
}

export interface Toast {
  readonly text: string;
  /** The way back, which Ctrl+Z takes too. */
  readonly action: ToastAction | null;
  /** What else can be done about it. */
  readonly choices?: readonly ToastAction[];
  /** True: it tells of something that was not accepted. */
  readonly isRefusal?: boolean;
}

export interface ToastState {
  readonly toast: Toast | null;
}

const SHOWN_MS = 8_000;

export function toastStore(): StoreApi<ToastState> {
  return createStore<ToastState>(() => ({ toast: null }));
}

/** Unless it belongs to a text field. */
function isUndoKey(event: KeyboardEvent): boolean {
  return isPressed("undo", event) && !isTyping(event);
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
      store.setState({ toast: null });
      action.run();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [toast, store]);
  const act = ({ run }: ToastAction) => {
    store.setState({ toast: null });
    run();
  };
  return (
    <div className="toasts" role="status">
      {toast && (
        <div className={toast.choices ? "toast long" : "toast"}>
          {toast.isRefusal && <Icon of={Ban} size={16} />}
          <p>{toast.text}</p>
          {toast.choices?.map((choice) => (
            <button key={choice.name} type="button" className="btn" onClick={() => act(choice)}>
              {choice.name}
            </button>
          ))}
          {toast.action && <UndoButton action={toast.action} act={act} />}
        </div>
      )}
    </div>
  );
}

interface UndoButtonProps {
  readonly action: ToastAction;
  readonly act: (action: ToastAction) => void;
}

function UndoButton({ action, act }: UndoButtonProps) {
  return (
    <button type="button" className="btn" onClick={() => act(action)}>
      {action.name}
      <kbd>{keysOf("undo")[0]}</kbd>
    </button>
  );
}
