/** When an event takes place: what `[start, end, zone]` may be; the same rules as `when.py`. */

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const TIME = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/;

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
  if (zone !== "" && !isZone(zone)) return "expected the IANA name of a time zone";
  return null;
}

/** True for a date or a wall time that exists, written in its one form: no seconds that are zero. */
export function isMoment(text: string): boolean {
  if (!DATE.test(text) && !TIME.test(text)) return false;
  return isInCalendar(text.slice(0, 10)) && !(text.length > 16 && text.endsWith(":00"));
}

/** Days that were looked up; a calendar of thousands of events has a few hundred. */
const DAYS = new Map<string, boolean>();
const MOST_DAYS = 10_000;

function isInCalendar(day: string): boolean {
  let known = DAYS.get(day);
  if (known === undefined) {
    const at = new Date(`${day}T00:00Z`);
    const isReal = !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
    known = isReal && !day.startsWith("0000");
    if (DAYS.size < MOST_DAYS) DAYS.set(day, known);
  }
  return known;
}

/** True for a zone of the IANA database. */
export function isZone(name: string): boolean {
  const known = ZONES.get(name);
  if (known !== undefined) return known;
  const found = /^[A-Z]/.test(name) && isKnownHere(name);
  ZONES.set(name, found);
  return found;
}

const ZONES = new Map<string, boolean>();

function isKnownHere(name: string): boolean {
  try {
    // former names are known too, though `Intl.supportedValuesOf` leaves them out
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    // a browser takes any case, Python only the right one
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}
