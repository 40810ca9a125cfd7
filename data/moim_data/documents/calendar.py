"""One calendar: its events, and what is different in single events of a series."""

from datetime import datetime
from typing import Any

from pycrdt import Map

from moim_data.documents.access import Access
from moim_data.documents.entities import Author, Entities
from moim_data.documents.entity import Entity, MemberView
from moim_data.documents.exceptions import Exceptions
from moim_data.documents.recurrence import Occurrence, SeriesEvent
from moim_data.documents.recurrence import occurrences as expand
from moim_data.documents.shape import DocumentShape, shape_of
from moim_data.documents.text import SharedText
from moim_data.documents.wall_time import instant_of
from moim_data.documents.when import Moment, When, moment, zone_name


class CalendarInfo(Entity):
    """What is said about the calendar itself; its name and colour stand in the workspace."""

    __slots__ = ()
    description: str | None
    zone: str | None


class Event(Entity):
    """An event, or a series of them."""

    __slots__ = ()
    title: str
    when: When
    rule: str | None
    extra: str | None
    location: str | None
    url: str | None
    status: str | None
    notes: SharedText
    members: MemberView
    uid: str | None
    kept: str | None
    created: tuple[str, int] | None


class Events(Entities[Event]):
    """The events of a calendar; iterating gives ids by when they start on their own clocks."""

    def add(
        self,
        title: str,
        when: When | Moment | tuple[Any, ...],
        *,
        id: str | None = None,
        **values: Any,
    ) -> Event:
        """Make an event.

        Args:
            when: a When, a date (one whole day), a time (an hour), or `(start, end)` and
                `(start, end, zone)` as `When.of` takes them.
            values: further fields; `rule` makes it a series, `members` takes ids of people.

        Raises:
            InvalidValue: a value the schema does not allow, or an end before the start.
        """
        values.setdefault("created", self._author.stamp())
        return self._make(id, {"title": title, "when": when, **values})

    def _line(self, row: dict[str, Any]) -> str:
        return f"{row['when'][0]}  {row['title']}{' ↻' if row.get('rule') else ''}"

    def _rank(self, entity: Any) -> Any:
        when = entity.get("when")
        return str(when[0]) if isinstance(when, list) and when else ""


class CalendarDocument:
    """A `calendar/<id>` document; arguments as for ProjectDocument."""

    def __init__(
        self, access: Access, author: Author | None = None, shape: DocumentShape | None = None
    ) -> None:
        shape = shape or shape_of("calendar")
        assert shape is not None
        self.access = access
        self.info = CalendarInfo(
            access, shape.roots["info"].entity, "info", lambda: access.doc.get("info", type=Map)
        )
        self.events = Events(access, shape.roots["events"], Event, author or Author())
        self.exceptions = Exceptions(access, shape.roots["exceptions"])

    def occurrences(self, start: Moment, end: Moment, zone: str | None = None) -> list[Occurrence]:
        """Give everything that takes place in a time, by when it starts, exceptions applied.

        Args:
            start: a date or a time, as is `end`, which does not belong to what is looked at.
            zone: the IANA zone whose clock they are read on, which is also that of whole days and
                of times without a zone. The one that `start` knows when not said, else that of the
                calendar, else UTC.
        """
        with self.access.lock:
            zone = zone or zone_name(start) or self.info.zone or "UTC"
            events = [SeriesEvent.of(row["id"], row) for row in self.events.records()]
            exceptions = self.exceptions.by_event()
        first, last = (datetime.fromisoformat(moment(each, zone)) for each in (start, end))
        found = (
            occurrence
            for event in events
            for occurrence in expand(event, exceptions.get(event.id, {}), first, last, zone)
        )
        return sorted(found, key=lambda one: _order(one, zone))


def _order(occurrence: Occurrence, zone: str) -> tuple[int, str, str]:
    when = occurrence.when
    at_ms = instant_of(when.start, when.zone or zone)
    return at_ms, occurrence.event, occurrence.recurrence_id or ""
