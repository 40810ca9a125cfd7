"""Which registers a program is about to set, so that a stale command is refused untouched."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pycrdt import Doc, Map

from moim_data.documents.shape import EntityShape, MemberSet, shape_of

Paths = Callable[["Doc[Any]"], Iterator[str]]


def writes(kind: str, root: str, id: str, values: Mapping[str, Any]) -> Paths:
    """Give what tells the registers that setting these fields of a thing changes.

    Of a set only the members that come or go are told, of a text nothing when it reads so already;
    nothing of a thing that is not there.
    """
    shape = shape_of(kind)
    assert shape is not None, f"{kind} has no schema"
    fields = shape.roots[root].entity

    def paths(doc: "Doc[Any]") -> Iterator[str]:
        entity = doc.get(root, type=Map).get(id)
        if isinstance(entity, Map):
            yield from (f"{root}/{id}/{key}" for key in _keys(fields, entity, values))

    return paths


def _keys(shape: EntityShape, entity: "Map[Any]", values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        field = shape.fields.get(name)
        if name in shape.sets:
            yield from _members(shape.sets[name], entity, value)
        elif field is None:
            continue
        elif field.kind == "text":
            if str(entity.get(name, "")) != (value or ""):
                yield name
        elif value is not None or name in entity:
            yield name


def _members(shape: MemberSet, entity: "Map[Any]", wanted: Any) -> Iterator[str]:
    if not isinstance(wanted, list):
        return  # no set at all: the work says so
    there = {key for key in entity.keys() if shape.key.search(key)}  # noqa: SIM118
    yield from sorted(there ^ {f"{shape.prefix}/{one}" for one in wanted})
