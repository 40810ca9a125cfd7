"""A short history of a board, for tests of the charts of flow."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from moim.insights.flow.history import Column

BOARD = [Column("todo", "To do"), Column("doing", "Doing"), Column("done", "Done")]


class Row(NamedTuple):
    at_ms: int
    path: str
    value: Any = None


def at(day: int, hour: int = 12) -> int:
    """A moment of November 2026, in ms; the 2nd is a Monday."""
    return round(datetime(2026, 11, day, hour, tzinfo=UTC).timestamp() * 1000)


def made(at_ms: int, card: str, column: str, **registers: Any) -> Row:
    return Row(at_ms, f"cards/{card}", {"title": card, "place": f"{column}|a", **registers})


def moved(at_ms: int, card: str, column: str) -> Row:
    return Row(at_ms, f"cards/{card}/place", f"{column}|b")


# a: made Mon 2nd, started Tue 3rd, done Thu 5th                          (2 days)
# b: made Mon 2nd, started Tue 3rd, done Wed 4th, opened again Fri 6th,
#    done again Mon 9th                                                   (6 days)
# c: made Wed 4th, started Thu 5th, deleted Fri 6th
# d: made Thu 5th in Doing, and there it is
# e: made Fri 6th in To do, and there it is
STORY = [
    made(at(2), "a", "todo", estimate=3.0, **{"member/ann": True}),
    made(at(2), "b", "todo", estimate=5.0),
    moved(at(3), "a", "doing"),
    moved(at(3), "b", "doing"),
    moved(at(4), "b", "done"),
    made(at(4), "c", "todo"),
    moved(at(5), "a", "done"),
    moved(at(5), "c", "doing"),
    made(at(5), "d", "doing", estimate=2.0, **{"member/ann": True, "member/bo": True}),
    moved(at(6), "b", "doing"),
    Row(at(6), "cards/c/deleted", ["ann", 1]),
    made(at(6), "e", "todo", **{"member/ann": True}),
    moved(at(9), "b", "done"),
]
NOW_MS = at(10)
