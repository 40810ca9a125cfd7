"""The contents of Yjs items, passed over without building or recursing; the pre-scan's lower half.

Readers take the bytes and a position and give the position after. IndexError means that the bytes
end too early: the pre-scan catches it once.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from moim_sync.errors import MalformedUpdate, OverLimit
from moim_sync.lib0 import MAX_INTEGER
from moim_sync.scan_limits import ScanLimits


def read_number(data: bytes, at: int) -> tuple[int, int]:
    """Read a number of up to 8 bytes; lib0 never writes one longer than it needs to be."""
    value = data[at]
    if value < 0x80:
        return value, at + 1
    value &= 0x7F
    shift = 7
    while True:
        at += 1
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
        if shift > 49:
            raise MalformedUpdate(f"expected an integer of at most 8 bytes before byte {at}")
    if byte == 0 or value > MAX_INTEGER:
        raise MalformedUpdate(f"expected an integer up to 2^53 - 1 before byte {at + 1}")
    return value, at + 1


def read_string(data: bytes, at: int, most: int) -> tuple[str, int]:
    """Read UTF-8 of at most so many bytes."""
    size, start = read_number(data, at)
    at = start + size
    if size > most:
        raise OverLimit(f"expected a string of at most {most} bytes, got {size}")
    if at > len(data):
        raise MalformedUpdate(f"expected {size} bytes at byte {start}, got {len(data) - start}")
    try:
        return data[start:at].decode(), at
    except UnicodeDecodeError as error:
        raise MalformedUpdate(f"expected UTF-8 at byte {start}: {error.reason}") from None


def pass_key(data: bytes, at: int, limits: ScanLimits) -> int:
    """Pass over the name of a root, a map's key or an attribute; give the position after it."""
    return read_string(data, at, limits.key_bytes)[1]


_Content = Callable[[bytes, int, ScanLimits], tuple[int, int, int]]
"""Reads content; gives its length in clocks, the position after it and how deep it is nested."""


def _deleted(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    length, at = read_number(data, at)
    return length, at, 0


def _json_list(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    count, at = read_number(data, at)
    depth = 0
    for _ in range(count):
        text, at = read_string(data, at, limits.string_bytes)
        if text != "undefined":
            depth = max(depth, _json_depth(text, limits))
    return count, at, depth


def _binary(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    size, at = read_number(data, at)
    return 1, at + size, 0


def _text(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    text, at = read_string(data, at, limits.string_bytes)
    # Yjs counts UTF-16 code units: two for what lies beyond the basic plane.
    length = len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2
    return length, at, 0


def _embed(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    text, at = read_string(data, at, limits.string_bytes)
    return 1, at, _json_depth(text, limits)


def _format(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    return _embed(data, pass_key(data, at, limits), limits)


def _type(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    kind, at = read_number(data, at)
    if kind > 6:
        raise MalformedUpdate(f"expected a shared type 0-6, got {kind}")
    if kind in (3, 5):  # an XML element or hook bears its name
        at = pass_key(data, at, limits)
    return 1, at, 0


def _any_list(data: bytes, at: int, limits: ScanLimits) -> tuple[int, int, int]:
    if data[at : at + 2] == _ONE_STRING:
        return 1, read_string(data, at + 2, limits.string_bytes)[1], 0
    count, at = read_number(data, at)
    at, depth = _any(data, at, count, limits)
    return count, at, depth


_ONE_STRING: Final = b"\x01\x77"


CONTENT: Final[Mapping[int, _Content]] = {
    1: _deleted,
    2: _json_list,
    3: _binary,
    4: _text,
    5: _embed,
    6: _format,
    7: _type,
    8: _any_list,
}


def _any(data: bytes, at: int, left: int, limits: ScanLimits) -> tuple[int, int]:
    """Pass over `left` values of lib0's "any" encoding; give the end and the deepest nesting."""
    outer: list[tuple[int, bool]] = []
    keyed = False
    deepest = 0
    while True:
        while left == 0:
            if not outer:
                return at, deepest
            left, keyed = outer.pop()
        left -= 1
        if keyed:
            at = pass_key(data, at, limits)
        tag = data[at]
        at += 1
        if tag == 119:
            at = read_string(data, at, limits.string_bytes)[1]
        elif tag in _FIXED_SIZES:
            at += _FIXED_SIZES[tag]
        elif tag == 125:
            at = _varint(data, at)
        elif tag in (117, 118):
            outer.append((left, keyed))
            keyed = tag == 118
            left, at = read_number(data, at)
            deepest = max(deepest, len(outer))
            if deepest > limits.depth:
                raise OverLimit(f"expected nesting of at most {limits.depth} levels")
        elif tag == 116:
            size, at = read_number(data, at)
            at += size
        else:
            raise MalformedUpdate(f"expected a value's type 116-127 at byte {at - 1}, got {tag}")


_FIXED_SIZES: Final = {120: 0, 121: 0, 122: 8, 123: 8, 124: 4, 126: 0, 127: 0}
"""Bytes after the tags of true, false, bigint, double, float, null and undefined."""


def _varint(data: bytes, at: int) -> int:
    end = at + 8
    while data[at] >= 0x80:
        at += 1
        if at == end:
            raise MalformedUpdate(f"expected an integer of at most 8 bytes before byte {at}")
    return at + 1


def _json_depth(text: str, limits: ScanLimits) -> int:
    """Give how deep a JSON text is nested, at most; refuse what JSON.parse would throw on."""
    depth = text.count("[") + text.count("{")
    if depth > limits.depth:
        depth = _brackets(text, limits.depth)
    try:
        _JSON.decode(text)
    except ValueError as error:
        raise MalformedUpdate(f"expected JSON: {error}") from None
    return depth


def _brackets(text: str, most: int) -> int:
    depth = deepest = 0
    quoted = escaped = False
    for character in text:
        if quoted:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                quoted = False
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
            if depth > most:
                raise OverLimit(f"expected nesting of at most {most} levels")
        elif character in "]}":
            depth -= 1
    return deepest


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_JSON: Final = json.JSONDecoder(parse_constant=_no_constant)
