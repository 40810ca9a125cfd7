"""Recurrence rules as text; the same rules as `rule.ts`.

`is_simple` names the rules that our editor makes, which the browser expands too; all others are
read here only. A rule is walked by python-dateutil in wall time, with a meter on it: a rule that
matches nothing, or every second, would never come back.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf, prod
from time import thread_time
from typing import Final

from dateutil.rrule import (
    DAILY,
    HOURLY,
    MINUTELY,
    SECONDLY,
    WEEKLY,
    YEARLY,
    rrule,
    rrulestr,
)

WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LONGEST_INTERVAL: Final = 1_000
LARGEST_COUNT: Final = 5_000

_EDITED: Final = {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "COUNT", "UNTIL", "WKST"}
_RFC_5545: Final = _EDITED | {
    *("BYSECOND", "BYMINUTE", "BYHOUR", "BYYEARDAY", "BYWEEKNO", "BYMONTH", "BYSETPOS")
}
_UNTIL = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z?)?", re.ASCII)
_NTH_DAY = re.compile(r"\+?(?:[1-5]|-1)(?:MO|TU|WE|TH|FR|SA|SU)")
_LOOK_EVERY: Final = 32
_LARGEST_INTERVAL: Final = 100_000
_MOST_TIMES_A_DAY: Final = 1_440
_AS_ALWAYS: Final = {"RSCALE": "GREGORIAN", "SKIP": "OMIT"}
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much work a series may make."""

    most: int = 5_000
    """Starts."""
    steps: int = 200_000
    """Days that rules look at."""
    deadline_s: float = 0.05
    clock: Callable[[], float] = thread_time
    """Seconds of any origin: of work, so that a busy machine cuts no series short."""


class Exhausted(Exception):
    """A limit was met: there may be more."""


class Meter:
    """Counts the steps of one expansion and looks at the clock."""

    def __init__(self, limits: Limits) -> None:
        self._steps_left = limits.steps
        self._clock = limits.clock
        self._deadline = limits.clock() + limits.deadline_s

    def step(self, is_long: bool = False) -> None:
        """Count one, which may take a while or not. Raises Exhausted."""
        self._steps_left -= 1
        looks = is_long or self._steps_left % _LOOK_EVERY == 0
        if self._steps_left < 0 or (looks and self._clock() > self._deadline):
            raise Exhausted


def rule_fields(rule: str) -> Mapping[str, str] | None:
    """Give the parts by name; None when it is not `NAME=value;...` with each name once."""
    fields: dict[str, str] = {}
    for part in rule.strip().upper().removesuffix(";").split(";"):
        name, equals, value = part.partition("=")
        if not (name and equals and value) or "=" in value or name in fields:
            return None
        fields[name] = value
    return fields


def is_simple(rule: str) -> bool:
    """Tell whether our editor makes such a rule."""
    fields = rule_fields(rule)
    if fields is None or not fields.keys() <= _EDITED:
        return False
    freq, interval = fields.get("FREQ", ""), _whole(fields.get("INTERVAL", "1"), LONGEST_INTERVAL)
    days = fields.get("BYDAY")
    return (
        freq in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
        and interval is not None
        and _are_simple_days(freq, days, fields.get("BYMONTHDAY"))
        and _is_simple_end(fields.get("COUNT"), fields.get("UNTIL"))
        and _week_start_is_idle(fields.get("WKST", "MO"), freq, interval, days)
    )


def _whole(text: str, most: int) -> int | None:
    number = int(text) if _WHOLE.fullmatch(text) else 0
    return number if 1 <= number <= most else None


def _are_simple_days(freq: str, days: str | None, month_day: str | None) -> bool:
    if days is None and month_day is None:
        return True
    if freq == "WEEKLY" and days is not None and month_day is None:
        return all(day in WEEKDAYS for day in days.split(","))
    if freq != "MONTHLY" or (days is not None and month_day is not None):
        return False
    if month_day is not None:
        return month_day == "-1" or _whole(month_day, 31) is not None
    return _NTH_DAY.fullmatch(days or "") is not None


def _is_simple_end(count: str | None, until: str | None) -> bool:
    if count is not None:
        return until is None and _whole(count, LARGEST_COUNT) is not None
    return until is None or until_of(until) is not None


def _week_start_is_idle(week_start: str, freq: str, interval: int, days: str | None) -> bool:
    if week_start not in WEEKDAYS:
        return False
    return week_start == "MO" or freq != "WEEKLY" or interval == 1 or days is None


def until_of(until: str) -> datetime | None:
    """Give the last wall time at which a rule may start something; None: it cannot be read."""
    match = _UNTIL.fullmatch(until)
    if match is None:
        return None
    year, month, day, hour, minute, second = match.groups()
    try:
        return datetime(
            *(int(year), int(month), int(day)),
            int(hour or 23),
            int(minute or 59),
            int(second or 59),
        )
    except ValueError:
        return None


