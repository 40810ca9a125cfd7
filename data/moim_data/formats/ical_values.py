"""Times, durations and rules of iCalendar, as documents write them.

A document keeps local wall times and one zone an event; a file may say the same in UTC, in another
zone, or as a mixture of dates and times.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from moim_data.documents.when import moment
from moim_data.formats.ical_lines import Line
from moim_data.formats.ical_zones import Zones

_DATE: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)")
_TIME: Final = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d):?(\d\d)?(?:\.\d+)?(Z?)")
_DURATION: Final = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?"
)
_FREQUENCIES: Final = ("SECONDLY", "MINUTELY", "HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_BYDAY: Final = re.compile(r"(?:[+-]?(?:[1-9]|[1-4]\d|5[0-3]))?(?:MO|TU|WE|TH|FR|SA|SU)")
_RANGES: Final = {
    "BYSECOND": (0, 60),
    "BYMINUTE": (0, 59),
    "BYHOUR": (0, 23),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYMONTH": (1, 12),
    "BYSETPOS": (-366, 366),
}
_HIGHEST: Final = 100_000
LAST_YEAR: Final = 9000


class BadValue(ValueError):
    """A value that means nothing; the message says what was expected and what came."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A date (`at` is its midnight), or a wall time in a zone; the zone is empty when floating."""

    at: datetime
    zone: str = ""
    is_day: bool = False

    @property
    def text(self) -> str:
        """As documents write it."""
        return moment(self.at.date() if self.is_day else self.at)

    def within(self, zone: str) -> "Moment":
        """Give the same instant as a wall time of `zone`; a floating time stays what it says."""
        if self.is_day or not self.zone or not zone or self.zone == zone:
            return Moment(self.at, zone, self.is_day)
        return Moment(in_zone(self.aware(), zone), zone)

    def aware(self) -> datetime:
        """Give the instant, a floating time as if it were UTC."""
        return self.at.replace(tzinfo=ZoneInfo(self.zone) if self.zone else UTC)

    def plus(self, length: timedelta, exact: bool) -> "Moment":
        """Give a later moment: after so much time has passed, or so much later on the clock."""
        if exact and self.zone:
            return Moment(in_zone(self.aware().astimezone(UTC) + length, self.zone), self.zone)
        return Moment(self.at + length, self.zone, self.is_day)


def in_zone(instant: datetime, zone: str) -> datetime:
    """Give the wall time of an instant; its `fold` tells the second of a time that comes twice."""
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def read_moment(line: Line, zones: Zones, value: str | None = None) -> Moment:
    """Give the moment of a line, or of one `value` in it. Raises BadValue.

    The form of the value counts, not VALUE=: real files contradict themselves.
    """
    text = (line.value if value is None else value).strip().upper()
    try:
        found = _DATE.fullmatch(text)
        if found is not None:
            year, month, day = map(int, found.groups())
            return Moment(_checked(datetime(year, month, day)), is_day=True)
        timed = _TIME.fullmatch(text)
        if timed is not None:
            year, month, day, hour, minute = map(int, timed.groups()[:5])
            second, utc = timed[6], timed[7]
            at = datetime(year, month, day, hour, minute, min(59, int(second or 0)))
            zone = "UTC" if utc else _zone(line, zones)
            return Moment(_checked(at), zone)
    except ValueError as error:
        raise BadValue(f"{line.name}: {error}, got {text[:40]!r}") from error
    raise BadValue(
        f"{line.name}: expected a date or a time like 20260131T090000, got {text[:40]!r}"
    )


def _zone(line: Line, zones: Zones) -> str:
    name = line.parameters.get("TZID", "")
    return zones.named(name) if name else ""


def _checked(at: datetime) -> datetime:
    # away from the ends of what Python's dates reach, so that zones and lengths can be added
    if not 2 <= at.year <= LAST_YEAR:
        raise BadValue(f"expected a year from 2 to {LAST_YEAR}")
    return at


def read_duration(line: Line) -> tuple[timedelta, bool]:
    """Give a length, and whether it is exact time (hours) and not days of the clock."""
    found = _DURATION.fullmatch(line.value.strip().upper())
    if found is None or not any(found.groups()[1:]):
        raise BadValue(f"{line.name}: expected a duration like PT1H30M, got {line.value[:40]!r}")
    weeks, days, hours, minutes, seconds = (int(each or 0) for each in found.groups()[1:])
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return (-length if found[1] == "-" else length), bool(hours or minutes or seconds)


