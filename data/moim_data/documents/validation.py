"""Whether a document follows the schema of its kind.

`problems_at` looks at nothing but the paths an edit touched and is meant for every push; `problems`
looks at a whole document as plain data (`to_py`, JSON). Paths are `root/id/field`, `root/id` for an
entity made or removed as a whole, `info/field` for a root that is one entity.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc, Map, Text

from moim_data.documents.shape import EntityShape, RootShape, shape_of


@dataclass(frozen=True, slots=True)
class Problem:
    """A place in a document that does not follow the schema."""

    path: str
    expected: str
    got: str

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, got {self.got}"


def problems(kind: str, data: Mapping[str, Any]) -> list[Problem]:
    """Check a whole document given as plain data: root name to content."""
    shape = shape_of(kind)
    if shape is None:
        return []
    found: list[Problem] = []
    for name, content in data.items():
        root = shape.roots.get(name)
        if root is None:
            found.append(_unknown_root(name, shape.roots))
        elif not isinstance(content, Mapping):
            found.append(Problem(name, "a map", describe(content)))
        else:
            found.extend(_plain_root(root, content))
    return found


def problems_at(kind: str, doc: "Doc[Any]", paths: Iterable[str]) -> list[Problem]:
    """Check the touched paths of a live document, and that it has no unknown roots.

    Call it where the document may be read: under its lock, never inside an observer.
    """
    shape = shape_of(kind)
    if shape is None:
        return []
    unknown = [name for name in doc.keys() if name not in shape.roots]  # noqa: SIM118
    found = [_unknown_root(name, shape.roots) for name in unknown]
    for path in paths:
        name, _, rest = path.partition("/")
        root = shape.roots.get(name)
        if root is not None:
            found.extend(_live_path(root, doc.get(name, type=Map), rest))
            found.extend(_dangling(root, doc, rest))
    return found


def describe(value: object) -> str:
    """Give a value in few words, for a message."""
    if isinstance(value, str | int | float | bool | list | tuple | dict | None):
        text = ascii(value) if not isinstance(value, str) else repr(value)
        return text if len(text) <= 60 else text[:57] + "..."
    return f"a {type(value).__name__}"


def _unknown_root(name: str, roots: Mapping[str, RootShape]) -> Problem:
    return Problem(name, "one of the roots " + ", ".join(roots), "an unknown root")


def _plain_root(root: RootShape, content: Mapping[str, Any]) -> Iterator[Problem]:
    if root.single:
        yield from _entity(root.entity, root.name, content, live=False)
        return
    for key, values in content.items():
        path = f"{root.name}/{key}"
        expected = root.id_check(key)
        if expected is not None:
            yield Problem(path, f"an id: {expected}", describe(key))
        elif not isinstance(values, Mapping):
            yield Problem(path, "a map", describe(values))
        else:
            yield from _entity(root.entity, path, values, live=False)


def _live_path(root: RootShape, content: "Map[Any]", rest: str) -> Iterator[Problem]:
    if not rest:
        yield Problem(root.name, "changes of keys only", "another kind of shared type")
    elif root.single:
        yield from _live_field(root.entity, root.name, content, rest)
    else:
        key, _, field = rest.partition("/")
        yield from _live_entity(root, content, key, field)


def _dangling(root: RootShape, doc: "Doc[Any]", rest: str) -> Iterator[Problem]:
    """Find what names an entity that was never there; a deleted one still is."""
    key, _, touched = rest.partition("/")
    for field in root.entity.references:
        if root.single or touched not in ("", field.name) or field.refers is None:
            continue
        entity = doc.get(root.name, type=Map).get(key)
        value = entity.get(field.name) if isinstance(entity, Map) else None
        if not isinstance(value, str) or field.check(value) is not None:
            continue
        target = value.partition("|")[0]
        if target not in doc.get(field.refers, type=Map):
            path = f"{root.name}/{key}/{field.name}"
            yield Problem(path, f"the id of one of the {field.refers}", describe(target))


def _live_entity(root: RootShape, content: "Map[Any]", key: str, field: str) -> Iterator[Problem]:
    path = f"{root.name}/{key}"
    entity = content.get(key, _ABSENT)
    if entity is _ABSENT:
        return
    expected = root.id_check(key)
    if expected is not None:
        yield Problem(path, f"an id: {expected}", describe(key))
    elif not isinstance(entity, Map):
        yield Problem(path, "a Y.Map", describe(entity))
    elif field:
        yield from _live_field(root.entity, path, entity, field)
    else:
        values = {name: entity[name] for name in entity.keys()}  # noqa: SIM118
        yield from _entity(root.entity, path, values, live=True)


def _live_field(shape: EntityShape, path: str, entity: "Map[Any]", field: str) -> Iterator[Problem]:
    value = entity.get(field, _ABSENT)
    if value is not _ABSENT:
        yield from _value(shape, path, field, value, live=True)
    elif field in shape.required:
        yield Problem(f"{path}/{field}", "a value", "nothing")


def _entity(
    shape: EntityShape, path: str, values: Mapping[str, Any], live: bool
) -> Iterator[Problem]:
    for name in shape.required:
        if name not in values:
            yield Problem(f"{path}/{name}", "a value", "nothing")
    for name, value in values.items():
        yield from _value(shape, path, name, value, live)


def _value(
    shape: EntityShape, path: str, name: str, value: object, live: bool
) -> Iterator[Problem]:
    field = shape.fields.get(name)
    if live and field is not None and field.kind == "text":
        if not isinstance(value, Text):
            yield Problem(f"{path}/{name}", "a Y.Text", describe(value))
            return
        value = str(value)
    check = shape.check_of(name)
    if check is None:
        yield Problem(f"{path}/{name}", "a field of the schema", "an unknown field")
        return
    expected = check(value)
    if expected is not None:
        yield Problem(f"{path}/{name}", expected, describe(value))


_ABSENT = object()
