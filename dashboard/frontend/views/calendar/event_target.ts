/** What the event editor may be opened for, and what each of its two kinds is given. */

import type { StoreApi } from "zustand/vanilla";
import type { When } from "../../store/calendar_types";
import type { MoimClient } from "../../store/types";
import type { ToastState } from "../toast";

export interface NewTarget {
  readonly kind: "new";
  readonly calendar: string;
  readonly when: When;
}

export interface KnownTarget {
  readonly kind: "event";
  readonly calendar: string;
  readonly event: string;
  /** Which one of a series; null: the event does not repeat, or the series as a whole. */
  readonly recurrenceId: string | null;
}

export type EventTarget = NewTarget | KnownTarget;

export interface EditorProps<Target> {
  readonly client: MoimClient;
  readonly target: Target;
  /** What was clicked: the editor stands beside it. */
  readonly anchor: Element;
  readonly toasts: StoreApi<ToastState>;
  readonly onClose: () => void;
  /** True: an event is shown, and nothing of it can be changed. */
  readonly readonly?: boolean;
}
