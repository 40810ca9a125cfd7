"""When an event takes place: what `[start, end, zone]` may be; the same rules as `core/when.ts`.

Both ends are dates (all day, the end is the day after the last) or both are local wall times. The
zone is an IANA name, empty for whole days and for a time that is the same on every clock.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, Final, NamedTuple, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from moim_data.errors import InvalidValue

MEETING: Final = timedelta(hours=1)
"""How long a time lasts that was given without an end."""
DAY: Final = timedelta(days=1)
Moment = date | datetime
"""A whole day, or a wall time."""

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?")
_NO_ZONES: Final = ("Factory", "localtime", "posix/", "posixrules", "right/")
"""Files beside the zones that name none, or name one a second time."""


class When(NamedTuple):
    """Start, end and zone as the document keeps them; equal to the tuple of the three texts.

    `When.of` makes one of Python's dates and times, `starts` and `ends` give them back.
    """

    start: str
    end: str
    zone: str

    @classmethod
    def of(
        cls, start: Moment, end: Moment | timedelta | None = None, zone: str | None = None
    ) -> Self:
        """Make one of two dates, or of two times.

        Args:
            start: a date for whole days, else a time; its zone is kept when it has one.
            end: the day after the last, the time of the end, or how long it lasts; a day or an hour
                when not said. A time of another zone is told in that of the start.
            zone: the IANA name for times that have no zone themselves; without one the time is
                the same on every clock.

        Raises:
            InvalidValue: they make no event: the end comes first, a date is mixed with a time.
        """
        if end is None:
            end = MEETING if isinstance(start, datetime) else DAY
        if isinstance(end, timedelta):
            end = start + end
        if zone is None:
            zone = zone_name(start)
        if not zone and zone_name(end):
            raise InvalidValue("when: expected two times with a zone, got only the end's", "when")
        made = cls(moment(start, zone), moment(end, zone), zone)
        problem = when_problem(made)
        if problem is not None:
            raise InvalidValue(f"when: expected {problem}, got {list(made)}", "when")
        return made

    @property
    def all_day(self) -> bool:
        """True for whole days."""
        return is_day(self.start)

    @property
    def starts(self) -> Moment:
        """The first day, or the time it starts; the time knows its zone when there is one."""
        return self._moment(self.start)

    @property
    def ends(self) -> Moment:
        """The day after the last, or the time it ends."""
        return self._moment(self.end)

    @property
    def length(self) -> timedelta:
        """How long it lasts, on the clock."""
        return datetime.fromisoformat(self.end) - datetime.fromisoformat(self.start)

    def moved(self, by: timedelta) -> Self:
        """Give the same, as much later on the clock; whole days move by whole days."""
        start, end = (read_moment(each) + by for each in (self.start, self.end))
        return self._replace(start=moment(start), end=moment(end))

    def _moment(self, text: str) -> Moment:
        read = read_moment(text)
        if isinstance(read, datetime) and self.zone:
            # fold 0: the offset before a change that skips it, the first of a time that comes twice
            return read.replace(tzinfo=ZoneInfo(self.zone))
        return read


def when_problem(value: Sequence[str]) -> str | None:
    """Give None, or what was expected of `[start, end, zone]`."""
    start, end, zone = value
    if not (is_moment(start) and is_moment(end)):
        return "dates or times that exist"
    if is_day(start) != is_day(end):
        return "two dates or two times"
    if is_day(start) and zone:
        return "no zone for whole days"
    if is_day(start) and end <= start:
        return "an end after the start"
    if end < start:
        return "an end that is not before the start"
    if zone and not is_zone(zone):
        return "the IANA name of a time zone"
    return None


def is_day(text: str) -> bool:
    """Tell a date from a wall time."""
    return len(text) == len("YYYY-MM-DD")


def is_moment(text: str) -> bool:
    """Tell whether it is a date or a wall time that exists, written in its one form."""
    if not (_DATE.fullmatch(text) or _TIME.fullmatch(text)):
        return False
    try:
        return moment(read_moment(text)) == text
    except ValueError:
        return False


def read_moment(text: str) -> Moment:
    """Give what a text of the document means. Raises ValueError when it does not exist."""
    return date.fromisoformat(text) if is_day(text) else datetime.fromisoformat(text)


def moment(value: Moment, zone: str = "") -> str:
    """Write a date or a time as documents do; one that knows its zone is told in `zone`."""
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is not None:
        value = value.astimezone(ZoneInfo(zone)) if zone else value
        value = value.replace(tzinfo=None)
    return value.isoformat(timespec="seconds" if value.second else "minutes")


def zone_name(value: Moment) -> str:
    """Give the IANA name that a time bears, empty when it has none.

    Raises:
        InvalidValue: it has an offset only, from which nobody can tell the zone.
    """
    zone: tzinfo | None = value.tzinfo if isinstance(value, datetime) else None
    if zone is None:
        return ""
    name = getattr(zone, "key", None) or getattr(zone, "zone", None) or zone.tzname(None)
    if isinstance(name, str) and is_zone(name):
        return name
    raise InvalidValue(
        f"when: expected a time with an IANA zone, as ZoneInfo('Asia/Seoul'), got {zone!r}", "when"
    )


@lru_cache(4096)
def is_zone(name: str) -> bool:
    """Tell whether it is a zone of the IANA database."""
    # `available_timezones` walks all files at once, which a hub would feel
    if name.startswith(_NO_ZONES):
        return False
    try:
        ZoneInfo(name)
    except (OSError, ValueError, ZoneInfoNotFoundError):
        return False
    return True


def as_when(value: Any) -> Any:
    """Give a When for what people write in its place; anything else as it is.

    A date or a time alone, `(start, end)`, `(start, end, zone)` of Python's dates and times.
    """
    if isinstance(value, (date, datetime)):
        return When.of(value)
    if isinstance(value, (tuple, list)) and value and isinstance(value[0], (date, datetime)):
        return When.of(*value)
    return value
