/** When something happened, in the words of a language: the time, and the day where it is another. */

import { dayOf } from "../board/due";
import type { Language } from "../language";

export function atWords(atMs: number, today: string, language: Language): string {
  const at = new Date(atMs);
  const day = dayOf(at);
  const options: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit" };
  if (day !== today) Object.assign(options, { month: "short", day: "numeric" });
  if (day.slice(0, 4) !== today.slice(0, 4)) options.year = "numeric";
  return new Intl.DateTimeFormat(language, options).format(at);
}
