/** When something was said, in little room: the time today, else the date with it. */

import { dayOf } from "../board/due";
import type { Words } from "../language";

export function momentOf(atMs: number, nowMs: number, { language }: Words): string {
  const at = new Date(atMs);
  const now = new Date(nowMs);
  const time: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit" };
  if (dayOf(at) === dayOf(now)) return new Intl.DateTimeFormat(language, time).format(at);
  const day: Intl.DateTimeFormatOptions = { month: "short", day: "numeric", ...time };
  if (at.getFullYear() !== now.getFullYear()) day.year = "numeric";
  return new Intl.DateTimeFormat(language, day).format(at);
}
