/** When an event takes place: what `[start, end, zone]` may be; the same rules as `when.py`. */

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/;

/** True for a date, false for a wall time. */
export function isDay(moment: string): boolean {
  return DATE.test(moment);
}

/** Gives null, or what was expected: both ends of one form, real dates and times, in order. */
export function whenProblem([start, end, zone]: readonly [string, string, string]): string | null {
  if (!isMoment(start) || !isMoment(end)) return "expected dates or times that exist";
  if (isDay(start) !== isDay(end)) return "expected two dates or two times";
  if (isDay(start) && zone !== "") return "expected no zone for whole days";
  if (isDay(start) && end <= start) return "expected an end after the start";
  if (end < start) return "expected an end that is not before the start";
  return null;
}

/** True for a date or a wall time that the calendar has. */
export function isMoment(text: string): boolean {
  if (!DATE.test(text) && !TIME.test(text)) return false;
  const full = isDay(text) ? `${text}T00:00` : text;
  const at = new Date(`${full}Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(full);
}