def end_of(start: Moment, end: Line | None, duration: Line | None, zones: Zones) -> Moment:
    """Give where an event ends; what the file does not say follows from the start (RFC 5545)."""
    if end is not None:
        return _fitted(start, read_moment(end, zones))
    if duration is not None:
        length, exact = read_duration(duration)
        try:
            ends = start.plus(length, exact)
        except OverflowError as error:
            raise BadValue(f"DURATION: {duration.value[:40]!r} is longer than time") from error
        return _fitted(start, Moment(ends.at, ends.zone))
    return start.plus(timedelta(days=1), exact=False) if start.is_day else start


def _fitted(start: Moment, end: Moment) -> Moment:
    """Bring an end into the form of its start."""
    if start.is_day:
        midnight = end.at.replace(hour=0, minute=0, second=0)
        if midnight != end.at:
            midnight += timedelta(days=1)
        # an end on the day of the start is a common way to say one day
        one_day = start.at + timedelta(days=1)
        return Moment(one_day if midnight == start.at else midnight, is_day=True)
    if end.is_day:
        return Moment(end.at, start.zone)
    return end.within(start.zone)


def which_of(series: Moment, told: Moment) -> Moment:
    """Give the moment that one of a series is named by, in the form and zone of the series."""
    if series.is_day:
        local = told.within(told.zone)
        return Moment(datetime.combine(local.at.date(), time()), is_day=True)
    if told.is_day:
        return Moment(datetime.combine(told.at.date(), series.at.time()), series.zone)
    return told.within(series.zone)


def read_rule(text: str, line: Line, start: Moment, zones: Zones) -> str:
    """Give a rule as documents write it: checked, in capitals, its UNTIL a local time.

    Raises BadValue.
    """
    parts: dict[str, str] = {}
    for piece in re.sub(r"\s", "", text).upper().strip(";").split(";"):
        key, equals, value = piece.partition("=")
        if not (equals and value) or key in parts:
            raise BadValue(f"{line.name}: expected KEY=VALUE once each, got {piece[:40]!r}")
        parts[key] = value
    if parts.get("FREQ") not in _FREQUENCIES:
        raise BadValue(f"{line.name}: expected FREQ, got {parts.get('FREQ', 'none')[:40]!r}")
    for key, value in parts.items():
        if not _good(key, value):
            raise BadValue(f"{line.name}: {key}={value[:40]} is not understood")
    if "UNTIL" in parts:
        until = read_moment(line, zones, parts["UNTIL"])
        parts["UNTIL"] = _until(until, start)
        parts.pop("COUNT", None)  # a rule may have one of them; the earlier end is not known here
    return ";".join(f"{key}={value}" for key, value in parts.items())


def _good(key: str, value: str) -> bool:
    if key == "FREQ":
        return True
    if key in ("INTERVAL", "COUNT"):
        return value.isdigit() and len(value) < 7 and 1 <= int(value) <= _HIGHEST
    if key == "UNTIL":
        return bool(_DATE.fullmatch(value) or _TIME.fullmatch(value))
    if key == "WKST":
        return value in ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    items = value.split(",")
    if len(items) > 400:
        return False
    if key == "BYDAY":
        return all(_BYDAY.fullmatch(item) for item in items)
    least, most = _RANGES.get(key, (1, 0))
    numbers = [int(item) for item in items if re.fullmatch(r"[+-]?\d{1,3}", item)]
    zero = least < 0 and 0 in numbers
    return len(numbers) == len(items) and not zero and all(least <= n <= most for n in numbers)


def _until(until: Moment, start: Moment) -> str:
    if start.is_day:
        return f"{until.at:%Y%m%d}"
    if until.is_day:
        return f"{until.at:%Y%m%d}T235959"
    return f"{until.within(start.zone).at:%Y%m%dT%H%M%S}"


def compact(at: Moment) -> str:
    """Write a moment as iCalendar does, without its zone."""
    return f"{at.at:%Y%m%d}" if at.is_day else f"{at.at:%Y%m%dT%H%M%S}"


def from_compact(text: str) -> Moment:
    """Read what `compact` writes."""
    return Moment(datetime.strptime(text, "%Y%m%dT%H%M%S" if "T" in text else "%Y%m%d"))


def from_document(text: str, zone: str = "") -> Moment:
    """Read a start, an end or a recurrence id of a document."""
    if "T" in text:
        return Moment(datetime.fromisoformat(text), zone)
    return Moment(datetime.combine(date.fromisoformat(text), time()), is_day=True)
