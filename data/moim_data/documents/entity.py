"""Entities of a document as Python objects: attributes come from the schema.

A field added to a schema file is readable and writable here at once. Values are checked before
they are written, and given back as Python means them: integers as `int` (the CRDT keeps floats),
dates as `datetime.date`, stamps as tuples, the time of an event as `When`.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from pycrdt import Map, Text

from moim_data.documents.access import Access
from moim_data.documents.shape import EntityShape, Field, MemberSet
from moim_data.documents.text import SharedText
from moim_data.documents.validation import describe
from moim_data.documents.when import When, as_when
from moim_data.errors import InvalidValue, UnknownEntity


class Entity:
    """One entity (or a root that is one), read and written in place.

    `entity.field` reads a register (None: not set), `entity.field = value` writes it, None takes it
    out, or empties a text. A text field gives a SharedText, a set field a MemberView.

    Raises:
        InvalidValue: a value that the schema does not allow.
        UnknownEntity: the entity is not (or no longer) in the document.
        AttributeError: the schema has no such field.
    """

    __slots__ = ("_access", "_id", "_locate", "_path", "_shape")
    _access: Access
    _id: str
    _locate: "Callable[[], Map[Any]]"
    _path: str
    _shape: EntityShape

    def __init__(
        self,
        access: Access,
        shape: EntityShape,
        path: str,
        locate: "Callable[[], Map[Any]]",
    ) -> None:
        for name, value in (
            ("_access", access),
            ("_shape", shape),
            ("_path", path),
            ("_id", path.rpartition("/")[2]),
            ("_locate", locate),
        ):
            object.__setattr__(self, name, value)

    @property
    def id(self) -> str:
        """The key in its root map."""
        return self._id

    @property
    def path(self) -> str:
        """`root/id`, or the root's name."""
        return self._path

    def __getattr__(self, name: str) -> Any:
        field = self._shape.fields.get(name)
        if field is not None:
            return self._text(field) if field.kind == "text" else self._read(field)
        members = self._shape.sets.get(name)
        if members is not None:
            return MemberView(self._access, members, self._path, self._locate)
        raise AttributeError(f"{self._path} has no field {name!r}, only {', '.join(self.fields)}")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._shape.sets:
            getattr(self, name).set(value)
            return
        field = self._shape.fields.get(name)
        if field is None:
            known = ", ".join(self.fields)
            raise AttributeError(f"{self._path} has no field {name!r}, only {known}")
        if field.kind == "text":
            self._text(field).set("" if value is None else value)
        else:
            self._write(field, value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entity) and (self._access, self._path) == (
            other._access,
            other._path,
        )

    def __hash__(self) -> int:
        return hash((id(self._access), self._path))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._path}>"

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of all fields and sets."""
        return (*self._shape.fields, *self._shape.sets)

    def update(self, **values: Any) -> None:
        """Set several fields in one transaction: all of them, or none when one is not allowed."""
        sets = self._shape.sets
        values = {name: tuple(one) if name in sets else one for name, one in values.items()}
        self.check(**values)
        with self._access.transaction():
            for name, value in values.items():
                setattr(self, name, value)

    def check(self, **values: Any) -> None:
        """Raise InvalidValue for what `update` would not set."""
        sets = self._shape.sets
        for name, value in values.items():
            wire_value(self._shape, self._path, name, value)
            for member in value if name in sets else ():
                _member_key(sets[name], self._path, member)

    def to_dict(self) -> dict[str, Any]:
        """Give all fields that are set, `id` first, sets as sorted lists, text as `str`."""
        with self._access.lock:
            return {"id": self._id, **record(self._shape, self._locate().to_py() or {})}

    def _read(self, field: Field) -> Any:
        with self._access.lock:
            return python_value(field, self._locate().get(field.name))

    def _write(self, field: Field, value: Any) -> None:
        wire = wire_value(self._shape, self._path, field.name, value)
        with self._access.transaction():
            entity = self._locate()
            if wire is not None:
                entity[field.name] = wire
            elif field.name in entity:
                del entity[field.name]

    def _text(self, field: Field) -> SharedText:
        path = f"{self._path}/{field.name}"
        return SharedText(self._access, lambda: self._shared_text(field.name), path, field.check)

    def _shared_text(self, name: str) -> Text:
        entity = self._locate()
        if name not in entity:
            # made with the entity; a document made elsewhere may lack it
            entity[name] = Text("")
        text = entity[name]
        assert isinstance(text, Text)
        return text


def access_of(entity: Entity) -> Access:
    """Give the document that an entity is read from and written to."""
    return entity._access


class MemberView:
    """A set kept as one key per member, so that two people adding different ones both succeed."""

    def __init__(
        self, access: Access, shape: MemberSet, path: str, locate: "Callable[[], Map[Any]]"
    ) -> None:
        self._access = access
        self._shape = shape
        self._path = path
        self._locate = locate

    def __iter__(self) -> Iterator[str]:
        return iter(self._members())

    def _members(self) -> list[str]:
        prefix = self._shape.prefix + "/"
        with self._access.lock:
            keys = list(self._locate().keys())
        return sorted(key[len(prefix) :] for key in keys if key.startswith(prefix))

    def __contains__(self, member: object) -> bool:
        return member in self._members()

    def __len__(self) -> int:
        return len(self._members())

    def __repr__(self) -> str:
        return f"{{{', '.join(map(repr, self._members()))}}}"

    def __eq__(self, other: object) -> bool:
        return set(self._members()) == set(other) if isinstance(other, Iterable) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes under one's hands

    def add(self, member: str) -> None:
        """Put a member in."""
        key = self._key(member)
        with self._access.transaction():
            entity = self._locate()
            if key not in entity:
                entity[key] = True

    def discard(self, member: str) -> None:
        """Take a member out, if it is in."""
        key = self._key(member)
        with self._access.transaction():
            entity = self._locate()
            if key in entity:
                del entity[key]

    def set(self, members: Iterable[str]) -> None:
        """Make it these members, changing only what differs."""
        wanted = set(members)
        for member in wanted:
            self._key(member)
        with self._access.transaction():
            there = set(self._members())
            for member in sorted(there - wanted):
                self.discard(member)
            for member in sorted(wanted - there):
                self.add(member)

    def _key(self, member: str) -> str:
        return _member_key(self._shape, self._path, member)


def _member_key(shape: MemberSet, path: str, member: str) -> str:
    key = f"{shape.prefix}/{member}"
    if not shape.key.search(key):
        full = f"{path}/{key}"
        raise InvalidValue(f"{full}: expected an id, got {describe(member)}", full)
    return key


def record(shape: EntityShape, values: dict[str, Any]) -> dict[str, Any]:
    """Give an entity's plain values as Python means them: fields first, then all sets."""
    found: dict[str, Any] = {
        name: python_value(field, values[name])
        for name, field in shape.fields.items()
        if name in values
    }
    for name, members in shape.sets.items():
        prefix = members.prefix + "/"
        found[name] = sorted(key[len(prefix) :] for key in values if key.startswith(prefix))
    return found


