"""Where an entity stands in its order: base-62 fractions with jitter.

A key is a fraction written in the digits `0-9A-Za-z` without its "0." and never ends in `0`, so
that plain string order is numeric order. A new key is drawn at random from the gap between its
neighbours: two people who insert at one spot get different keys. At an open end it is a small
random step beyond the last key, so that thousands of cards added one after another stay short. A
card's register is `<column id>|<key>`. `core/place.ts` does the same; both are held to
`tests/vectors/place.json`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

Random = Callable[[], float]
"""Gives a number in [0, 1), as `random.random` does."""

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LONGEST = 48
"""A key longer than this is not written; its neighbours move apart instead."""

_BASE = len(DIGITS)
_VALUES = {digit: value for value, digit in enumerate(DIGITS)}
_ROOM = _BASE**3
_OPEN_DIGITS = 6
_REKEYED_LONGEST = LONGEST // 2
_KEY = re.compile(r"[0-9A-Za-z]*[1-9A-Za-z]")


class Place(NamedTuple):
    """A card's column and its key in there."""

    column: str
    key: str


class Insertion(NamedTuple):
    """The key of what is inserted, and new keys of neighbours (by index) that had to move apart."""

    key: str
    rekeyed: Mapping[int, str]


def is_key(text: str) -> bool:
    """Tell whether `text` is a place key."""
    return _KEY.fullmatch(text) is not None


def split(place: str) -> Place:
    """Take `<column id>|<key>` apart."""
    column, bar, key = place.partition("|")
    if not (column and bar and is_key(key)):
        raise ValueError(f"expected '<column id>|<place key>', got {place!r}")
    return Place(column, key)


def join(column: str, key: str) -> str:
    """Put a column id and a key together into one register."""
    return f"{column}|{key}"


def between(before: str | None, after: str | None, random: Random) -> str:
    """Give a key strictly between two others; None is the open end."""
    return _draw(before, after, random).rstrip("0")


def keys_between(before: str | None, after: str | None, count: int, random: Random) -> list[str]:
    """Give `count` rising keys under one random prefix: two bulk inserts never interleave."""
    if count == 0:
        return []
    prefix = _draw(before, after, random)
    width = 1
    while _BASE**width < _BASE * (count + 1):
        width += 1
    step = _BASE**width
    numbers = ((index + 1) * step // (count + 1) for index in range(count))
    return [(prefix + _written(number, width)).rstrip("0") for number in numbers]


def insert_at(keys: Sequence[str], index: int, random: Random) -> Insertion:
    """Give the key for an insertion before `keys[index]`, `keys` being in order.

    Equal neighbours (two people drew the same key) and keys over LONGEST are repaired here: the
    smallest run of neighbours that gets short keys again is re-keyed.
    """
    if _rising(keys, index, index):
        key = between(*_ends(keys, index, index), random)
        if len(key) <= LONGEST:
            return Insertion(key, {})
    reach = 1
    while True:
        low, high = max(0, index - reach), min(len(keys), index + reach)
        if _rising(keys, low, high):
            fresh = keys_between(*_ends(keys, low, high), high - low + 1, random)
            if max(map(len, fresh)) <= _REKEYED_LONGEST or (low, high) == (0, len(keys)):
                return _rekeyed(fresh, low, index)
        reach *= 2


def _rekeyed(fresh: list[str], low: int, index: int) -> Insertion:
    own = index - low
    others = fresh[:own] + fresh[own + 1 :]
    return Insertion(fresh[own], {low + offset: key for offset, key in enumerate(others)})


def _ends(keys: Sequence[str], low: int, high: int) -> tuple[str | None, str | None]:
    return (keys[low - 1] if low > 0 else None, keys[high] if high < len(keys) else None)


def _rising(keys: Sequence[str], low: int, high: int) -> bool:
    before, after = _ends(keys, low, high)
    return before is None or after is None or before < after


def _draw(before: str | None, after: str | None, random: Random) -> str:
    """Draw digits strictly between the ends; trailing zeros are kept.

    Whatever is appended to the digits still sorts before `after`, as `after` is at least one unit
    of the last digit away.
    """
    _check_ends(before, after)
    draw = int(random() * 2**32)
    length = 1 if (before is None) == (after is None) else _OPEN_DIGITS
    while True:
        low = _number(before or "", length)
        high = _BASE**length if after is None else _number(after, length)
        gap = high - low
        if (before is None) == (after is None):
            if gap >= _ROOM:
                return _written(low + gap // 4 + ((gap // 2 * draw) >> 32), length)
        elif gap > 2 * _ROOM:
            step = 1 + ((_ROOM * draw) >> 32)
            return _written(low + step if after is None else high - step, length)
        length += 1


def _check_ends(before: str | None, after: str | None) -> None:
    for key in (before, after):
        if key is not None and not is_key(key):
            raise ValueError(f"expected a base-62 key that does not end in 0, got {key!r}")
    if before is not None and after is not None and before >= after:
        raise ValueError(f"expected before < after, got {before!r} and {after!r}")


def _number(key: str, length: int) -> int:
    number = 0
    for digit in key[:length].ljust(length, "0"):
        number = number * _BASE + _VALUES[digit]
    return number


def _written(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, value = divmod(number, _BASE)
        digits.append(DIGITS[value])
    return "".join(reversed(digits))
