"""Names of time zones in iCalendar files, as names of the IANA database.

Files name zones as they like: by IANA, with a path before it, as Windows does, or by a name of
their own beside a VTIMEZONE that says what it means. The definition is compared with the zones of
the database on the changes of two years, never expanded: its rules come from a stranger.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from moim_data.documents.when import is_zone
from moim_data.formats.ical_lines import Component

_OFFSET: Final = re.compile(r"([+-])(\d\d):?(\d\d)(?:\d\d)?")
_FIXED: Final = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?00)?", re.IGNORECASE)
_BYDAY: Final = re.compile(r"([+-]?\d)(MO|TU|WE|TH|FR|SA|SU)")
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_KNOWN: Final = (
    *(
        "Asia/Seoul",
        "Asia/Tokyo",
        "Asia/Shanghai",
        "Europe/Berlin",
        "Europe/London",
        "Europe/Athens",
    ),
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    *("America/Sao_Paulo", "Australia/Sydney", "Pacific/Auckland"),
)
_YEARS: Final = (2024, 2025)
_UTC_NAMES: Final = frozenset(
    {"UTC", "GMT", "Z", "ETC/UTC", "ETC/GMT", "COORDINATED UNIVERSAL TIME"}
)


class Zones:
    """The zones of one file.

    Args:
        definitions: its VTIMEZONE components.
        default: the zone for names that nobody can tell, empty for a floating time.
        floating: the zone of events that name none, empty for the same time on every clock.
    """

    def __init__(
        self, definitions: Sequence[Component], default: str = "", floating: str = ""
    ) -> None:
        self._definitions = {one.text("TZID"): one for one in definitions}
        self._found: dict[str, str | None] = {}
        self.default = default
        self.floating = floating
        self.unknown: dict[str, int] = {}
        """How often a name was met that nobody can tell."""

    def named(self, name: str) -> str:
        """Give the IANA name for a TZID, the default when there is none."""
        if name not in self._found:
            self._found[name] = iana_name(name) or _defined(self._definitions.get(name))
        found = self._found[name]
        if found is None:
            self.unknown[name] = self.unknown.get(name, 0) + 1
            return self.default
        return found


def iana_name(name: str) -> str | None:
    """Give the IANA name that a TZID means by itself."""
    name = name.strip().strip('"')
    if name.upper() in _UTC_NAMES:
        return "UTC"
    windows = WINDOWS_TO_OLSON.get(name)
    if windows is not None and is_zone(windows):
        return windows
    # a path may stand before it: /mozilla.org/20050126_1/Europe/Berlin
    parts = name.strip("/").split("/")
    for count in (3, 2, 1):
        tail = "/".join(parts[-count:])
        if len(parts) >= count and _good(tail):
            return _as_written(tail)
    fixed = _FIXED.fullmatch(name)
    return None if fixed is None else _etc(timedelta(hours=int(fixed[1] + fixed[2])))


def _good(name: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9_+/-]{1,64}", name)) and _as_written(name) is not None


def _as_written(name: str) -> str | None:
    return _by_lower().get(name.lower())


@cache
def _by_lower() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones() if is_zone(name)}


def _etc(offset: timedelta) -> str | None:
    hours, rest = divmod(int(offset.total_seconds()), 3600)
    if rest or not -12 <= hours <= 14:
        return None
    return "UTC" if hours == 0 else f"Etc/GMT{-hours:+d}"


class _Change(NamedTuple):
    at: datetime
    """The instant, UTC."""
    before: timedelta
    after: timedelta


def _defined(definition: Component | None) -> str | None:
    """Give a zone of the database that does in two years what a definition says."""
    if definition is None:
        return None
    location = (
        iana_name(definition.text("X-LIC-LOCATION")) if definition.first("X-LIC-LOCATION") else None
    )
    if location is not None:
        return location
    changes = [change for part in definition.parts for change in _changes(part)]
    if changes:
        return next((name for name in _candidates() if _does(name, changes)), None)
    offsets = {_offset(part.text("TZOFFSETTO")) for part in definition.parts}
    offset = offsets.pop() if len(offsets) == 1 else None
    return None if offset is None else _etc(offset)


def _candidates() -> Iterator[str]:
    # of many that do the same, the ones that people know: a few, then one for each zone of Windows
    yield from _KNOWN
    yield from (name for name in WINDOWS_TO_OLSON.values() if is_zone(name))
    yield from sorted(_by_lower().values())


def _does(name: str, changes: Sequence[_Change]) -> bool:
    zone = ZoneInfo(name)
    second = timedelta(seconds=1)
    return all(
        (change.at - second).astimezone(zone).utcoffset() == change.before
        and change.at.astimezone(zone).utcoffset() == change.after
        for change in changes
    )


def _changes(part: Component) -> Iterator[_Change]:
    before, after = _offset(part.text("TZOFFSETFROM")), _offset(part.text("TZOFFSETTO"))
    rule = dict(
        piece.split("=", 1) for piece in part.text("RRULE").upper().split(";") if "=" in piece
    )
    day = _BYDAY.fullmatch(rule.get("BYDAY", ""))
    month = rule.get("BYMONTH", "")
    clock = re.search(r"T(\d\d)(\d\d)", part.text("DTSTART"))
    yearly = rule.get("FREQ") == "YEARLY" and "UNTIL" not in rule
    if not (before is not None and after is not None and yearly and day and clock):
        return
    if not (
        month.isdigit() and 1 <= int(month) <= 12 and int(clock[1]) < 24 and int(clock[2]) < 60
    ):
        return
    for year in _YEARS:
        date = _nth(year, int(month), int(day[1]), _DAYS.index(day[2]))
        local = datetime(year, int(month), date, int(clock[1]), int(clock[2]), tzinfo=UTC)
        yield _Change(local - before, before, after)


def _nth(year: int, month: int, which: int, weekday: int) -> int:
    first, days = monthrange(year, month)
    dates = [day for day in range(1, days + 1) if (first + day - 1) % 7 == weekday]
    return dates[max(-len(dates), min(which - (which > 0), len(dates) - 1))]


def _offset(text: str) -> timedelta | None:
    found = _OFFSET.match(text.strip())
    if found is None:
        return None
    size = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return -size if found[1] == "-" else size
