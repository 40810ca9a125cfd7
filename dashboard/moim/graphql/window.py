"""The days of a calendar that somebody follows: which changes concern them."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Self

from graphql import GraphQLError

from moim_sync.api.content import EntityChange

_ZONES = timedelta(days=1)
"""A time of a clock on the wall is at most this far from the same days elsewhere."""


class Window:
    """From a day until before another; without days, everything is told.

    Whether a series takes place then is not looked at: it may be costly to know, and a message too
    many does no harm.
    """

    def __init__(self, first: date | None, last: date | None) -> None:
        self._first = (first or date.min + _ZONES) - _ZONES
        self._last = (last or date.max - _ZONES) + _ZONES
        self._inside: set[str] = set()
        self._noted_seq = 0

    @classmethod
    def of(cls, first: str | None, last: str | None) -> Self:
        """Take days as they were written. Raises GraphQLError."""
        try:
            days = [None if day is None else date.fromisoformat(day) for day in (first, last)]
            return cls(*days)
        except (ValueError, OverflowError):
            raise GraphQLError(
                f"from, to: expected dates YYYY-MM-DD, got {str(first)[:32]!r}, {str(last)[:32]!r}",
                extensions={"code": "invalid"},
            ) from None

    def note(self, seq: int, events: Mapping[str, Mapping[str, Any]]) -> None:
        """Take which events are inside at first, and of which version that is."""
        self._noted_seq = seq
        self._inside.update(one["id"] for one in events.values() if self._holds(one))

    def told(self, changes: Iterable[EntityChange]) -> list[EntityChange]:
        """Give the changes of what is inside now, or was before."""
        return [one for one in changes if self._concerns(one)]

    def _concerns(self, change: EntityChange) -> bool:
        if change.entity != "event":
            return True  # an exception of a series, or what is said about the calendar
        was_inside = change.id in self._inside
        is_inside = not change.is_gone and self._holds(change.now)
        if is_inside:
            self._inside.add(change.id)
        else:
            self._inside.discard(change.id)
        # where something was before the version that was noted, nobody knows any more
        return was_inside or is_inside or change.seq <= self._noted_seq

    def _holds(self, event: Mapping[str, Any]) -> bool:
        if event.get("rule") or event.get("extra"):
            return True
        try:
            start, end = (date.fromisoformat(str(one)[:10]) for one in event["when"][:2])
        except (KeyError, ValueError):
            return True
        return start <= self._last and end >= self._first
