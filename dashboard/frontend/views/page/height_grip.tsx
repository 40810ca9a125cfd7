/** The lower edge of a cell, pulled to make it taller; arrow keys do the same. */

import { type KeyboardEvent, type PointerEvent, type RefObject, useRef } from "react";
import type { Cell } from "../../store/page_types";
import { useWords } from "../language";
import { heightOf } from "./kinds";
import { useOpenPage } from "./session";

export const LOWEST_PX = 120;
export const TALLEST_PX = 2000;
const STEP_PX = 40;

interface HeightGripProps {
  readonly cell: Cell;
  readonly body: RefObject<HTMLElement | null>;
}

export function HeightGrip({ cell, body }: HeightGripProps) {
  const { store } = useOpenPage();
  const { t } = useWords();
  const from = useRef<{ readonly y: number; readonly px: number } | null>(null);
  const nowPx = heightOf(cell) ?? LOWEST_PX;
  const set = (px: number) => store.getState().setCell(cell.id, { height: bounded(px) });
  const pulled = (event: PointerEvent) =>
    from.current ? bounded(from.current.px + event.clientY - from.current.y) : nowPx;
  const onPointerDown = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { y: event.clientY, px: nowPx };
  };
  const onPointerMove = (event: PointerEvent) => {
    if (from.current && body.current) body.current.style.height = `${pulled(event)}px`;
  };
  const onPointerUp = (event: PointerEvent) => {
    if (from.current && event.clientY !== from.current.y) set(pulled(event));
    from.current = null;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.altKey ? undefined : { ArrowUp: -STEP_PX, ArrowDown: STEP_PX }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    set(nowPx + step);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that is moved, not a rule between texts
    <div
      className="cell-grip"
      role="separator"
      aria-orientation="horizontal"
      aria-label={t("cell.height")}
      aria-valuenow={nowPx}
      aria-valuemin={LOWEST_PX}
      aria-valuemax={TALLEST_PX}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onKeyDown={onKeyDown}
    />
  );
}

function bounded(px: number): number {
  return Math.round(Math.min(TALLEST_PX, Math.max(LOWEST_PX, px)));
}