def python_value(field: Field, value: Any) -> Any:
    """Give a value of the document as Python means it. What does not fit is given as it is."""
    if field.kind not in _CONVERTED or value is None or field.check(value) is not None:
        return value
    if field.kind == "integer":
        return int(value)
    if field.kind == "date":
        return datetime.date.fromisoformat(value)
    if field.kind == "list":
        return tuple(int(item) if isinstance(item, float) else item for item in value)
    if field.kind == "when":
        return When(*value)
    return value


def wire_value(shape: EntityShape, path: str, name: str, value: Any) -> Any:
    """Give a value as the document keeps it, None to take it out. Raises InvalidValue."""
    full = f"{path}/{name}"
    if name in shape.sets:
        return value
    field = shape.fields.get(name)
    if field is None:
        known = ", ".join((*shape.fields, *shape.sets))
        raise InvalidValue(f"{full}: expected one of the fields {known}", full)
    if value is None or (value is False and field.kind == "flag"):
        if name in shape.required:
            raise InvalidValue(f"{full}: expected a value, got None", full)
        return None
    try:
        wire = _plain(value, field)
    except InvalidValue as error:
        raise InvalidValue(f"{path}/{error}", full) from error
    expected = field.check(wire)
    if expected is not None:
        raise InvalidValue(f"{full}: expected {expected}, got {describe(value)}", full)
    return wire


def _plain(value: Any, field: Field) -> Any:
    if field.kind == "when":
        value = as_when(value)
    if isinstance(value, datetime.datetime):
        return value if field.kind != "date" else value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    if field.kind in _NUMBERS and hasattr(value, "item"):
        return value.item()  # a NumPy scalar
    return value


_CONVERTED: Final = frozenset({"integer", "date", "list", "when"})
_NUMBERS: Final = ("integer", "number")


def no_entity(path: str, known: Iterable[str]) -> UnknownEntity:
    """Make the error for an id that is not there, naming a few that are."""
    some = list(known)[:8]
    return UnknownEntity(f"{path} does not exist; there are {', '.join(some) or 'none'}")
