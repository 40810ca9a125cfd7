"""Long shared text, with Python's indices.

pycrdt counts UTF-8 bytes, JavaScript UTF-16 units, Python characters (code points). This is the one
place that translates, so that no edit can ever fall inside a character; raw `Text` is not used
elsewhere.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from pycrdt import Text

from moim_data.documents.access import Access
from moim_data.documents.shape import is_unicode
from moim_data.documents.text_operations import Splice, spliced
from moim_data.documents.validation import describe
from moim_data.errors import InvalidValue


class SharedText:
    """A Y.Text as one would use a `str`; edits by others shift nothing but what they touch.

    Args:
        locate: gives the Y.Text of the moment; called under the lock.
        check: gives what was expected when a whole new value is not allowed.
    """

    def __init__(
        self,
        access: Access,
        locate: Callable[[], Text],
        path: str,
        check: Callable[[object], str | None],
    ) -> None:
        self._access = access
        self._locate = locate
        self._path = path
        self._check = check

    def __str__(self) -> str:
        with self._access.lock:
            return str(self._locate())

    def __len__(self) -> int:
        return len(str(self))

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, str | SharedText) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes under one's hands

    def __repr__(self) -> str:
        return f"SharedText({str(self)!r})"

    def insert(self, index: int, text: str) -> None:
        """Put `text` before the character at `index`."""
        self.replace(index, index, text)

    def append(self, text: str) -> None:
        """Put `text` at the end."""
        with self._access.transaction():
            end = len(self)
            self.replace(end, end, text)

    def delete(self, start: int, stop: int) -> None:
        """Take the characters from `start` up to, not including, `stop` out."""
        self.replace(start, stop, "")

    def replace(self, start: int, stop: int, text: str) -> None:
        """Put `text` in the place of the characters from `start` up to `stop`.

        Raises:
            IndexError: not 0 <= start <= stop <= length.
            InvalidValue: the text would not be allowed.
        """
        if not is_unicode(text):
            raise InvalidValue(f"{self._path}: expected whole characters, got {text!r}", self._path)
        with self._access.transaction():
            length = len(self)
            if not 0 <= start <= stop <= length:
                raise IndexError(f"expected 0 <= start <= stop <= {length}, got {start}, {stop}")
            self.splice(lambda _: [Splice(start, stop, text)])

    def splice(self, plan: Callable[[str], Sequence[Splice]]) -> None:
        """Make several changes at once: all of them, or none when the text would not be allowed.

        Args:
            plan: gives the changes of the text as it is now, in order and apart from each other.

        Raises:
            InvalidValue: the text would not be allowed; and what `plan` raises.
        """
        with self._access.transaction():
            raw = self._locate()
            old = str(raw)
            changes = plan(old)
            self._require(spliced(old, changes))
            # from the end, so that no change moves the place of another
            for first, last, text in reversed(list(_in_bytes(old, changes))):
                if last > first:
                    del raw[first:last]
                if text:
                    raw.insert(first, text)

    def set(self, text: str) -> None:
        """Make it read `text`, changing only what lies between the equal start and end."""
        self._require(text)
        with self._access.transaction():
            old = str(self)
            start = _common(old, text)
            tail = _common(old[start:][::-1], text[start:][::-1])
            self.replace(start, len(old) - tail, text[start : len(text) - tail])

    def _require(self, text: str) -> None:
        expected = self._check(text)
        if expected is not None:
            message = f"{self._path}: expected {expected}, got {describe(text)}"
            raise InvalidValue(message, self._path)


def _in_bytes(text: str, changes: Iterable[Splice]) -> Iterator[tuple[int, int, str]]:
    """Give where changes begin and end in bytes, counting each part of the text once."""
    seen, seen_bytes = 0, 0
    for one in changes:
        first = seen_bytes + len(text[seen : one.start].encode())
        seen, seen_bytes = one.stop, first + len(text[one.start : one.stop].encode())
        yield first, seen_bytes, one.text


def plain(value: Any) -> Any:
    """Give what a map holds, a Y.Text as `str`."""
    return str(value) if isinstance(value, Text) else value


def _common(one: str, other: str) -> int:
    """Count the characters that both start with."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
