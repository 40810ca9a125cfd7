/** A modal of the browser's own: what is behind it is inert, Escape closes it, the focus goes back. */

import { type KeyboardEvent, type ReactNode, useLayoutEffect, useRef } from "react";

interface DialogProps {
  readonly label: string;
  readonly className: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function Dialog({ label, className, onClose, children }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    // closed while it is still in the page, or the browser does not give the focus back
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={box}
      className={`over ${className}`}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
      onKeyDown={(event: KeyboardEvent) => event.stopPropagation()}
    >
      {children}
    </dialog>
  );
}
