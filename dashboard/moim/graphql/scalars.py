"""Values that GraphQL has no words for, and the choices that schemas of documents give."""

from datetime import UTC, datetime
from enum import Enum
from typing import Any, NewType

import strawberry

Day = NewType("Day", str)
Moment = NewType("Moment", str)
"""A day, or a time of a clock on the wall."""

DESCRIPTIONS: dict[object, Any] = {
    Day: strawberry.scalar(name="Date", description="A day, `2026-11-27`.", serialize=str),
    Moment: strawberry.scalar(
        name="Moment",
        description="A day `2026-11-27`, or a time of a wall clock `2026-11-27T09:00`.",
        serialize=str,
    ),
}


@strawberry.enum(description="How soon a card should be done.")
class Priority(Enum):
    """Of a card."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


@strawberry.enum(description="What a column means, whatever it is called.")
class ColumnStatus(Enum):
    """Of a column."""

    BACKLOG = "backlog"
    READY = "ready"
    DOING = "doing"
    REVIEW = "review"
    DONE = "done"


@strawberry.enum(description="Hues of the interface.")
class Colour(Enum):
    """Of labels, projects, calendars and people."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    TEAL = "teal"
    BLUE = "blue"
    VIOLET = "violet"
    PINK = "pink"


@strawberry.enum(description="Whether an event takes place.")
class EventStatus(Enum):
    """Of an event."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


@strawberry.type(description="Who did something, and when.")
class Stamp:
    """Of a creation or deletion."""

    by: strawberry.ID
    at: datetime

    @classmethod
    def of(cls, value: Any) -> "Stamp | None":
        """Take `[person, ms since 1970]`; None for none, and for times that no calendar has."""
        try:
            return cls(by=strawberry.ID(value[0]), at=datetime.fromtimestamp(value[1] / 1000, UTC))
        except (TypeError, ValueError, OverflowError, OSError):
            return None


def choice(kind: type[Enum], value: object) -> Any:
    """Give the member of an enum that a document's value is; None for none, or one unknown."""
    try:
        return kind(value)
    except ValueError:
        return None


def small(value: object) -> int | None:
    """Give a number that GraphQL's Int can hold."""
    return value if isinstance(value, int) and abs(value) < 2**31 else None
