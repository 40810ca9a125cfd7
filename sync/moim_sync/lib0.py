"""The variable-length encodings of lib0 that Yjs and PROTOCOL.md are made of.

Readers take the bytes and a position and give the value and the position after it. They let
IndexError pass when the bytes end inside a number: a decoder catches it once, at its rim.
"""

from moim_sync.errors import MalformedMessage

MAX_INTEGER = 2**53 - 1
"""The greatest integer that JavaScript holds exactly."""


def read_varuint(data: bytes, at: int) -> tuple[int, int]:
    """Give an unsigned integer of 1-8 bytes, at most 2^53 - 1, and the position after it."""
    byte = data[at]
    if byte < 0x80:
        return byte, at + 1
    value = byte & 0x7F
    shift = 7
    while byte >= 0x80:
        at += 1
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift += 7
        if shift > 56:
            raise MalformedMessage(f"expected a varuint of at most 8 bytes before byte {at + 1}")
    if value > MAX_INTEGER:
        raise MalformedMessage(f"expected an integer up to 2^53 - 1 before byte {at + 1}")
    return value, at + 1


def read_bytes(data: bytes, at: int) -> tuple[bytes, int]:
    """Give length-prefixed bytes and the position after them."""
    size, start = read_varuint(data, at)
    end = start + size
    if end > len(data):
        raise MalformedMessage(f"expected {size} bytes at byte {start}, got {len(data) - start}")
    return data[start:end], end


def read_string(data: bytes, at: int) -> tuple[str, int]:
    """Give a length-prefixed UTF-8 string and the position after it."""
    raw, end = read_bytes(data, at)
    try:
        return raw.decode(), end
    except UnicodeDecodeError as error:
        raise MalformedMessage(f"expected UTF-8 at byte {end - len(raw)}: {error.reason}") from None


def varuint(value: int) -> bytes:
    """Encode an unsigned integer up to 2^53 - 1."""
    if 0 <= value < 0x80:
        return _SINGLE[value]
    if not 0 <= value <= MAX_INTEGER:
        raise ValueError(f"expected an integer from 0 to 2^53 - 1, got {value}")
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(0x80 | (value & 0x7F))
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def var_bytes(data: bytes) -> bytes:
    """Encode bytes with their length in front."""
    return varuint(len(data)) + data


def var_string(text: str) -> bytes:
    """Encode a string as UTF-8 with its byte length in front."""
    return var_bytes(text.encode())


_SINGLE = tuple(bytes((value,)) for value in range(0x80))
