/** A native popover beside the thing it belongs to: top layer, light dismiss, Escape, focus back. */

import { type ReactNode, useLayoutEffect, useRef } from "react";

interface PopoverProps {
  readonly anchor: Element;
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly className?: string;
  /** True: arrow keys walk through its buttons. */
  readonly isMenu?: boolean;
}

const GAP_PX = 4;
const EDGE_PX = 8;

/** Below the anchor, or above it when there is more room; never beyond the window's edge. */
export function placeBeside(
  anchor: DOMRect,
  size: { width: number; height: number },
  view: { width: number; height: number },
): { left: number; top: number; maxHeight: number } {
  const below = view.height - anchor.bottom - GAP_PX - EDGE_PX;
  const above = anchor.top - GAP_PX - EDGE_PX;
  const down = size.height <= below || below >= above;
  const maxHeight = Math.max(120, down ? below : above);
  const height = Math.min(size.height, maxHeight);
  const top = down ? anchor.bottom + GAP_PX : anchor.top - GAP_PX - height;
  const left = Math.min(anchor.left, view.width - size.width - EDGE_PX);
  return { left: Math.max(EDGE_PX, left), top: Math.max(EDGE_PX, top), maxHeight };
}

export function Popover({
  anchor,
  label,
  onClose,
  children,
  className,
  isMenu = false,
}: PopoverProps) {
  const box = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const before = focusedWithin(element);
    element.showPopover();
    const view = { width: innerWidth, height: innerHeight };
    const size = { width: element.offsetWidth, height: element.offsetHeight };
    const place = placeBeside(anchor.getBoundingClientRect(), size, view);
    element.style.left = `${place.left}px`;
    element.style.top = `${place.top}px`;
    element.style.maxHeight = `${place.maxHeight}px`;
    const wanted = element.querySelector<HTMLElement>("[data-autofocus], input, button");
    wanted?.focus({ preventScroll: true });
    const onToggle = (event: ToggleEvent) => {
      if (event.newState === "closed") close.current();
    };
    element.addEventListener("toggle", onToggle);
    return () => {
      element.removeEventListener("toggle", onToggle);
      const active = focusedWithin(element);
      const isLost = active === null || active === document.body || element.contains(active);
      if (isLost) before?.focus({ preventScroll: true });
    };
  }, [anchor]);

  return (
    <div
      ref={box}
      popover="auto"
      role="dialog"
      aria-label={label}
      className={`pop ${className ?? ""}`}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (isMenu) moveFocus(event.nativeEvent, event.currentTarget);
      }}
      onMouseDown={(event) => event.stopPropagation()}
      onTouchStart={(event) => event.stopPropagation()}
    >
      {children}
    </div>
  );
}

/** Inside a shadow root the document only knows the host. */
function focusedWithin(element: HTMLElement): HTMLElement | null {
  const root = element.getRootNode() as Document | ShadowRoot;
  return root.activeElement as HTMLElement | null;
}

/** Arrow keys walk through a menu's buttons. */
function moveFocus(event: KeyboardEvent, menu: HTMLElement): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.target instanceof HTMLInputElement) return;
  const items = [...menu.querySelectorAll<HTMLElement>("button:not(:disabled)")];
  const at = items.indexOf(event.target as HTMLElement);
  items[(at + step + items.length) % items.length]?.focus();
  event.preventDefault();
}
