"""What programs may do to one of the events of a series, to it and all that follow, or to all.

The one is named by its recurrence id, the start that the rule gives it. What work returns is the
event that it belongs to then, which is a new one where a series is cut.
"""

from collections.abc import Iterator
from typing import Any, get_args

from pycrdt import Doc

from moim_data.documents.entities import Author
from moim_data.documents.series_changes import Scope, SeriesChanges
from moim_data.errors import InvalidValue
from moim_sync.api.typed_views import Values, calendar_of, content_of, require_fields
from moim_sync.api.writes import Paths, writes
from moim_sync.command import Planned
from moim_sync.identity import Identity

SCOPES: tuple[Scope, ...] = get_args(Scope)


def update_occurrence(
    who: Identity, id: str, recurrence_id: str, scope: Scope, values: Values
) -> Planned:
    """Set fields; `when` is the time of the one, from which all others keep their distance."""

    def work(doc: "Doc[Any]") -> Any:
        require_fields(f"events/{id}", values)
        calendar = calendar_of(doc, who)
        changes = SeriesChanges(calendar, Author(lambda: who.id), id, recurrence_id)
        return content_of("calendar", doc, calendar.events[changes.change(values, scope)])

    # what moves as a whole, or is cut, has another rule
    is_ruled = scope == "following" or (scope == "all" and "when" in values)
    names = {**values, "rule": ""} if is_ruled else values
    return Planned(work, _paths(id, recurrence_id, scope, names))


def delete_occurrence(who: Identity, id: str, recurrence_id: str, scope: Scope) -> Planned:
    """Take out one, it and all that follow, or all."""

    def work(doc: "Doc[Any]") -> Any:
        calendar = calendar_of(doc, who)
        SeriesChanges(calendar, Author(lambda: who.id), id, recurrence_id).remove(scope)
        return content_of("calendar", doc, calendar.events[id])

    names: dict[Scope, Values] = {
        "this": {"excluded": True},
        "following": {"rule": ""},
        "all": {"deleted": ()},
    }
    return Planned(work, _paths(id, recurrence_id, scope, names[scope]))


def scope_of(recurrence_id: str | None, scope: str | None) -> Scope | None:
    """Give how far a change of an event reaches; None where none of a series was named.

    Raises:
        InvalidValue: it is none of the scopes, or one without the event that it starts from.
    """
    if recurrence_id is None and scope is not None:
        raise InvalidValue("scope: expected `occurrence` beside it", "scope")
    if recurrence_id is None:
        return None
    for known in SCOPES:
        if known == (scope or "this"):
            return known
    raise InvalidValue(f"scope: expected one of {', '.join(SCOPES)}, got {scope!r}", "scope")


def _paths(id: str, recurrence_id: str, scope: Scope, values: Values) -> Paths:
    of_event = writes("calendar", "events", id, values)

    def of_one(_: "Doc[Any]") -> Iterator[str]:
        yield f"events/{id}/deleted"
        yield from (f"exceptions/{id}/{recurrence_id}/{name}" for name in values)

    return of_one if scope == "this" else of_event
