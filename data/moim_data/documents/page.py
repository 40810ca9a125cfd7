"""One page: an ordered list of cells, arranged and edited together."""

from typing import Any

from pycrdt import Map

from moim_data.documents.access import Access
from moim_data.documents.entities import Author, OrderedEntities
from moim_data.documents.entity import Entity, MemberView
from moim_data.documents.shape import DocumentShape, shape_of
from moim_data.documents.text import SharedText
from moim_data.errors import InvalidValue


class PageInfo(Entity):
    """What is said about the page itself; its name stands in the workspace."""

    __slots__ = ()
    description: str | None


class Cell(Entity):
    """A cell: a note, a board, a calendar or a chart."""

    __slots__ = ()
    kind: str
    place: str
    title: str | None
    text: SharedText
    project: str | None
    calendars: MemberView
    projects: MemberView
    view: str | None
    chart: str | None
    filter: str | None
    height: int | None


class Cells(OrderedEntities[Cell]):
    """The cells of a page; iterating gives ids from top to bottom."""

    def add(  # type: ignore[override]  # a cell is always of a kind
        self, kind: str, before: str | None = None, *, id: str | None = None, **values: Any
    ) -> Cell:
        """Make a cell before another, or at the end.

        Args:
            kind: `note` (with `text`), `board` or `chart` (with `project`), `calendar` (with
                `calendars` and `projects`, ids of each).

        Raises:
            InvalidValue: a value the schema does not allow, or text for what is no note.
            UnknownEntity: no such cell.
        """
        values.setdefault("created", self._author.stamp())
        return super().add(id=id, before=before, kind=kind, **values)

    def _called(self, row: dict[str, Any]) -> str:
        return str(row.get("title", row["kind"]))

    def _content(self, path: str, values: dict[str, Any]) -> dict[str, Any]:
        content = super()._content(path, values)
        if content["kind"] != "note":
            if values.get("text"):
                raise InvalidValue(f"{path}/text: expected text in a note only", f"{path}/text")
            del content["text"]
        return content


class PageDocument:
    """A `page/<id>` document; arguments as for ProjectDocument."""

    def __init__(
        self, access: Access, author: Author | None = None, shape: DocumentShape | None = None
    ) -> None:
        shape = shape or shape_of("page")
        assert shape is not None
        self.access = access
        self.info = PageInfo(
            access, shape.roots["info"].entity, "info", lambda: access.doc.get("info", type=Map)
        )
        self.cells = Cells(access, shape.roots["cells"], Cell, author or Author())
