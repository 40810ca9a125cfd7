"""What programs may do to cards and events, by name: each is work for `Caller.run`.

Values are JSON as in `docs/documents.md`; everything is checked before anything is written, so that
a refusal leaves no trace. What work returns is the thing as `Content.entity` gives it.
"""

from typing import Any

from pycrdt import Doc

from moim_data.documents.validation import describe
from moim_data.errors import InvalidValue
from moim_sync.api.typed_views import (
    Values,
    calendar_of,
    content_of,
    is_list_of_text,
    project_of,
    require_fields,
)
from moim_sync.api.writes import writes
from moim_sync.command import Planned, Work
from moim_sync.identity import Identity


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
        require_fields("cards", values, "title")
        fields = dict(values)
        card = project_of(doc, who).cards.add(fields.pop("title"), column, before, id=id, **fields)
        return content_of("project", doc, card)

    return work


def update_card(who: Identity, id: str, values: Values) -> Work:
    """Set fields of a card; null takes one out."""

    def work(doc: "Doc[Any]") -> Any:
        require_fields(f"cards/{id}", values)
        card = project_of(doc, who).cards[id]
        card.update(**values)
        return content_of("project", doc, card)

    return Planned(work, writes("project", "cards", id, values))


def move_card(
    who: Identity, id: str, *, column: str | None = None, before: str | None = None
) -> Work:
    """Put a card before another, or at the end of a column (its own when not said)."""

    def work(doc: "Doc[Any]") -> Any:
        cards = project_of(doc, who).cards
        cards.move(id, column, before)
        return content_of("project", doc, cards[id])

    return Planned(work, writes("project", "cards", id, {"place": ""}))


def delete_card(who: Identity, id: str) -> Work:
    """Mark a card as deleted; what others do to it meanwhile is kept."""

    def work(doc: "Doc[Any]") -> Any:
        cards = project_of(doc, who).cards
        cards.delete(id)
        return content_of("project", doc, cards[id])

    return Planned(work, writes("project", "cards", id, {"deleted": ()}))


def create_event(who: Identity, values: Values, *, id: str | None = None) -> Work:
    """Make an event; `when` is `[start, end, zone]`."""

    def work(doc: "Doc[Any]") -> Any:
        require_fields("events", values, "title", "when")
        fields = dict(values)
        title, when = fields.pop("title"), fields.pop("when")
        event = calendar_of(doc, who).events.add(title, _when(when), id=id, **fields)
        return content_of("calendar", doc, event)

    return work


def update_event(who: Identity, id: str, values: Values) -> Work:
    """Set fields of an event, or of a whole series; null takes one out."""

    def work(doc: "Doc[Any]") -> Any:
        require_fields(f"events/{id}", values)
        event = calendar_of(doc, who).events[id]
        event.update(**values)
        return content_of("calendar", doc, event)

    return Planned(work, writes("calendar", "events", id, values))


def delete_event(who: Identity, id: str) -> Work:
    """Mark an event as deleted, with the whole series if it is one."""

    def work(doc: "Doc[Any]") -> Any:
        events = calendar_of(doc, who).events
        events.delete(id)
        return content_of("calendar", doc, events[id])

    return Planned(work, writes("calendar", "events", id, {"deleted": ()}))


def _when(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 3 and is_list_of_text(value):
        return tuple(value)
    raise InvalidValue(
        f"events/when: expected [start, end, zone], got {describe(value)}", "events/when"
    )
