"""The id of the series that begins where another one is cut; as `splitId` of `core/series.ts`."""

import re
from typing import Final

_LONGEST: Final = 64
_HASH_LENGTH: Final = 13
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def split_id(event: str, recurrence_id: str) -> str:
    """Give the same slug to everybody who cuts a series at the same event."""
    tail = re.sub("[-:]", "", recurrence_id)
    if len(event) + 1 + len(tail) <= _LONGEST:
        return f"{event}-{tail}"
    head = event[: _LONGEST - _HASH_LENGTH - len(tail) - 2]
    return f"{head}-{_hashed(event)}-{tail}"


def _hashed(text: str) -> str:
    """FNV-1a, 64 bits, in base 36: as short as TypeScript can have it without waiting."""
    number = 0xCBF29CE484222325
    for byte in text.encode():
        number = ((number ^ byte) * 0x100000001B3) % 2**64
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits.rjust(_HASH_LENGTH, "0")
