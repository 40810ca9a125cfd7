"""Recurrence rules as text; the same rules as `rule.ts`.

`is_simple` names the rules that our editor makes, which the browser expands too. All others are read
here only. A rule is walked by python-dateutil in wall time, with a meter on it: a rule that matches
nothing, or every second, would never come back.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
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
_UNTIL = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z?)?", re.ASCII)
_NTH_DAY = re.compile(r"\+?(?:[1-5]|-1)(?:MO|TU|WE|TH|FR|SA|SU)")
_FARTHEST_INTERVAL: Final = 10_000_000
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
    clock: Callable[[], float] = monotonic
    """Seconds of any origin."""


class Exhausted(Exception):
    """A limit was met: there may be more."""


class Meter:
    """Counts the steps of one expansion and looks at the clock."""

    def __init__(self, limits: Limits) -> None:
        self._steps_left = limits.steps
        self._clock = limits.clock
        self._deadline = limits.clock() + limits.deadline_s

    def step(self) -> None:
        """Count one. Raises Exhausted."""
        self._steps_left -= 1
        # a step of a rule of seconds may take a while, so the clock is asked each time
        if self._steps_left < 0 or self._clock() > self._deadline:
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
        if not 1 <= int(fields.get("INTERVAL", "1")) <= _FARTHEST_INTERVAL:
            raise ValueError(f"expected INTERVAL=1 or more, got {fields['INTERVAL']!r}")
        for name, value in _AS_ALWAYS.items():
            if fields.get(name) == value:
                del fields[name]
        rule = rrulestr(
            ";".join(f"{name}={value}" for name, value in fields.items()), dtstart=start
        )
        if not isinstance(rule, rrule):
            raise ValueError(f"expected one rule, got {text[:80]!r}")
        self._rule = rule

    def starts(self, meter: Meter, not_before: datetime) -> Iterator[datetime]:
        """Give starts in order; those before `not_before` may be left out when nothing counts them.

        Raises:
            Exhausted: a limit was met.
        """
        rule = self._rule if self.count is not None else _forwarded(self._rule, not_before)
        for number, start in enumerate(_walked(rule, meter)):
            meter.step()
            if number == self.count or (self._until is not None and start > self._until):
                return
            yield start


class _Metered(tuple[int, ...]):
    """The months of a rule. dateutil asks first of all, for each day that it looks at, whether
    there are any: that is where a walk that finds nothing can be ended."""

    meter: Meter

    def __bool__(self) -> bool:
        self.meter.step()
        return len(self) > 0


def _walked(rule: rrule, meter: Meter) -> Iterator[datetime]:
    # rrule has neither a hook nor a bound of its own; `test_recurrence.py` holds this to the
    # versions that are let in
    metered = rule.replace()
    months = _Metered(metered._bymonth or ())  # type: ignore[attr-defined]
    months.meter = meter
    metered._bymonth = months  # type: ignore[attr-defined]
    try:
        yield from metered
    except (ValueError, OverflowError):
        # the end of the calendar, or parts that fit together never
        return


_STEP: Final[Mapping[int, timedelta]] = {
    WEEKLY: timedelta(weeks=1),
    DAILY: timedelta(days=1),
    HOURLY: timedelta(hours=1),
    MINUTELY: timedelta(minutes=1),
    SECONDLY: timedelta(seconds=1),
}
_LEAP_CYCLE: Final = 12


def _forwarded(rule: rrule, not_before: datetime) -> rrule:
    """The same rule from a start nearer to what is asked for, a whole number of intervals on."""
    start: datetime = rule._dtstart  # type: ignore[attr-defined]
    freq: int = rule._freq  # type: ignore[attr-defined]
    interval: int = rule._interval  # type: ignore[attr-defined]
    if not_before <= start:
        return rule
    if freq in _STEP:
        step = _STEP[freq] * interval
        return rule.replace(dtstart=start + max(0, (not_before - start) // step - 1) * step)
    months = interval * (12 if freq == YEARLY else 1)
    ahead = (not_before.year - start.year) * 12 + not_before.month - start.month
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
