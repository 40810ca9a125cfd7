"""What programs may do to cards and events, by name: each is work for `Caller.run`.

Values are JSON as in `docs/documents.md`; everything is checked before anything is written, so that
a refusal leaves no trace. What work returns is the thing as `Content.entity` gives it.
"""

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
from moim_sync.api.writes import writes
from moim_sync.command import Planned, Work
from moim_sync.identity import Identity

Values = Mapping[str, Any]

_OURS: Final = frozenset({"created", "deleted", "id", "number", "place", "uid"})
"""Fields that no program sets: they come with what it does."""
_SETS: Final = frozenset({"labels", "members"})


def create_card(
    who: Identity,
    values: Values,
    *,
    id: str | None = None,
    column: str | None = None,
    before: str | None = None,
) -> Work:
    """Make a card before another, or at the end of a column (the first one when not said)."""

    def work(doc: "Doc[Any]") -> Any:
        _require("cards", values, "title")
        fields = dict(values)
        card = _project(doc, who).cards.add(fields.pop("title"), column, before, id=id, **fields)
        return _content("project", doc, card)

    return work


def update_card(who: Identity, id: str, values: Values) -> Work:
    """Set fields of a card; null takes one out."""

    def work(doc: "Doc[Any]") -> Any:
        _require(f"cards/{id}", values)
        card = _project(doc, who).cards[id]
        card.update(**values)
        return _content("project", doc, card)

    return Planned(work, writes("project", "cards", id, values))


def move_card(
    who: Identity, id: str, *, column: str | None = None, before: str | None = None
) -> Work:
    """Put a card before another, or at the end of a column (its own when not said)."""

    def work(doc: "Doc[Any]") -> Any:
        cards = _project(doc, who).cards
        cards.move(id, column, before)
        return _content("project", doc, cards[id])

    return Planned(work, writes("project", "cards", id, {"place": ""}))


def delete_card(who: Identity, id: str) -> Work:
    """Mark a card as deleted; what others do to it meanwhile is kept."""

    def work(doc: "Doc[Any]") -> Any:
        cards = _project(doc, who).cards
        cards.delete(id)
        return _content("project", doc, cards[id])

    return Planned(work, writes("project", "cards", id, {"deleted": ()}))


def create_event(who: Identity, values: Values, *, id: str | None = None) -> Work:
    """Make an event; `when` is `[start, end, zone]`."""

    def work(doc: "Doc[Any]") -> Any:
        _require("events", values, "title", "when")
        fields = dict(values)
        title, when = fields.pop("title"), fields.pop("when")
        event = _calendar(doc, who).events.add(title, _when(when), id=id, **fields)
        return _content("calendar", doc, event)

    return work


def update_event(who: Identity, id: str, values: Values) -> Work:
    """Set fields of an event, or of a whole series; null takes one out."""

    def work(doc: "Doc[Any]") -> Any:
        _require(f"events/{id}", values)
        event = _calendar(doc, who).events[id]
        event.update(**values)
        return _content("calendar", doc, event)

    return Planned(work, writes("calendar", "events", id, values))


def delete_event(who: Identity, id: str) -> Work:
    """Mark an event as deleted, with the whole series if it is one."""

    def work(doc: "Doc[Any]") -> Any:
        events = _calendar(doc, who).events
        events.delete(id)
        return _content("calendar", doc, events[id])

    return Planned(work, writes("calendar", "events", id, {"deleted": ()}))


def _project(doc: "Doc[Any]", who: Identity) -> ProjectDocument:
    return ProjectDocument(LocalAccess(doc), Author(lambda: who.id))


def _calendar(doc: "Doc[Any]", who: Identity) -> CalendarDocument:
    return CalendarDocument(LocalAccess(doc), Author(lambda: who.id))


def _content(kind: str, doc: "Doc[Any]", entity: Entity) -> Any:
    return Content(kind, doc).entity(entity.path.partition("/")[0], entity.id)


def _require(path: str, values: Values, *needed: str) -> None:
    for name in needed:
        if values.get(name) is None:
            raise InvalidValue(f"{path}/{name}: expected a value, got none", f"{path}/{name}")
    for name, value in values.items():
        full = f"{path}/{name}"
        if name in _OURS:
            raise InvalidValue(f"{full}: expected a field that programs set", full)
        if name in _SETS and not _is_list_of_text(value):
            raise InvalidValue(f"{full}: expected a list of ids, got {describe(value)}", full)


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _when(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 3 and _is_list_of_text(value):
        return tuple(value)
    raise InvalidValue(
        f"events/when: expected [start, end, zone], got {describe(value)}", "events/when"
    )
