"""The recurrence lines of an import beside its first RRULE: rules, dates, and what they exclude.

Times are read on the clock of the event: one in UTC or with a TZID is brought to it, a date stands
for that day at the time of the event.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from moim_data.documents.rule import Rule, rule_fields, until_of
from moim_data.documents.wall_time import instant_of, is_known, moment_at, wall_of
from moim_data.documents.when import is_day

AS_THE_EVENT = -1
"""The length of a date that says none."""

_LINE = re.compile(r"(RRULE|EXRULE|RDATE|EXDATE)((?:;[^:\"]*(?:\"[^\"]*\")?)*):(.*)", re.I | re.S)
_MOMENT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z?))?", re.ASCII)
_DURATION = re.compile(
    r"\+?P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?",
    re.ASCII,
)


@dataclass(slots=True)
class ExtraLines:
    """What extra lines add to a series and take out of it; times are wall times in ms."""

    rules: list[Rule] = field(default_factory=list)
    dates: dict[int, int] = field(default_factory=dict)
    """Lengths in ms by start; AS_THE_EVENT where nothing else is said."""
    excluded_rules: list[Rule] = field(default_factory=list)
    excluded_dates: set[int] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)


def read_extra(extra: str, start: str, zone: str) -> ExtraLines:
    """Read the lines of an event with a start and a zone; what cannot be read is listed."""
    lines = ExtraLines()
    reader = _Reader(lines, start, zone)
    for line in filter(None, map(str.strip, extra.splitlines())):
        try:
            reader.read(line)
        except (ValueError, OverflowError) as error:
            lines.unread.append(f"{line[:200]}: {error}")
    return lines


class _Reader:
    def __init__(self, lines: ExtraLines, start: str, zone: str) -> None:
        self._lines = lines
        self._start = start
        self._zone = zone

    def read(self, line: str) -> None:
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError("expected RRULE, EXRULE, RDATE or EXDATE")
        name, parameters, value = match.groups()
        read: dict[str, Callable[[], None]] = {
            "RRULE": lambda: self._lines.rules.append(self._rule(value)),
            "EXRULE": lambda: self._lines.excluded_rules.append(self._rule(value)),
            "RDATE": lambda: self._lines.dates.update(self._dates(parameters, value)),
            "EXDATE": lambda: self._lines.excluded_dates.update(
                wall for wall, _ in self._dates(parameters, value)
            ),
        }
        read[name.upper()]()

    def _rule(self, value: str) -> Rule:
        until = (rule_fields(value) or {}).get("UNTIL", "")
        last = None
        if until.endswith("Z"):
            last = datetime.fromisoformat(self._moment(until, ""))
        return Rule(value, datetime.fromisoformat(self._start), last or until_of(until))

    def _dates(self, parameters: str, value: str) -> Iterator[tuple[int, int]]:
        zone = re.search(r";TZID=\"?([^;\"]*)", parameters, re.I)
        for item in value.split(","):
            first, slash, last = item.strip().partition("/")
            start = wall_of(self._moment(first, zone[1] if zone else ""))
            if not slash:
                yield start, AS_THE_EVENT
            elif last.upper().startswith(("P", "+P")):
                yield start, _duration_ms(last)
            else:
                end = wall_of(self._moment(last, zone[1] if zone else ""))
                yield start, max(0, end - start)

    def _moment(self, text: str, zone: str) -> str:
        """Bring a date or time of a line to the form and the clock of the event."""
        match = _MOMENT.fullmatch(text.upper())
        if match is None:
            raise ValueError(f"expected YYYYMMDD or YYYYMMDDTHHMMSS, got {text[:40]!r}")
        year, month, day, hour, minute, second, utc = match.groups()
        date = datetime(int(year), int(month), int(day)).date().isoformat()
        if is_day(self._start):
            return date
        if hour is None:
            return date + self._start[len(date) :]
        moment = datetime.fromisoformat(f"{date}T{hour}:{minute}:{second}").isoformat()
        foreign = "UTC" if utc else zone
        if not (is_known(foreign) and is_known(self._zone)):
            return moment
        return moment_at(instant_of(moment, foreign), self._zone)


def _duration_ms(text: str) -> int:
    match = _DURATION.fullmatch(text.upper())
    if match is None:
        raise ValueError(f"expected a duration like PT1H30M, got {text[:40]!r}")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return length // timedelta(milliseconds=1)
