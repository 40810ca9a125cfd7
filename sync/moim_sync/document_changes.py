"""What changes in a document, register by register, with the value before and after.

Only what a transaction touched is read again, so that a large document costs no more to follow than
a small one. Changes of one register between two looks are one change.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc, Map, Text, TransactionEvent

from moim_data.documents.registers import whole
from moim_data.documents.shape import DocumentShape
from moim_data.documents.touched import TouchedPaths
from moim_sync.state_vector import decode_state_vector

Content = dict[str, dict[str, Any]]
"""Root maps by name, as plain values."""


@dataclass(frozen=True, slots=True)
class Change:
    """One register that has another value now, or one entity made or taken out whole."""

    path: str
    """`root/id/field`, `info/field`; `root/id` for an entity."""
    old: Any
    """As plain values; None where there was none."""
    new: Any
    clients: frozenset[int] = frozenset()
    """The client ids that wrote in the same transactions: one of them made the change."""


class DocumentChanges:
    """Follows a live document of a kind with a schema; use it under the document's lock."""

    def __init__(self, shape: DocumentShape, doc: "Doc[Any]") -> None:
        self._doc = doc
        self._single = {name for name, root in shape.roots.items() if root.single}
        self.content: Content = {
            name: whole(doc.get(name, type=Map).to_py() or {}) for name in shape.roots
        }
        """The document as of the last `take`."""
        self._writers: dict[str, frozenset[int]] = {}
        self._touched = TouchedPaths(shape.kind, doc)
        self._subscription = doc.observe(self._note)

    def take(self) -> list[Change]:
        """Give what has changed since the last call, entities before their registers."""
        writers, self._writers = self._writers, {}
        found = []
        for path in sorted(writers, key=lambda path: path.count("/")):
            holder, key, new = self._now(path)
            old = holder.get(key)
            if old == new:
                continue
            if new is None:
                del holder[key]
            else:
                holder[key] = new
            found.append(Change(path, old, new, writers[path]))
        return found

    def close(self) -> None:
        """Stop listening."""
        self._touched.close()
        self._doc.unobserve(self._subscription)

    def _note(self, event: TransactionEvent) -> None:
        # runs while the document is borrowed, after the observers of its maps: copies only
        paths = self._touched.take()
        if paths:
            # its type stub leaves both states out
            before, after = event.before_state, event.after_state  # type: ignore[attr-defined]
            clients = frozenset(_grown(before, after))
            for path in paths:
                self._writers[path] = self._writers.get(path, frozenset()) | clients

    def _now(self, path: str) -> tuple[dict[str, Any], str, Any]:
        """Give where `content` keeps a path, under which key, and its value in the document."""
        name, _, rest = path.partition("/")
        holder: dict[str, Any] = self.content[name]
        here: Any = self._doc.get(name, type=Map)
        if name not in self._single and "/" in rest:
            key, _, rest = rest.partition("/")
            holder, here = holder.get(key, {}), here.get(key)
        return holder, rest, _plain(here.get(rest)) if isinstance(here, Map) else None


def changes_between(old: Content, new: Content, shape: DocumentShape) -> list[Change]:
    """Compare two documents of one kind."""
    found = []
    for name, root in shape.roots.items():
        before, now = old.get(name, {}), new.get(name, {})
        for key, one, other in _differences(before, now):
            if root.single or one is None or other is None:
                found.append(Change(f"{name}/{key}", one, other))
            else:
                inner = _differences(one, other)
                found += [Change(f"{name}/{key}/{field}", *values) for field, *values in inner]
    return found


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for key in {**old, **new}:
        if old.get(key) != new.get(key):
            yield key, old.get(key), new.get(key)


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return str(value)
    return whole(value.to_py() if isinstance(value, Map) else value)


def _grown(before: bytes, after: bytes) -> Iterator[int]:
    known = decode_state_vector(before)
    for client, clock in decode_state_vector(after).items():
        if clock > known.get(client, 0):
            yield client
