"""Local wall times and instants; the same rules as `wall_time.ts`.

A time that a change of clocks skips is read by the offset before it, one that occurs twice is its
first (zoneinfo's fold 0 is both). A moment without a zone, or in one that nobody knows, is read in
the viewer's. Instants and wall times are integers of ms since 1970-01-01T00:00, the latter as if
clocks never changed.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from moim_data.documents.when import When, is_day, is_zone

DAY_MS = 86_400_000
_EPOCH = datetime(1970, 1, 1)
_MS = timedelta(milliseconds=1)


def wall_of(moment: str) -> int:
    """Give a date or wall time in ms, as if clocks never changed."""
    return wall_ms(datetime.fromisoformat(moment))


def wall_ms(naive: datetime) -> int:
    """Give a naive time in ms."""
    return (naive - _EPOCH) // _MS


def naive_of(wall: int) -> datetime:
    """Give ms as a naive time, within the years that have four digits."""
    return _EPOCH + timedelta(milliseconds=min(max(wall, _FIRST_MS), _LAST_MS))


_FIRST_MS = wall_ms(datetime(1, 1, 2))
_LAST_MS = wall_ms(datetime(9999, 12, 30, 23, 59, 59))


def moment_of(wall: int, as_day: bool) -> str:
    """Write a wall time; seconds only where they are not zero."""
    naive = naive_of(wall)
    if as_day:
        return naive.date().isoformat()
    return naive.isoformat(timespec="seconds" if naive.second else "minutes")


def is_known(zone: str) -> bool:
    """Tell whether a zone has a clock of its own; times without one are read on the viewer's."""
    return bool(zone) and is_zone(zone)


def instant_of(moment: str, zone: str) -> int:
    """Give the instant of a wall time, or of the first moment of a date, in a zone."""
    return instant_ms(datetime.fromisoformat(moment), zone)


def instant_ms(naive: datetime, zone: str) -> int:
    """Give the instant of a naive time in a zone."""
    offset = ZoneInfo(zone).utcoffset(naive) if is_known(zone) else None
    return wall_ms(naive) - (offset or timedelta()) // _MS


def offset_ms(instant: int, zone: str) -> int:
    """Give what a zone's clock shows more than UTC at an instant."""
    return wall_of(moment_at(instant, zone)) - instant // 1000 * 1000


def moment_at(instant: int, zone: str) -> str:
    """Give the wall time of an instant in a zone."""
    utc = naive_of(instant).replace(tzinfo=UTC)
    local = utc.astimezone(ZoneInfo(zone)) if is_known(zone) else utc
    return moment_of(wall_ms(local.replace(tzinfo=None, microsecond=0)), False)


def length_of(when: When) -> int:
    """Give how long it takes, in ms: exact where it goes by a zone's clock."""
    start, end, zone = when
    return max(0, instant_of(end, zone) - instant_of(start, zone))


def starting_at(start: str, length_ms: int, zone: str) -> When:
    """Give the same length from another start of the same form.

    What begins and ends in the hour that occurs twice may end, on the clock, before it began; then
    it ends when it begins.
    """
    if is_day(start) or not is_known(zone):
        return When(start, moment_of(wall_of(start) + length_ms, is_day(start)), zone)
    end = moment_at(instant_of(start, zone) + length_ms, zone)
    return When(start, max(start, end), zone)
