/** `moim.Calendar`: several calendars and the dated cards of projects, one over the other. */

import type { ReactNode } from "react";
import type { StoreApi } from "zustand/vanilla";
import type { MoimClient } from "../../store/types";
import { Fence } from "../fence";
import type { ToastState } from "../toast";
import type { CalendarFrame } from "./frame";

export interface CalendarProps {
  readonly client: MoimClient;
  readonly frame: CalendarFrame;
  readonly toasts: StoreApi<ToastState>;
  readonly tabs?: ReactNode;
  readonly tools?: ReactNode;
  readonly compact?: boolean;
  readonly onOpenCard?: (project: string, card: string) => void;
}

export function Calendar({ tabs, tools }: CalendarProps) {
  return (
    <Fence>
      <div className="moim-calendar">
        <div className="bar">
          {tabs}
          <span className="grow" />
          {tools}
        </div>
      </div>
    </Fence>
  );
}
