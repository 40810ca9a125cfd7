"""What is different in single events of a series: a view over one flat root map.

The keys `<event>/<recurrence id>/<field>` stand in the root itself, so that two people who change
one event of a series at the same time both succeed.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from pycrdt import Map

from moim_data.documents.access import Access
from moim_data.documents.entity import Entity, python_value
from moim_data.documents.recurrence import exceptions_by_event
from moim_data.documents.shape import EntityShape, RootShape
from moim_data.documents.when import Moment, When, is_moment, is_zone, moment
from moim_data.errors import InvalidValue


class SeriesException(Entity):
    """What is different in one event of a series; None: as in the series.

    Nothing of it needs to be there: setting the first field makes it, taking the last out ends it.
    """

    __slots__ = ()
    excluded: bool | None
    title: str | None
    when: When | None
    location: str | None
    notes: str | None
    status: str | None

    @property
    def event(self) -> str:
        """The id of the series."""
        return self.path.split("/")[1]

    @property
    def recurrence_id(self) -> str:
        """The start that the rule gives this event."""
        return self.id

    def clear(self) -> None:
        """Make it as the series has it."""
        self.update(**dict.fromkeys(self.fields))


class Exceptions:
    """The exceptions of all series of a calendar."""

    def __init__(self, access: Access, root: RootShape) -> None:
        self._access = access
        self._name = root.name
        overrides = root.entity.overrides.values()
        fields = {override.field.name: override.field for override in overrides}
        self._shape = EntityShape(fields, {}, (), {})

    def exception(self, event: str, recurrence_id: str | Moment) -> SeriesException:
        """Give one event of a series, to be read, changed or cleared.

        Args:
            recurrence_id: the start that the rule gives it, as a text of the document or as a date
                or time of the series' clock; a time of another zone is told in that of the series.

        Raises:
            InvalidValue: it is no date or time.
        """
        name = self._recurrence_id(event, recurrence_id)
        path = f"{self._name}/{event}/{name}"
        if not is_moment(name):
            raise InvalidValue(f"{path}: expected a date or a time, got {name!r}", path)
        return self._entity(event, name)

    def of(self, event: str) -> dict[str, SeriesException]:
        """Give the exceptions of a series by recurrence id, in order."""
        with self._access.lock:
            start = f"{event}/"
            keys = [key for key in self._map().keys() if key.startswith(start)]  # noqa: SIM118
        names = sorted({key.split("/")[1] for key in keys})
        return {name: self._entity(event, name) for name in names}

    def clear(self, event: str) -> None:
        """Make every event of a series as the series has it."""
        with self._access.transaction():
            for exception in self.of(event).values():
                exception.clear()

    def by_event(self) -> dict[str, dict[str, dict[str, Any]]]:
        """Give what is different by event, recurrence id and field, read at one moment."""
        with self._access.lock:
            content = self._map().to_py() or {}
        return exceptions_by_event({key: self._value(key, content[key]) for key in sorted(content)})

    def records(self) -> list[dict[str, Any]]:
        """Give one row for each changed event: `event`, `recurrence_id` and what is different."""
        return [
            {"event": event, "recurrence_id": name, **fields}
            for event, names in self.by_event().items()
            for name, fields in names.items()
        ]

    def __len__(self) -> int:
        return len(self.records())

    def __repr__(self) -> str:
        rows = [f"  {row['event']}  {row['recurrence_id']}" for row in self.records()]
        return "\n".join([f"{self._name}: {len(rows)}", *rows])

    def _value(self, key: str, value: Any) -> Any:
        return python_value(self._shape.fields[key.rpartition("/")[2]], value)

    def _entity(self, event: str, name: str) -> SeriesException:
        def located() -> Any:
            return _Prefixed(self._map(), f"{event}/{name}/")

        return SeriesException(self._access, self._shape, f"{self._name}/{event}/{name}", located)

    def _recurrence_id(self, event: str, value: str | Moment) -> str:
        if isinstance(value, str):
            return value
        return moment(value, self._zone(event) if _knows_zone(value) else "")

    def _zone(self, event: str) -> str:
        with self._access.lock:
            series = self._access.doc.get("events", type=Map).get(event)
            when = series.get("when") if isinstance(series, Map) else None
        zone = when[2] if isinstance(when, list) and len(when) == 3 else ""
        return zone if isinstance(zone, str) and is_zone(zone) else ""

    def _map(self) -> "Map[Any]":
        root: Map[Any] = self._access.doc.get(self._name, type=Map)
        return root


class _Prefixed:
    """The keys of a flat map that begin with a prefix, as a map of their own."""

    def __init__(self, flat: "Map[Any]", prefix: str) -> None:
        self._flat = flat
        self._prefix = prefix

    def get(self, name: str) -> Any:
        return self._flat.get(self._prefix + name)

    def __contains__(self, name: str) -> bool:
        return self._prefix + name in self._flat

    def __setitem__(self, name: str, value: Any) -> None:
        self._flat[self._prefix + name] = value

    def __delitem__(self, name: str) -> None:
        del self._flat[self._prefix + name]

    def to_py(self) -> dict[str, Any]:
        return dict(self._items())

    def _items(self) -> Iterator[tuple[str, Any]]:
        for key, value in self._flat.items():
            if key.startswith(self._prefix):
                yield key[len(self._prefix) :], value


def _knows_zone(value: date) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None
