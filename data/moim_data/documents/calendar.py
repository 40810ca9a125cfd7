"""One calendar: its events, and what is different in single events of a series."""

from typing import Any

from pycrdt import Map

from moim_data.documents.access import Access
from moim_data.documents.entities import Author, Entities
from moim_data.documents.entity import Entity, MemberView
from moim_data.documents.exceptions import Exceptions
from moim_data.documents.shape import DocumentShape, shape_of
from moim_data.documents.text import SharedText
from moim_data.documents.when import Moment, When


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
