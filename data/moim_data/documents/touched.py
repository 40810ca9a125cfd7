"""Which registers a transaction set: paths copied in observers, read by nobody there.

An observer runs while the document is borrowed: reading the document's state in it panics, so it
does nothing but copy.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from pycrdt import Doc, Map, MapEvent

from moim_data.documents.shape import shape_of


class TouchedPaths:
    """Collects the paths that transactions on a document touch, until they are taken.

    A path is `root/id/field`, `root/id` for an entity made or removed, `info/field` for a root that
    is one entity. Documents of a kind without a schema give no paths.
    """

    def __init__(self, kind: str, doc: "Doc[Any]") -> None:
        self._paths: dict[str, None] = {}
        shape = shape_of(kind)
        roots = {name: doc.get(name, type=Map) for name in shape.roots} if shape else {}
        self._subscriptions = [
            (root, root.observe_deep(partial(self._collect, name))) for name, root in roots.items()
        ]

    def take(self) -> tuple[str, ...]:
        """Give what was touched since the last call, in the order it was."""
        paths = tuple(self._paths)
        self._paths.clear()
        return paths

    def close(self) -> None:
        """Stop listening."""
        for root, subscription in self._subscriptions:
            root.unobserve(subscription)
        self._subscriptions.clear()

    def _collect(self, root: str, events: Iterable[Any]) -> None:
        for event in events:
            self._paths.update(dict.fromkeys(_paths(root, event)))


def _paths(root: str, event: Any) -> Iterator[str]:
    parts = [root, *map(str, event.path)]
    is_map = isinstance(event, MapEvent)
    if is_map and len(parts) <= 2:
        for key in event.keys:
            yield "/".join([*parts, key])
    else:
        # text, or something deeper than the schema goes: the register it lies in
        yield "/".join(parts[:3])
