"""Edits of a text by index, as programs without a CRDT say them.

A list of operations walks over the text from its start: `{"retain": 5}` passes over five,
`{"insert": "word"}` puts something there, `{"delete": 3}` takes the next three out; what is left
stays. Counts are of a unit that is named with them, because languages count differently: JavaScript
UTF-16 units, Python code points, many others UTF-8 bytes. Nothing is cut inside a code point.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from moim_data.documents.shape import is_unicode
from moim_data.documents.validation import describe
from moim_data.errors import InvalidValue, SplitCharacter

MOST_OPERATIONS: Final = 500
MOST_INSERTED: Final = 100_000
"""Code points; no text of a document may be longer."""
_VERBS: Final = ("retain", "insert", "delete")


class Unit(StrEnum):
    """What is counted."""

    UTF16 = "utf16"
    CODE_POINTS = "codepoints"
    UTF8 = "utf8"

    @classmethod
    def read(cls, value: object) -> Self:
        """Take what a program says; None is UTF-16. Raises InvalidValue."""
        for unit in cls:
            if unit == ("utf16" if value is None else value):
                return unit
        message = f"unit: expected one of {', '.join(cls)}, got {describe(value)}"
        raise InvalidValue(message, "unit")

    def size(self, text: str) -> int:
        """Count a text."""
        if self is Unit.CODE_POINTS or text.isascii():
            return len(text)
        return len(text.encode("utf-16-le")) // 2 if self is Unit.UTF16 else len(text.encode())

    def code_points(self, text: str, start: int, size: int) -> int | None:
        """Give how many code points from `start` on are `size` units; None when it cuts one.

        There must be as many.
        """
        if self is Unit.CODE_POINTS or text.isascii():
            return size
        encoding, width = ("utf-16-le", 2) if self is Unit.UTF16 else ("utf-8", 1)
        # a code point takes a unit at least, so that so many of them hold all that is counted
        counted = text[start : start + size].encode(encoding)[: size * width]
        try:
            return len(counted.decode(encoding))
        except UnicodeDecodeError:
            return None


@dataclass(frozen=True, slots=True)
class Splice:
    """One place of a text that changes; the places are code points of the text before."""

    start: int
    stop: int
    text: str


@dataclass(frozen=True, slots=True)
class TextOperations:
    """Operations that were read and found to be some; whether they fit a text, the text says."""

    steps: tuple[tuple[str, int | str], ...]
    """A verb with its count or text, in order."""
    unit: Unit

    @classmethod
    def read(cls, operations: object, unit: object = None) -> Self:
        """Take what a program says. Raises InvalidValue with the path of what is wrong."""
        if not isinstance(operations, list):
            got = describe(operations)
            raise InvalidValue(f"operations: expected a list, got {got}", "operations")
        if len(operations) > MOST_OPERATIONS:
            raise InvalidValue(
                f"operations: expected at most {MOST_OPERATIONS}, got {len(operations)}",
                "operations",
            )
        steps = tuple(_step(one, f"operations/{at}") for at, one in enumerate(operations))
        inserted = sum(len(value) for _, value in steps if isinstance(value, str))
        if inserted > MOST_INSERTED:
            raise InvalidValue(
                f"operations: expected at most {MOST_INSERTED} characters, got {inserted}",
                "operations",
            )
        return cls(steps, Unit.read(unit))

    def as_json(self) -> list[dict[str, int | str]]:
        """Give what `read` takes."""
        return [{verb: value} for verb, value in self.steps]

    @property
    def inserts(self) -> bool:
        """True when they put something in."""
        return any(isinstance(value, str) and value for _, value in self.steps)

    def splices(self, text: str) -> list[Splice]:
        """Give what they change in a text, in order and apart from each other.

        Raises:
            InvalidValue: they go beyond its end.
            SplitCharacter: one of them begins or ends inside a code point.
        """
        return list(_joined(self._each(text)))

    def _each(self, text: str) -> Iterator[Splice]:
        place, left = 0, self.unit.size(text)
        for at, (verb, value) in enumerate(self.steps):
            if isinstance(value, str):
                yield Splice(place, place, value)
                continue
            path = f"operations/{at}"
            if value > left:
                message = f"{path}: expected at most {left} ({self.unit}) to {verb}, got {value}"
                raise InvalidValue(message, path)
            count = self.unit.code_points(text, place, value)
            if count is None:
                raise SplitCharacter(
                    f"{path}: expected to {verb} whole characters, but {value} ({self.unit}) end "
                    f"inside one; a character is never cut",
                    path,
                )
            if verb == "delete":
                yield Splice(place, place + count, "")
            place += count
            left -= value


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """Give a text with changes made."""
    parts, end = [], 0
    for one in splices:
        parts += [text[end : one.start], one.text]
        end = one.stop
    return "".join([*parts, text[end:]])


def _joined(splices: Iterable[Splice]) -> Iterator[Splice]:
    """Make one of those that touch each other."""
    last: Splice | None = None
    for one in splices:
        if last is not None and one.start == last.stop:
            last = Splice(last.start, one.stop, last.text + one.text)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _step(operation: object, path: str) -> tuple[str, int | str]:
    if not isinstance(operation, Mapping):
        raise _unknown(path, describe(operation))
    said: dict[str, Any] = {key: value for key, value in operation.items() if value is not None}
    if len(said) != 1 or (verb := next(iter(said))) not in _VERBS:
        raise _unknown(path, ", ".join(map(str, list(said)[:5])) or "nothing")
    value = said[verb]
    full = f"{path}/{verb}"
    if verb == "insert":
        if not isinstance(value, str):
            raise InvalidValue(f"{full}: expected a text, got {describe(value)}", full)
        if not is_unicode(value):
            raise SplitCharacter(f"{full}: expected whole characters, got half of one", full)
        return verb, value
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # JavaScript has no other numbers
    if type(value) is not int or value < 0:
        raise InvalidValue(f"{full}: expected a count, got {describe(value)}", full)
    return verb, value


def _unknown(path: str, got: str) -> InvalidValue:
    return InvalidValue(f"{path}: expected one of retain, insert and delete, got {got}", path)
