/** A recurrence rule in words. */

import { parseRule } from "../../core/rule";
import type { When } from "../../store/calendar_types";
import type { Words } from "../language";

/** A rule that our editor does not make is told as it is written. */
export function describeRule(rule: string, when: When, { t }: Words): string {
  const parts = parseRule(rule, when[0]);
  return parts ? t(`repeat.${parts.freq}`) : rule;
}
