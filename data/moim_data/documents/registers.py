"""The registers of a document by their paths: `root/id/field`, `info/field` for a single entity."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pycrdt import Doc, Map

from moim_data.documents.shape import DocumentShape, EntityShape, Field, RootShape, shape_of
from moim_data.documents.validation import describe
from moim_data.errors import InvalidValue, UnknownEntity

MOST_TOLD_BYTES: Final = 8_192
"""Values over this size are not told with an edit."""


class Registers:
    """Reads and sets registers of a live document; call it under the document's lock."""

    def __init__(self, shape: DocumentShape, doc: "Doc[Any]") -> None:
        self._shape = shape
        self._doc = doc

    def field(self, path: str) -> Field | None:
        """Give what the schema says of a register; None for sets, entities and unknown paths."""
        root, key = self._split(path)
        return root.entity.register_of(key) if root and key else None

    def has(self, path: str) -> bool:
        """False for entities made or taken out whole, and for what the schema does not have."""
        root, key = self._split(path)
        return bool(root and key and root.entity.check_of(key))

    def value(self, path: str) -> Any:
        """Give a register's value, None when there is none; a text is not told."""
        value = self._found(path)
        return value if _is_plain(value) else None

    def as_json(self, path: str) -> str:
        """Give a register's value as JSON; empty for texts, sets, entities, and what is long."""
        if self.field(path) is None or not _is_plain(value := self._found(path)):
            return ""
        return bounded(to_json(value))

    def set(self, path: str, value: Any) -> None:
        """Set a register to a value of JSON; None takes it out.

        Raises:
            UnknownEntity: what it belongs to is not there.
            InvalidValue: the schema does not allow it; nothing was written.
        """
        root, key = self._split(path)
        field = self.field(path)
        if root is None or field is None or field.kind == "text":
            raise InvalidValue(f"{path}: expected a register of the schema", path)
        expected = None if value is None else field.check(value)
        if value is None and key in root.entity.required:
            expected = "a value"
        if expected is not None:
            raise InvalidValue(f"{path}: expected {expected}, got {describe(value)}", path)
        name, _, key = path.partition("/")
        entity = self._doc.get(name, type=Map)
        if not root.single:
            id, _, key = key.partition("/")
            entity = entity.get(id)
        if not isinstance(entity, Map):
            raise UnknownEntity(f"{path}: what it belongs to is not there any more")
        if value is not None:
            entity[key] = value
        elif key in entity:
            del entity[key]

    def _split(self, path: str) -> tuple[RootShape | None, str]:
        name, _, rest = path.partition("/")
        root = self._shape.roots.get(name)
        return root, rest if root is None or root.single else rest.partition("/")[2]

    def _found(self, path: str) -> Any:
        name, _, rest = path.partition("/")
        root = self._shape.roots.get(name)
        if root is None:
            return None  # asking the document for it would make it
        entity = self._doc.get(name, type=Map)
        if not root.single:
            key, _, rest = rest.partition("/")
            entity = entity.get(key)
        return entity.get(rest) if isinstance(entity, Map) else None


def to_json(value: Any) -> str:
    """Give a register's value as JSON, the same bytes as JavaScript's `JSON.stringify`."""
    return json.dumps(whole(value), ensure_ascii=False, separators=(",", ":"))


def entity_json(shape: EntityShape, registers: Mapping[str, Any]) -> str:
    """Give an entity without its texts as JSON; without its sets as well where it is too long."""
    texts = {name for name, field in shape.fields.items() if field.kind == "text"}
    kept = {name: value for name, value in registers.items() if name not in texts}
    return bounded(to_json(kept)) or bounded(
        to_json({name: value for name, value in kept.items() if name in shape.fields})
    )


def bounded(text: str) -> str:
    """Give what is not too long to be told, else nothing."""
    return text if len(text.encode()) <= MOST_TOLD_BYTES else ""


def whole(value: Any) -> Any:
    """Give a value without fractions of zero: numbers come out of pycrdt as floats."""
    if isinstance(value, list):
        return [whole(item) for item in value]
    if isinstance(value, dict):
        return {key: whole(item) for key, item in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | list)


def told_values(kind: str, doc: "Doc[Any]", paths: Iterable[str]) -> tuple[str, ...]:
    """Give what a PUSH tells of the registers it touched (sync/PROTOCOL.md P2)."""
    shape = shape_of(kind)
    if shape is None:
        return tuple("" for _ in paths)
    registers = Registers(shape, doc)
    return tuple(map(registers.as_json, paths))
