"""Calendars of the demo: what one is written down as, and the document made of it."""

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from moim_data.documents.access import LocalAccess
from moim_data.documents.calendar import CalendarDocument
from moim_data.documents.demo.people import Days
from moim_data.documents.when import When

SEOUL: Final = "Asia/Seoul"
BERLIN: Final = "Europe/Berlin"
WEEKDAYS: Final = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

OnDay = Callable[[date], date]
"""A day, found from today."""


def week(weeks: int, day: str) -> OnDay:
    """Give a day of a week, counted from the one that today lies in."""
    return lambda today: today + timedelta(days=7 * weeks + WEEK.index(day) - today.weekday())


def from_today(days: int) -> OnDay:
    """Give a day by its distance from today, the Monday after it where that is no day of work."""

    def found(today: date) -> date:
        on = today + timedelta(days=days)
        return on + timedelta(days=7 - on.weekday()) if on.weekday() > 4 else on

    return found


def nth(months: int, number: int, day: str) -> OnDay:
    """Give the nth such weekday of a month, counted from this one; -1 is the last."""

    def found(today: date) -> date:
        year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
        _, length = calendar.monthrange(year, month + 1)
        dates = [date(year, month + 1, each) for each in range(1, length + 1)]
        same = [each for each in dates if each.weekday() == WEEK.index(day)]
        return same[number - 1 if number > 0 else number]

    return found


def years_ago(years: int, days: int) -> OnDay:
    """Give a day some years ago whose yearly return is that many days from today."""

    def found(today: date) -> date:
        on = today + timedelta(days=days)
        return on.replace(year=on.year - years, day=28 if (on.month, on.day) == (2, 29) else on.day)

    return found


@dataclass(frozen=True, slots=True)
class Change:
    """What is different in one event of a series; nothing said: it does not take place."""

    on: OnDay
    title: str | None = None
    moved_to: tuple[OnDay, str] | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An event or a series; without a time it takes whole days."""

    title: str
    on: OnDay
    at: str = ""
    minutes: int = 60
    days: int = 1
    zone: str = SEOUL
    members: str = ""
    rule: str | None = None
    location: str | None = None
    url: str | None = None
    status: str | None = None
    notes: str = ""
    id: str | None = None
    changes: tuple[Change, ...] = ()

    def when(self, on: date, at: str = "") -> When:
        """Give when it takes place on a day, at its own time or another."""
        if not self.at:
            return When.of(on, timedelta(days=self.days))
        start = datetime.combine(on, time.fromisoformat(at or self.at))
        return When.of(start, timedelta(minutes=self.minutes), self.zone)


@dataclass(frozen=True, slots=True)
class Agenda:
    """A calendar of the demo."""

    id: str
    name: str
    colour: str
    description: str
    entries: tuple[Entry, ...]


def agenda_update(agenda: Agenda, days: Days) -> bytes:
    """Make the document of a calendar; give it as one Yjs update."""
    access = LocalAccess()
    with access.transaction():
        document = CalendarDocument(access)
        document.info.update(description=agenda.description, zone=SEOUL)
        for number, entry in enumerate(agenda.entries, 1):
            author = days.author(entry.members.split()[0] if entry.members else "seoyeon", 20)
            written = CalendarDocument(access, author)
            _add_entry(written, entry, entry.id or f"{agenda.id}-{number}", days.today)
    return access.doc.get_update()


def _add_entry(document: CalendarDocument, entry: Entry, name: str, today: date) -> None:
    fields: dict[str, Any] = {
        "rule": entry.rule,
        "location": entry.location,
        "url": entry.url,
        "status": entry.status,
        "notes": entry.notes or None,
    }
    document.events.add(
        entry.title,
        entry.when(entry.on(today)),
        id=name,
        members=entry.members.split(),
        **{field: value for field, value in fields.items() if value is not None},
    )
    for change in entry.changes:
        started = entry.when(change.on(today)).start
        one = document.exceptions.exception(name, started)
        moved = change.moved_to and entry.when(change.moved_to[0](today), change.moved_to[1])
        different = {"title": change.title, "when": moved, "location": change.location}
        if any(different.values()):
            one.update(**different)
        else:
            one.excluded = True
