"""Who works at the demo's company, and how what they did is dated."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple

from moim_data.documents.entities import Author

WORKSPACE_NAME: Final = "하늘연구소"


class Person(NamedTuple):
    """Somebody of the team."""

    id: str
    name: str
    colour: str


PEOPLE: Final = (
    Person("seoyeon", "박서연", "violet"),
    Person("junho", "이준호", "blue"),
    Person("sofia", "Sofia Almeida", "orange"),
    Person("tom", "Tom Becker", "teal"),
    Person("amara", "Amara Okafor", "yellow"),
    Person("minji", "김민지", "pink"),
    Person("daeun", "최다은", "red"),
    Person("hyunwoo", "정현우", "green"),
)


class Days:
    """The days around one day, and the luck that ids and place keys are drawn with."""

    def __init__(self, today: date, random: Callable[[], float]) -> None:
        self.today = today
        self.random = random

    def day(self, days: int) -> date:
        """Give a day, counted from today."""
        return self.today + timedelta(days=days)

    def author(self, person: str, days_ago: int, minute: int = 0) -> Author:
        """Give somebody who wrote that many days ago, in the morning of Berlin."""
        at = datetime.combine(self.day(-days_ago), time(7, 30), UTC) + timedelta(minutes=minute)
        return Author(lambda: person, at.timestamp, self.random)


def mentioned(text: str) -> list[str]:
    """Give the ids of the people whose names stand in a text after an @."""
    return [person.id for person in PEOPLE if re.search(f"@{person.name}", text)]
