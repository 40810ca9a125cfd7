"""What a document says, in JSON: entities by their names in the schema, sets as sorted lists.

Values are those of the document: a date is `2026-11-27`, the time of an event `[start, end,
zone]` as `docs/documents.md` says, a note its text.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pycrdt import Doc, Map

from moim_data.documents.registers import whole
from moim_data.documents.shape import EntityShape, RootShape, shape_of
from moim_data.store import FieldWrite

DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class EntityChange:
    """What is new of one thing in a document."""

    entity: str
    """`card`, `column`, `event`, ...: the name of its root without the plural."""
    id: str
    """Empty for a root that is one thing, as `info`."""
    changes: Mapping[str, Any]
    """By field; None where it was taken out. All fields of what was made or brought back."""
    seq: int
    """The version of the document with the last of these changes."""
    person: str
    """Who made the last of them; empty where all that is there is told."""
    is_gone: bool = False
    """True when it is deleted, or is not there any more."""
    at_ms: int = 0
    """When the last of them was made, since 1970, UTC; 0 where that is not known."""
    now: Mapping[str, Any] = field(default_factory=dict)
    """All its fields, as `Content.entity` gives them; empty when it is not there any more."""


class Content:
    """Reads a document with a schema; make it and use it where the room may be read."""

    def __init__(self, kind: str, doc: "Doc[Any]") -> None:
        shape = shape_of(kind)
        assert shape is not None, f"{kind} has no schema"
        self._shape = shape
        self._doc = doc

    def changes(self, writes: Iterable[FieldWrite]) -> tuple[EntityChange, ...]:
        """Give what registers that were written are now, one change a thing, in their order."""
        found: dict[tuple[str, str], list[FieldWrite]] = {}
        for write in writes:
            name, _, rest = write.path.partition("/")
            root = self._shape.roots.get(name)
            if root is not None:
                key = "" if root.single else rest.partition("/")[0]
                found.setdefault((name, key), []).append(write)
        return tuple(
            self._change(self._shape.roots[name], key, group)
            for (name, key), group in found.items()
        )

    def everything(self, seq: int) -> tuple[EntityChange, ...]:
        """Give all that is there as if it had just been made; the document has this version."""
        found = []
        for shape in self._shape.roots.values():
            content = json.loads(str(self._doc.get(shape.name, type=Map)))
            entities = {"": content} if shape.single else content
            for key, values in entities.items():
                if isinstance(values, dict) and values and DELETED not in values:
                    fields = fields_of(shape.entity, values)
                    found.append(EntityChange(singular(shape.name), key, fields, seq, ""))
        return tuple(found)

    def entity(self, root: str, key: str) -> dict[str, Any] | None:
        """Give all fields of a thing, `id` first; None when it is not there."""
        shape = self._shape.roots[root]
        values = self._values(shape, key)
        return None if values is None else {"id": key, **fields_of(shape.entity, values)}

    def entities(self, root: str) -> list[dict[str, Any]]:
        """Give everything of a root that is not deleted, in no certain order."""
        shape = self._shape.roots[root]
        content = json.loads(str(self._doc.get(root, type=Map)))
        return [
            {"id": key, **fields_of(shape.entity, values)}
            for key, values in content.items()
            if isinstance(values, dict) and DELETED not in values
        ]

    def _change(self, root: RootShape, key: str, writes: list[FieldWrite]) -> EntityChange:
        last = max(writes, key=lambda write: write.seq)
        values = self._values(root, key)
        name = singular(root.name)
        if values is None:
            return EntityChange(name, key, {}, last.seq, last.actor, True, last.at_ms)
        now = fields_of(root.entity, values)
        # `root/id` says that it was made; `deleted` is gone when it was brought back
        names = {_field_name(root, write.path) for write in writes}
        if "" in names or (DELETED in names and DELETED not in now):
            changes = now
        else:
            changes = {told: now.get(told) for told in self._told(root.entity, names)}
        is_gone, whole = DELETED in now, {"id": key, **now}
        return EntityChange(name, key, changes, last.seq, last.actor, is_gone, last.at_ms, whole)

    @staticmethod
    def _told(shape: EntityShape, names: Iterable[str]) -> Iterator[str]:
        for name in sorted(names):
            yield name
            if name == "place" and (owner := _owner(shape)):
                yield owner

    def _values(self, root: RootShape, key: str) -> dict[str, Any] | None:
        top = self._doc.get(root.name, type=Map)
        found = top if root.single else top.get(key)
        if not isinstance(found, Map):
            return None
        values: dict[str, Any] = json.loads(str(found))
        return values


def singular(root: str) -> str:
    """Give what one thing of a root is called."""
    return root.removesuffix("s") if root != "info" else root


def fields_of(shape: EntityShape, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give an entity's fields in JSON: whole numbers without a fraction, sets as sorted lists."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        if not any(members.key.search(key) for members in shape.sets.values()):
            found[key] = whole(value)
    for name, members in shape.sets.items():
        prefix = members.prefix + "/"
        found[name] = sorted(key[len(prefix) :] for key in values if key.startswith(prefix))
    if isinstance(place := found.get("place"), str) and (owner := _owner(shape)):
        found[owner] = place.partition("|")[0]
    return found


def _owner(shape: EntityShape) -> str | None:
    """Give what a place is in: the `column` of a card, the `card` of a line; None: in nothing."""
    place = shape.fields.get("place")
    return None if place is None or place.refers is None else singular(place.refers)


def _field_name(root: RootShape, path: str) -> str:
    rest = path.partition("/")[2]
    key = rest if root.single else rest.partition("/")[2]
    for name, members in root.entity.sets.items():
        if members.key.search(key):
            return name
    return key
