"""Days and weeks of a zone, as moments."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from moim.insights.flow.history import Integers


def day_of(at_ms: int, zone: ZoneInfo) -> date:
    """Give the day that a moment lies in."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).date()


def days_between(from_ms: int, to_ms: int, zone: ZoneInfo) -> list[date]:
    """Give the days from one moment to another, both included."""
    first, last = day_of(from_ms, zone), day_of(to_ms, zone)
    return [first + timedelta(days) for days in range((last - first).days + 1)]


def ends_ms(days: list[date], zone: ZoneInfo) -> Integers:
    """Give when each day ends: a day is 23 or 25 hours long where clocks are moved."""
    return starts_ms([day + timedelta(1) for day in days], zone)


def starts_ms(days: list[date], zone: ZoneInfo) -> Integers:
    """Give when each day begins."""
    moments = [datetime.combine(day, time(), zone).timestamp() for day in days]
    return np.array([round(moment * 1000) for moment in moments], np.int64)


def mondays(days: list[date]) -> list[date]:
    """Give the Monday of each week that the days touch."""
    return sorted({day - timedelta(day.weekday()) for day in days})
