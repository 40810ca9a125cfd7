/** `moim.Calendar`: loaded when one is shown first, so that a page with a board only stays light. */

import { lazy, type ReactNode, Suspense } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { MoimClient } from "../../store/types";
import { Fence } from "../fence";
import type { ToastState } from "../toast";
import type { CalendarFrame } from "./frame";

export interface CalendarProps {
  readonly client: MoimClient;
  readonly frame: CalendarFrame;
  readonly toasts: StoreApi<ToastState>;
  /** What stands left in the calendar's own bar. */
  readonly tabs?: ReactNode;
  /** What stands right of it, before "Event". */
  readonly tools?: ReactNode;
  /** True: in the little room of a page's cell, without the tray. */
  readonly compact?: boolean;
  /** True: small month and list of calendars at the left, where no navigation shows them. */
  readonly side?: boolean;
  readonly onOpenCard?: (project: string, card: string) => void;
}

const loadView = () => import("./calendar_view");
const CalendarView = lazy(loadView);

/** For an address that shows a calendar: it need not wait until everything before it is drawn. */
export function fetchCalendarView(): void {
  void loadView();
}

export function Calendar(props: CalendarProps) {
  return (
    <Fence>
      <Suspense fallback={<div className="moim-calendar" aria-busy="true" />}>
        <CalendarView {...props} />
      </Suspense>
    </Fence>
  );
}
