"""What a flush adds to the log of changes: the new value of each register that was set.

The log is for history, so what says nothing of it is left out: numbers and stamps that nobody is
told of, a place that is another one in the same column, and a text that is being typed, which has
one row a minute without its content.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from pycrdt import Doc, Map

from moim_data.documents.registers import bounded, entity_json, to_json
from moim_data.documents.shape import DocumentShape, Field
from moim_data.store import FieldWrite, LoggedChange

TYPING_MS: Final = 60_000
_MOST_REMEMBERED: Final = 10_000


class ChangeLog:
    """Makes the rows of one document, while the copy in memory is as the flush leaves it."""

    def __init__(self, shape: DocumentShape, doc: "Doc[Any]") -> None:
        self._shape = shape
        self._doc = doc
        self._typed_ms: dict[tuple[str, str], int] = {}
        """When a person's last row of a text was, by path and person."""
        self._told: dict[str, str] = {}
        """Of places: the part that counts, as it was logged last."""
        self._standing: list[LoggedChange] = []

    def begin(self, seq: int, at_ms: int) -> None:
        """Let the next rows come after all that stands now: the document is older than its log."""
        self._standing = [LoggedChange(seq, at_ms, "", "", "")]
        for name, root in self._shape.roots.items():
            values = self._doc.get(name, type=Map).to_py() or {}
            made = {name: values} if root.single else values
            for key, registers in made.items():
                if isinstance(registers, dict):
                    path = name if root.single else f"{name}/{key}"
                    value = entity_json(root.entity, registers)
                    self._standing.append(LoggedChange(seq, at_ms, "", path, value))

    def rows(self, writes: Iterable[FieldWrite], at_ms: int) -> tuple[LoggedChange, ...]:
        """Give the rows of a flush; `writes` in the order of their numbers."""
        written = list(writes)
        if not written:
            return ()
        with self._doc.transaction():  # one for all reads
            found = tuple(self._rows(written, at_ms))
        standing, self._standing = self._standing, []
        return (*standing, *found)

    def _rows(self, writes: list[FieldWrite], at_ms: int) -> Iterator[LoggedChange]:
        for write in writes:
            value = self._value(write, at_ms)
            if value is not None:
                yield LoggedChange(write.seq, at_ms, write.actor, write.path, value)

    def _value(self, write: FieldWrite, at_ms: int) -> str | None:
        """Give what the log says of a path; None: nothing."""
        name, _, rest = write.path.partition("/")
        root = self._shape.roots[name]
        holder: Any = self._doc.get(name, type=Map)
        if not root.single:
            key, slash, rest = rest.partition("/")
            holder = holder.get(key)
            if not slash:
                return entity_json(root.entity, holder.to_py()) if _is_map(holder) else "null"
        field = root.entity.register_of(rest)
        if field is not None and field.kind == "text":
            return "" if self._is_typed_anew(write, at_ms) else None
        value = to_json(holder.get(rest)) if _is_map(holder) else "null"
        return bounded(value) if self._is_told(write.path, field, value) else None

    def _is_typed_anew(self, write: FieldWrite, at_ms: int) -> bool:
        key = (write.path, write.actor)
        last_ms = self._typed_ms.get(key)
        if last_ms is not None and abs(at_ms - last_ms) < TYPING_MS:
            return False
        if len(self._typed_ms) >= _MOST_REMEMBERED:
            self._typed_ms.clear()
        self._typed_ms[key] = at_ms
        return True

    def _is_told(self, path: str, field: Field | None, value: str) -> bool:
        if field is None or field.told is True:
            return True
        if field.told is False:
            return False
        told = value.partition("|")[0]
        if self._told.get(path) == told:
            return False
        if len(self._told) >= _MOST_REMEMBERED:
            self._told.clear()
        self._told[path] = told
        return True


def _is_map(value: Any) -> bool:
    return isinstance(value, Map)
