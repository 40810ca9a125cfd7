"""A root map of entities as a Python mapping, in the order people see."""

import json
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from secrets import SystemRandom
from time import time
from typing import Any, Generic, TypeVar

from pycrdt import Doc, Map, Text

from moim_data.documents.access import Access
from moim_data.documents.entity import Entity, no_entity, record, wire_value
from moim_data.documents.place import Random, insert_at, is_key, join, keys_between
from moim_data.documents.shape import RootShape
from moim_data.errors import InvalidValue

E = TypeVar("E", bound=Entity)

ID_CHARACTERS = string.ascii_letters + string.digits
ID_LENGTH = 12
ROWS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, when, and with which luck: everything that is not in the document."""

    person: Callable[[], str | None] = lambda: None
    """The id of the person, None while nobody has said who that is."""
    clock: Callable[[], float] = time
    """Seconds since 1970, UTC."""
    random: Random = field(default_factory=lambda: SystemRandom().random)

    def new_id(self) -> str:
        """Draw an id nobody else has."""
        size = len(ID_CHARACTERS)
        return "".join(ID_CHARACTERS[int(self.random() * size)] for _ in range(ID_LENGTH))

    def now_ms(self) -> int:
        """The time as documents keep it."""
        return int(self.clock() * 1000)

    def stamp(self) -> tuple[str, int]:
        """Who and when."""
        return (self.person() or "unknown", self.now_ms())


class Entities(Generic[E]):
    """The entities of one root map; iterating gives ids in order, without deleted ones."""

    def __init__(self, access: Access, root: RootShape, view: type[E], author: Author) -> None:
        self._access = access
        self._root = root
        self._view = view
        self._author = author
        self._of: tuple[Doc[Any], Map[Any]] | None = None

    def __getitem__(self, key: str) -> E:
        with self._access.lock:
            if not isinstance(self._map().get(key), Map):
                raise no_entity(f"{self._root.name}/{key}", self)
        return self._entity(key)

    def __contains__(self, key: object) -> bool:
        with self._access.lock:
            return isinstance(key, str) and key in self._map()

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids())

    def __len__(self) -> int:
        return len(self.ids())

    def ids(self) -> list[str]:
        """Give the ids in order, without deleted ones."""
        with self._access.lock:
            found = [
                (self._rank(entity), key)
                for key, entity in self._map().items()
                if isinstance(entity, Map) and "deleted" not in entity
            ]
        return [key for _, key in sorted(found)]

    def __repr__(self) -> str:
        rows = self.records()
        shown = [f"  {row['id']}  {self._line(row)}" for row in rows[:ROWS_SHOWN]]
        more = ["  ..."] if len(rows) > ROWS_SHOWN else []
        return "\n".join([f"{self._root.name}: {len(rows)}", *shown, *more])

    def values(self) -> list[E]:
        """Give the entities in order, without deleted ones."""
        return [self._entity(key) for key in self.ids()]

    def named(self, name: str) -> E:
        """Give the entity of this id, else the first of this name or title.

        Raises:
            UnknownEntity: none is called so.
        """
        with self._access.lock:
            if name in self:
                return self[name]
            names = {row["id"]: self._called(row) for row in self.records()}
        for key, known in names.items():
            if known == name:
                return self[key]
        raise no_entity(f"{self._root.name}/{name}", names.values())

    def records(self) -> list[dict[str, Any]]:
        """Give every entity as `Entity.to_dict` does, in order, read at one moment."""
        with self._access.lock:
            # pycrdt's JSON is made in one call; `to_py` makes several for every field
            content = json.loads(str(self._map()))
        kept = {
            key: value
            for key, value in content.items()
            if isinstance(value, dict) and "deleted" not in value
        }
        order = sorted(kept, key=lambda key: (self._rank(kept[key]), key))
        return [{"id": key, **record(self._root.entity, kept[key])} for key in order]

    def delete(self, key: str) -> None:
        """Mark as deleted; what others write meanwhile is kept, and it can be restored."""
        self[key].deleted = self._author.stamp()

    def restore(self, key: str) -> None:
        """Take the mark of deletion back."""
        self[key].deleted = None

    def _called(self, row: dict[str, Any]) -> str:
        """Give what an entity is called, of its `to_dict`."""
        return str(row.get("title", row.get("name")))

    def _line(self, row: dict[str, Any]) -> str:
        """Give what is listed of it beside its id, for people."""
        return self._called(row)

    def _rank(self, entity: "Map[Any] | dict[str, Any]") -> Any:
        """Give what entities are sorted by; ties go by id."""
        return str(entity.get("place", ""))

    def _make(self, key: str | None, values: dict[str, Any]) -> E:
        """Make an entity with the values given, texts included, in one transaction."""
        return self._make_all([(key, values)])[0]

    def _make_all(self, entities: Sequence[tuple[str | None, dict[str, Any]]]) -> list[E]:
        """Make entities in one transaction: all of them, or none when one is not allowed."""
        with self._access.transaction():
            made: dict[str, dict[str, Any]] = {}
            for wanted, values in entities:
                key = self._author.new_id() if wanted is None else wanted
                path = f"{self._root.name}/{key}"
                expected = self._root.id_check(key)
                if expected is not None:
                    raise InvalidValue(f"{path}: expected an id: {expected}, got {key!r}", path)
                if key in made or key in self._map():
                    raise InvalidValue(f"{path}: expected a new id, got one that exists", path)
                made[key] = self._content(path, values)
            for key, content in made.items():
                self._map()[key] = Map(content)
        return [self._entity(key) for key in made]

    def _content(self, path: str, values: dict[str, Any]) -> dict[str, Any]:
        shape = self._root.entity
        content: dict[str, Any] = {}
        for name in shape.required:
            if values.get(name) is None:
                raise InvalidValue(f"{path}/{name}: expected a value, got None", f"{path}/{name}")
        for name, value in values.items():
            wire = wire_value(shape, path, name, value)
            if name in shape.sets:
                content.update({f"{shape.sets[name].prefix}/{one}": True for one in value})
            elif wire is not None:
                content[name] = wire
        for name, one in shape.fields.items():
            if one.kind == "text":
                content[name] = Text(content.get(name, ""))
        for name in content:
            if shape.check_of(name) is None:
                raise InvalidValue(f"{path}/{name}: expected an id", f"{path}/{name}")
        return content

    def _entity(self, key: str) -> E:
        return self._view(
            self._access, self._root.entity, f"{self._root.name}/{key}", lambda: self._raw(key)
        )

    def _raw(self, key: str) -> "Map[Any]":
        found = self._map().get(key)
        if not isinstance(found, Map):
            raise no_entity(f"{self._root.name}/{key}", self)
        return found

    def _map(self) -> "Map[Any]":
        doc = self._access.doc
        if self._of is None or self._of[0] is not doc:
            # a document can be replaced as a whole, when the server has another under its name
            self._of = (doc, doc.get(self._root.name, type=Map))
        return self._of[1]


class OrderedEntities(Entities[E]):
    """Entities with a `place` that is a key of its own."""

    def add(self, *, id: str | None = None, before: str | None = None, **values: Any) -> E:
        """Make an entity before another, or at the end. Raises InvalidValue."""
        with self._access.transaction():
            values["place"] = self._key_before(before, None)
            return self._make(id, values)

    def move(self, key: str, before: str | None = None) -> None:
        """Put an entity before another, or at the end."""
        with self._access.transaction():
            self[key].place = self._key_before(before, key)

    def _key_before(self, before: str | None, moved: str | None) -> str:
        order = [entity for entity in self.values() if entity.id != moved]
        index = index_before(self._root.name, [entity.id for entity in order], before)
        insertion = insert_at([entity.place for entity in order], index, self._author.random)
        for other, place in insertion.rekeyed.items():
            order[other].place = place
        return insertion.key


class PlacedEntities(Entities[E]):
    """Entities whose `place` is `<owner>|<key>`, one register: cards in columns, items on cards."""

    def _place_before(self, owner: str, before: str | None, moved: str | None) -> str:
        """Give the place before another, or at the end; others get new keys where they must."""
        order = [(key, one) for key, one in self._order(owner) if one != moved]
        index = index_before(self._where(owner), [one for _, one in order], before)
        insertion = insert_at([key for key, _ in order], index, self._author.random)
        for other, key in insertion.rekeyed.items():
            self[order[other][1]].place = join(owner, key)
        return join(owner, insertion.key)

    def _keys_before(self, owner: str, before: str | None, count: int) -> list[str]:
        order = self._order(owner)
        index = index_before(self._where(owner), [one for _, one in order], before)
        low = order[index - 1][0] if index else None
        # two entities may have drawn the same key: then these go behind both
        higher = (key for key, _ in order[index:] if low is None or key > low)
        return keys_between(low, next(higher, None), count, self._author.random)

    def _order(self, owner: str) -> list[tuple[str, str]]:
        """Give (place key, id) of what an owner has, in order."""
        start = owner + "|"
        places = (
            (str(entity.get("place", "")), key)
            for key, entity in self._map().items()
            if isinstance(entity, Map) and "deleted" not in entity
        )
        found = ((place[len(start) :], key) for place, key in places if place.startswith(start))
        return sorted((place, key) for place, key in found if is_key(place))

    def _where(self, owner: str) -> str:
        return f"{owner}: {self._root.name}"


def index_before(path: str, ids: Sequence[str], before: str | None) -> int:
    """Give where to insert: at an id, or at the end. Raises UnknownEntity."""
    if before is None:
        return len(ids)
    if before not in ids:
        raise no_entity(f"{path}/{before}", ids)
    return ids.index(before)
