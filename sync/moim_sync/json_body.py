"""The JSON in frames of `/sync`: an object as a string of lib0, and its members, checked.

What is not as expected raises MalformedMessage, what is too long OverLimit.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from moim_sync.errors import MalformedMessage, OverLimit
from moim_sync.lib0 import MAX_INTEGER, read_string, read_varuint, var_string

JSON_BYTES: Final = 16_384
_HEX_DIGITS: Final = frozenset("0123456789abcdef")


def json_body(body: Mapping[str, object]) -> bytes:
    """Encode an object."""
    return var_string(json.dumps(body, ensure_ascii=False, separators=(",", ":")))


def read_json(data: bytes, at: int, limit_bytes: int = JSON_BYTES) -> tuple[dict[str, Any], int]:
    """Give an object and the position after it."""
    size, _ = read_varuint(data, at)
    if size > limit_bytes:
        raise OverLimit(f"expected JSON of at most {limit_bytes} bytes, got {size}")
    text, at = read_string(data, at)
    try:
        body = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedMessage(f"expected JSON: {error}") from None
    if not isinstance(body, dict):
        raise MalformedMessage(f"expected a JSON object, got {short(body)}")
    return body, at


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def text(body: Mapping[str, Any], key: str) -> str:
    """Give a member that is a string."""
    value = body.get(key)
    if not isinstance(value, str) or not _is_unicode(value):
        raise MalformedMessage(f"expected {key} to be a string, got {short(value)}")
    return value


def _is_unicode(text: str) -> bool:
    """False for the half surrogates that JSON escapes can smuggle in and UTF-8 cannot hold."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def count(body: Mapping[str, Any], key: str) -> int:
    """Give a member that is an integer from 0 up."""
    value = body.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_INTEGER:
        return value
    raise MalformedMessage(f"expected {key} to be an integer from 0 up, got {short(value)}")


def seconds(body: Mapping[str, Any], key: str) -> float:
    """Give a member that is a time above 0 and below a day."""
    value = body.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 86_400:
        return value
    raise MalformedMessage(f"expected {key} to be seconds above 0, got {short(value)}")


def identity(body: Mapping[str, Any], key: str) -> bytes:
    """Give a member that is the 16 bytes of a replica or lineage."""
    value = body.get(key)
    if isinstance(value, str) and len(value) == 32 and set(value) <= _HEX_DIGITS:
        return bytes.fromhex(value)
    raise MalformedMessage(f"expected {key} to be 32 small hex digits, got {short(value)}")


def record(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Give a member that is an object."""
    value = body.get(key)
    if not isinstance(value, dict):
        raise MalformedMessage(f"expected {key} to be an object, got {short(value)}")
    return value


def short(value: object) -> str:
    """Give a value as an error quotes it."""
    text = ascii(value)
    return text if len(text) <= 40 else text[:40] + "..."
