"""Documents as commands read and write them, and what programs may set."""

from collections.abc import Mapping
from typing import Any, Final

from pycrdt import Doc

from moim_data.documents.access import LocalAccess
from moim_data.documents.calendar import CalendarDocument
from moim_data.documents.entities import Author
from moim_data.documents.entity import Entity
from moim_data.documents.project import ProjectDocument
from moim_data.documents.validation import describe
from moim_data.errors import InvalidValue
from moim_sync.api.content import Content
from moim_sync.identity import Identity

Values = Mapping[str, Any]

_OURS: Final = frozenset({"card", "created", "deleted", "edited", "id", "number", "place", "uid"})
"""Fields that no program sets: they come with what it does."""
_SETS: Final = frozenset({"labels", "members", "mentions"})


def project_of(doc: "Doc[Any]", who: Identity) -> ProjectDocument:
    """Give the project to read and write, with whose hand it is."""
    return ProjectDocument(LocalAccess(doc), Author(lambda: who.id))


def calendar_of(doc: "Doc[Any]", who: Identity) -> CalendarDocument:
    """Give the calendar to read and write, with whose hand it is."""
    return CalendarDocument(LocalAccess(doc), Author(lambda: who.id))


def content_of(kind: str, doc: "Doc[Any]", entity: Entity) -> Any:
    """Give a thing as programs see it."""
    return Content(kind, doc).entity(entity.path.partition("/")[0], entity.id)


def require_fields(path: str, values: Values, *needed: str) -> None:
    """Raise InvalidValue for what is needed and not there, and for what is not theirs to set."""
    for name in needed:
        if values.get(name) is None:
            raise InvalidValue(f"{path}/{name}: expected a value, got none", f"{path}/{name}")
    for name, value in values.items():
        full = f"{path}/{name}"
        if name in _OURS:
            raise InvalidValue(f"{full}: expected a field that programs set", full)
        if name in _SETS and not is_list_of_text(value):
            raise InvalidValue(f"{full}: expected a list of ids, got {describe(value)}", full)


def is_list_of_text(value: Any) -> bool:
    """Tell whether it is what sets are set to."""
    return isinstance(value, list) and all(isinstance(one, str) for one in value)
