/** A native popover beside the thing it belongs to: top layer, light dismiss, Escape, focus back. */

import { type ReactNode, useLayoutEffect, useRef } from "react";

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Place {
  readonly left: number;
  readonly top: number;
  readonly maxHeight: number;
}

interface PopoverProps {
  readonly anchor: Element;
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly className?: string;
  /** Where it stands; it stays there as its content grows, unless it would leave the window. */
  readonly place?: (anchor: DOMRect, size: Size, view: Size) => Place;
  /** True: arrow keys walk through its buttons. */
  readonly isMenu?: boolean;
}

const GAP_PX = 4;
const EDGE_PX = 8;

/** Below the anchor, or above it when there is more room; never beyond the window's edge. */
export function placeBeside(anchor: DOMRect, size: Size, view: Size): Place {
  const below = view.height - anchor.bottom - GAP_PX - EDGE_PX;
  const above = anchor.top - GAP_PX - EDGE_PX;
  const down = size.height <= below || below >= above;
  const maxHeight = Math.max(120, down ? below : above);
  const height = Math.min(size.height, maxHeight);
  const top = down ? anchor.bottom + GAP_PX : anchor.top - GAP_PX - height;
  const left = Math.min(anchor.left, view.width - size.width - EDGE_PX);
  return { left: Math.max(EDGE_PX, left), top: Math.max(EDGE_PX, top), maxHeight };
}

/**
 * Right of the anchor, or left of it, level with its top: for what is tall. Below its right end where
 * the anchor is as wide as the window.
 */
export function placeAside(anchor: DOMRect, size: Size, view: Size): Place {
  const right = anchor.right + GAP_PX;
  const left = anchor.left - GAP_PX - size.width;
  const lowest = view.height - size.height - EDGE_PX;
  const maxHeight = view.height - 2 * EDGE_PX;
  const at = (x: number, y: number) => ({
    left: Math.max(EDGE_PX, Math.min(x, view.width - size.width - EDGE_PX)),
    top: Math.max(EDGE_PX, Math.min(y, lowest)),
    maxHeight,
  });
  if (right + size.width + EDGE_PX <= view.width) return at(right, anchor.top);
  if (left >= EDGE_PX) return at(left, anchor.top);
  return at(anchor.right - size.width, anchor.bottom + GAP_PX);
}

/** Along the lower edge of a narrow window, a little of what is behind it in sight. */
export function placeAsSheet(_anchor: DOMRect, size: Size, view: Size): Place {
  const maxHeight = view.height * 0.88;
  return { left: 0, top: view.height - Math.min(size.height, maxHeight), maxHeight };
}

export function Popover({
  anchor,
  label,
  onClose,
  children,
  className,
  place = placeBeside,
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
    const beside = anchor.getBoundingClientRect();
    put(element, place(beside, sizeOf(element), viewSize()));
    const grown = new ResizeObserver(() => {
      if (place === placeBeside) return;
      put(element, place(beside, sizeOf(element), viewSize()));
    });
    grown.observe(element);
    const wanted =
      element.querySelector<HTMLElement>("[data-autofocus]") ??
      element.querySelector<HTMLElement>("input, button");
    wanted?.focus({ preventScroll: true });
    const onToggle = (event: ToggleEvent) => {
      if (event.newState === "closed") close.current();
    };
    element.addEventListener("toggle", onToggle);
    return () => {
      grown.disconnect();
      element.removeEventListener("toggle", onToggle);
      const active = focusedWithin(element);
      const isLost = active === null || active === document.body || element.contains(active);
      if (isLost) before?.focus({ preventScroll: true });
    };
  }, [anchor, place]);

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

function sizeOf(element: HTMLElement): Size {
  return { width: element.offsetWidth, height: element.offsetHeight };
}

function viewSize(): Size {
  return { width: innerWidth, height: innerHeight };
}

function put(element: HTMLElement, { left, top, maxHeight }: Place): void {
  element.style.left = `${left}px`;
  element.style.top = `${top}px`;
  element.style.maxHeight = `${maxHeight}px`;
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
