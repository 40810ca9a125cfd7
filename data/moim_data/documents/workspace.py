"""The one document that names the workspace, its projects, calendars, pages and members."""

from typing import Any

from pycrdt import Map

from moim_data.documents.access import Access
from moim_data.documents.entities import Author, Entities, OrderedEntities
from moim_data.documents.entity import Entity
from moim_data.documents.shape import DocumentShape, shape_of


class WorkspaceInfo(Entity):
    """What is said about the workspace itself."""

    __slots__ = ()
    name: str | None


class ProjectEntry(Entity):
    """A project as the navigation lists it."""

    __slots__ = ()
    name: str
    colour: str
    place: str


class CalendarEntry(Entity):
    """A calendar as the navigation lists it."""

    __slots__ = ()
    name: str
    colour: str
    place: str


class PageEntry(Entity):
    """A page as the navigation lists it; the first is what `/` shows."""

    __slots__ = ()
    name: str
    place: str


class Member(Entity):
    """A person of the workspace."""

    __slots__ = ()
    name: str
    colour: str | None


class Members(Entities[Member]):
    """The people of the workspace, by person id."""

    def add(self, person: str, name: str, **values: Any) -> Member:
        """Make a person known. Raises InvalidValue."""
        return self._make(person, {"name": name, **values})


class WorkspaceDocument:
    """The `workspace` document; arguments as for ProjectDocument."""

    def __init__(
        self, access: Access, author: Author | None = None, shape: DocumentShape | None = None
    ) -> None:
        shape = shape or shape_of("workspace")
        assert shape is not None
        author = author or Author()
        self.access = access
        self.info = WorkspaceInfo(
            access, shape.roots["info"].entity, "info", lambda: access.doc.get("info", type=Map)
        )
        self.projects = OrderedEntities(access, shape.roots["projects"], ProjectEntry, author)
        self.calendars = OrderedEntities(access, shape.roots["calendars"], CalendarEntry, author)
        self.pages = OrderedEntities(access, shape.roots["pages"], PageEntry, author)
        self.members = Members(access, shape.roots["members"], Member, author)
