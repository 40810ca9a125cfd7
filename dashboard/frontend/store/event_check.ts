/** What the schema and the rules of `when` forbid in an event is refused before it is written. */

import { whenProblem } from "../core/when";
import type { EventPatch, ExceptionPatch, When } from "./calendar_types";
import { CALENDAR, InvalidValue } from "./schema";

/** Throws InvalidValue. */
export function checkEvent(patch: EventPatch & Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(patch))
    if (value !== null && value !== undefined) CALENDAR.events.check(name, value);
  checkWhen(patch.when);
}

/** Throws InvalidValue. */
export function checkException({ excluded: _, ...patch }: ExceptionPatch): void {
  for (const [name, value] of Object.entries(patch))
    if (value !== null && value !== undefined && name !== "notes")
      CALENDAR.events.check(name, value);
  checkWhen(patch.when ?? undefined);
}

function checkWhen(when: When | undefined): void {
  const problem = when && whenProblem(when);
  if (problem) throw new InvalidValue(`events/when: ${problem}, got ${JSON.stringify(when)}`);
}
