/** What a browser keeps of its person's calendar: which ones are hidden, and the view. */

import { type CalendarFrame, type CalendarParams, calendarFrame } from "../calendar/frame";

const KEPT_UNDER = "moim.calendar";
const VIEWS = ["month", "week", "day", "list"] as const;

type Kept = Pick<CalendarParams, "hidden" | "view">;

/** A frame that begins as it was left, and is kept from then on. */
export function keptCalendarFrame(): CalendarFrame {
  const frame = calendarFrame(readKept());
  frame.subscribe(({ hidden, view }, before) => {
    if (hidden !== before.hidden || view !== before.view) keep({ hidden, view });
  });
  return frame;
}

/** Nothing when nothing is kept, or somebody else wrote it. */
function readKept(): Partial<Kept> {
  try {
    return keptOf(JSON.parse(localStorage.getItem(KEPT_UNDER) ?? "{}"));
  } catch {
    return {};
  }
}

export function keptOf(value: unknown): Partial<Kept> {
  const { hidden, view } = (value ?? {}) as Record<string, unknown>;
  const known = VIEWS.find((name) => name === view);
  return {
    ...(Array.isArray(hidden) && { hidden: hidden.filter((id) => typeof id === "string") }),
    ...(known && { view: known }),
  };
}

function keep(kept: Kept): void {
  try {
    localStorage.setItem(KEPT_UNDER, JSON.stringify(kept));
  } catch {
    // Not kept: it lasts as long as the page.
  }
}
