/** A time of one zone in another. */

import { Temporal } from "temporal-polyfill";
import type { When } from "../../store/calendar_types";
import { isFloating } from "./now";

export function inZone(when: When, zone: string): When {
  if (isFloating(when) || when[2] === zone) return when;
  const [start, end, from] = when;
  return [moved(start, from, zone), moved(end, from, zone), zone];
}

function moved(wall: string, from: string, to: string): string {
  const there = Temporal.PlainDateTime.from(wall).toZonedDateTime(from).withTimeZone(to);
  const text = there.toPlainDateTime().toString({ smallestUnit: "second" });
  return text.endsWith(":00") ? text.slice(0, 16) : text;
}
