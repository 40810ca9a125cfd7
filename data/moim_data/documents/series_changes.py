"""Changes of one event of a series, of it and all that follow, or of all, as browsers make them.

Each is one transaction, in which exceptions follow the events that they are of. Everything is
checked before anything is written. The same as `calendar_series.ts` and `series_changes.ts`;
`tests/vectors/series.json` holds both to that.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from pycrdt import Map, Text

from moim_data.documents.calendar import CalendarDocument, Event
from moim_data.documents.entities import Author
from moim_data.documents.entity import no_entity
from moim_data.documents.recurrence import SeriesEvent, SeriesStarts
from moim_data.documents.series import (
    LIMITS,
    is_first,
    moved_ids,
    patched,
    rule_ended_before,
    ruled_when,
    series_when,
    tail_of,
)
from moim_data.documents.split_id import split_id
from moim_data.documents.when import When, as_when
from moim_data.errors import InvalidValue

Scope = Literal["this", "following", "all"]
Values = Mapping[str, Any]

_OF_ONE: Final = ("title", "when", "location", "notes", "status")
_OWN: Final = frozenset({"created", "deleted", "uid"})
"""Fields that stay with the first part: two events of one UID would be one in an export."""
_CANNOT_CUT: Final = "events/rule: expected a rule that can be edited, got one of an import"


class SeriesChanges:
    """What can be done to one of the events of a series.

    Args:
        calendar: the document.
        author: who does it.
        id: of the series.
        recurrence_id: the start that the rule gives the one.

    Raises:
        UnknownEntity: there is no such event, or none of it then.
        InvalidValue: it is no series.
    """

    def __init__(
        self, calendar: CalendarDocument, author: Author, id: str, recurrence_id: str
    ) -> None:
        self._calendar = calendar
        self._author = author
        self._exceptions = calendar.exceptions
        self._exception = self._exceptions.exception(id, recurrence_id)
        self._event: Event = calendar.events[id]
        self._series = SeriesEvent.of(id, self._event.to_dict())
        self._id = id
        self._which = recurrence_id
        if not self._series.repeats:
            path = f"events/{id}"
            raise InvalidValue(f"{path}: expected a series, got a single event", path)
        given = SeriesStarts(self._series, LIMITS).given([recurrence_id])
        if self._exception.excluded or not given:
            raise no_entity(f"events/{id}/{recurrence_id}", ())

    def change(self, values: Values, scope: Scope) -> str:
        """Set fields; gives the id of the event that the one belongs to then.

        Args:
            values: fields of an event; `when` is the time of this one, from which the others keep
                their distance. One alone may only have another `title`, `when`, `location`, `notes`
                and `status`.

        Raises:
            InvalidValue: a value is not allowed, or the series cannot be cut.
        """
        patch = dict(values)
        if scope == "this":
            self._require_of_one(patch)
        (self._exception if scope == "this" else self._event).check(**patch)
        if patch.get("when") is not None:
            patch["when"] = When(*as_when(patch["when"]))
        with self._calendar.access.transaction():
            if scope == "this":
                own = {name: self._own(name, value) for name, value in patch.items()}
                self._exception.update(**own)
                return self._id
            if scope == "following" and not is_first(self._series, self._which):
                return self._cut(patch)
            return self._change_all(patch)

    def remove(self, scope: Scope) -> None:
        """Take out one, it and all that follow, or all. Raises InvalidValue as `change`."""
        with self._calendar.access.transaction():
            if scope == "this":
                self._exception.update(excluded=True)
            elif scope == "following" and not is_first(self._series, self._which):
                if self._series.extra:
                    raise InvalidValue(_CANNOT_CUT, f"events/{self._id}/rule")
                self._event.rule = rule_ended_before(self._series, self._which)
            else:
                self._calendar.events.delete(self._id)

    def _require_of_one(self, patch: Values) -> None:
        for name in patch:
            if name not in _OF_ONE:
                path = f"exceptions/{self._id}/{self._which}/{name}"
                raise InvalidValue(f"{path}: expected one of {', '.join(_OF_ONE)}", path)

    def _own(self, name: str, value: Any) -> Any:
        """Give what an exception says: nothing where it is as the series has it."""
        if name == "when":
            return None if value == ruled_when(self._series, self._which) else value
        if name == "notes":
            return None if value == str(self._event.notes) else value
        if value == getattr(self._event, name):
            return None
        # an exception cannot take a place away; it can leave it empty
        return "" if name == "location" and value is None else value

    def _change_all(self, patch: dict[str, Any]) -> str:
        # what this one had of its own gives way to what all have now, or it would not follow them
        own = self._exceptions.by_event().get(self._id, {}).get(self._which, {})
        if patch.get("when") is not None:
            patch["when"] = series_when(self._series, self._which, patch["when"])
        after = patched(self._series, patch)
        moved = moved_ids(self._series, after, [*self._exceptions.of(self._id)])
        if after.rule != self._series.rule:
            patch["rule"] = after.rule
        self._event.check(**patch)
        self._exception.update(**{name: None for name in patch if name in own})
        self._event.update(**patch)
        self._rename(self._id, moved)
        return self._id

    def _cut(self, patch: dict[str, Any]) -> str:
        if self._series.is_served:
            raise InvalidValue(_CANNOT_CUT, f"events/{self._id}/rule")
        tail, new_id = tail_of(self._series, self._which), split_id(self._id, self._which)
        if new_id in self._calendar.events:
            raise InvalidValue(f"events/{new_id}: expected a new id, got one that exists", new_id)
        after = patched(tail, patch)
        later = [one for one in self._exceptions.of(self._id) if one >= self._which]
        moved = moved_ids(tail, after, later)
        ended = rule_ended_before(self._series, self._which)
        own = self._exceptions.by_event().get(self._id, {}).get(self._which, {})
        whole = {**patch, "when": after.when, "rule": after.rule}
        self._event.check(**{**whole, "rule": ended})
        self._event.check(**whole)
        self._begin(new_id, whole)
        self._event.rule = ended
        self._exception.update(**{name: None for name in patch if name in own})
        self._rename(new_id, moved)
        return new_id

    def _begin(self, new_id: str, values: Values) -> None:
        """Make the second part, with all fields of the first."""
        events = self._map("events")
        first = events[self._id]
        fields = {
            name: Text(str(value)) if isinstance(value, Text) else value
            for name, value in first.items()
            if name not in _OWN
        }
        events[new_id] = Map({**fields, "created": list(self._author.stamp())})
        self._calendar.events[new_id].update(**values)

    def _rename(self, new_id: str, ids: Mapping[str, str]) -> None:
        exceptions = self._map("exceptions")
        renamed = {
            key: (f"{new_id}/{ids[which]}/{field}", exceptions[key])
            for key, which, field in self._keys()
            if which in ids and f"{new_id}/{ids[which]}/{field}" != key
        }
        made = dict(renamed.values())
        for key in renamed.keys() - made.keys():
            del exceptions[key]
        for key, value in made.items():
            exceptions[key] = value

    def _keys(self) -> Iterator[tuple[str, str, str]]:
        for key in list(self._map("exceptions").keys()):
            event, which, field = key.split("/", 2)
            if event == self._id:
                yield key, which, field

    def _map(self, root: str) -> "Map[Any]":
        found: Map[Any] = self._calendar.access.doc.get(root, type=Map)
        return found