class Rule:
    """One RRULE from a start on, in wall time."""

    def __init__(self, text: str, start: datetime, until: datetime | None = None) -> None:
        """Read it; `until` stands for its own UNTIL. Raises ValueError when it cannot be read."""
        fields = dict(rule_fields(text) or {})
        count, last = fields.pop("COUNT", None), fields.pop("UNTIL", None)
        self.count = None if count is None else int(count)
        self._until = until or (None if last is None else until_of(last))
        if last is not None and self._until is None:
            raise ValueError(f"expected UNTIL=YYYYMMDD[THHMMSS], got {last!r}")
        for name, value in _AS_ALWAYS.items():
            if fields.get(name) == value:
                del fields[name]
        _check_size(fields)
        rule = rrulestr(
            ";".join(f"{name}={value}" for name, value in fields.items()), dtstart=start
        )
        if not isinstance(rule, rrule):
            raise ValueError(f"expected one rule, got {text[:80]!r}")
        self._rule = rule

    def starts(self, meter: Meter, low: datetime, high: datetime) -> Iterator[datetime]:
        """Give starts in order up to `high`; those before `low` may be left out.

        Raises:
            Exhausted: a limit was met.
        """
        rule = self._rule if self.count is not None else _forwarded(self._rule, low)
        last = high if self._until is None else min(high, self._until)
        for number, start in enumerate(_walked(rule, meter, high)):
            meter.step()
            if number == self.count or start > last:
                return
            yield start


def _check_size(fields: Mapping[str, str]) -> None:
    """What dateutil would need long for before it takes a first step. Raises ValueError."""
    unknown = fields.keys() - _RFC_5545
    if unknown:
        raise ValueError(f"expected the parts of RFC 5545, got also {', '.join(sorted(unknown))}")
    interval = int(fields.get("INTERVAL", "1"))
    most = _LARGEST_INTERVAL * (86_400 if fields.get("FREQ") in ("MINUTELY", "SECONDLY") else 1)
    if not 1 <= interval <= most:
        raise ValueError(f"expected INTERVAL from 1 to {most}, got {interval}")
    lists = (fields.get(name, "") for name in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    times = prod(values.count(",") + 1 for values in lists)
    if times > _MOST_TIMES_A_DAY:
        raise ValueError(f"expected at most {_MOST_TIMES_A_DAY} times a day, got {times}")


class _Past(Exception):
    """The walk is past what is asked for."""


class _Metered(tuple[int, ...]):
    """The months of a rule. dateutil asks first of all, for each day that it looks at, whether
    there are any: that is where a walk that finds nothing can be ended."""

    meter: Meter
    days_left: float

    def __bool__(self) -> bool:
        # from hours down, dateutil looks through a day's times between two steps
        self.meter.step(is_long=self.days_left == inf)
        self.days_left -= 1
        if self.days_left < 0:
            raise _Past
        return len(self) > 0


def _walked(rule: rrule, meter: Meter, high: datetime) -> Iterator[datetime]:
    # rrule has neither a hook nor a bound of its own; `test_documents_recurrence.py` holds this to
    # the versions that are let in
    metered = rule.replace()
    months = _Metered(metered._bymonth or ())  # type: ignore[attr-defined]
    months.meter = meter
    months.days_left = _days_to(rule, high)
    metered._bymonth = months  # type: ignore[attr-defined]
    try:
        yield from metered
    except _Past:
        return
    except (ValueError, OverflowError, IndexError, TypeError):
        # the end of the calendar, or parts that fit together never: rrule has no error for it
        return


def _days_to(rule: rrule, high: datetime) -> float:
    """How many days a rule can look at before it is past `high`, and a year more."""
    if rule._freq > DAILY:  # type: ignore[attr-defined]
        return inf  # it looks at a day several times
    start: datetime = rule._dtstart  # type: ignore[attr-defined]
    return max(0, (high - start).days) + 2 * _YEAR_DAYS


_STEP: Final[Mapping[int, timedelta]] = {
    WEEKLY: timedelta(weeks=1),
    DAILY: timedelta(days=1),
    HOURLY: timedelta(hours=1),
    MINUTELY: timedelta(minutes=1),
    SECONDLY: timedelta(seconds=1),
}
_LEAP_CYCLE: Final = 12
_YEAR_DAYS: Final = 366


def _forwarded(rule: rrule, low: datetime) -> rrule:
    """The same rule from a start nearer to what is asked for, a whole number of intervals on."""
    start: datetime = rule._dtstart  # type: ignore[attr-defined]
    freq: int = rule._freq  # type: ignore[attr-defined]
    interval: int = rule._interval  # type: ignore[attr-defined]
    if low <= start:
        return rule
    if freq in _STEP:
        step = _STEP[freq] * interval
        return rule.replace(dtstart=start + max(0, (low - start) // step - 1) * step)
    months = interval * (12 if freq == YEARLY else 1)
    ahead = (low.year - start.year) * 12 + low.month - start.month
    for number in range(ahead // months - 1, max(0, ahead // months - 1 - _LEAP_CYCLE), -1):
        later = _months_after(start, number * months)
        if later is not None:
            return rule.replace(dtstart=later)
    return rule


def _months_after(start: datetime, months: int) -> datetime | None:
    years, month = divmod(start.month - 1 + months, 12)
    try:
        return start.replace(year=start.year + years, month=month + 1)
    except ValueError:
        return None
