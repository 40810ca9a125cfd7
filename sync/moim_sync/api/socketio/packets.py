"""Socket.IO packets as this door takes them: events with JSON, in the one namespace `/`.

Binary attachments, other namespaces, and JSON that a browser could not read back (NaN, infinite
numbers, halves of surrogate pairs) are refused here, before anything else sees them.
"""

import json
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from socketio.packet import ACK, EVENT, Packet  # type: ignore[import-untyped]

RESERVED: Final = frozenset({"connect", "connect_error", "disconnect", "disconnecting"})
"""Names that clients give to what happens to them, and never send."""
_HEAD_CHARACTERS: Final = 24


class MalformedPacket(ValueError):
    """A packet that is none, or that this door does not take; says what was expected."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a client emitted; `ack_id` is None when it waits for no answer."""

    name: str
    arguments: tuple[Any, ...]
    ack_id: int | None


class StrictJson:
    """The JSON of packets, as python-socketio asks for it."""

    @staticmethod
    def dumps(value: Any, **options: Any) -> str:
        """Give the text; letters of any script as they are."""
        return json.dumps(value, ensure_ascii=False, allow_nan=False, **options)

    @staticmethod
    def loads(text: str) -> Any:
        """Give the value. Raises ValueError for what is no JSON everywhere."""
        try:
            value = _DECODER.decode(text)
            if "\\ud" in text or "\\uD" in text:
                json.dumps(value, ensure_ascii=False).encode()
        except RecursionError:
            raise MalformedPacket("expected JSON that is less deep") from None
        except UnicodeEncodeError:
            raise MalformedPacket("expected text, got half of a surrogate pair") from None
        return value


class StrictPacket(Packet):  # type: ignore[misc]
    """A packet with that JSON."""

    json = StrictJson


def decode_event(text: str) -> Event:
    """Read what a client emitted. Raises MalformedPacket."""
    try:
        packet = StrictPacket(encoded_packet=text)
    except MalformedPacket:
        raise
    except (ValueError, TypeError, IndexError) as error:
        raise MalformedPacket(f"expected an event, got {text[:_HEAD_CHARACTERS]!r}") from error
    if packet.packet_type != EVENT:
        raise MalformedPacket(f"expected an event (2), got a packet of type {packet.packet_type}")
    if packet.namespace not in (None, "/"):
        raise MalformedPacket(f"expected the namespace /, got {packet.namespace[:64]!r}")
    data = packet.data
    if not isinstance(data, list) or not data or not isinstance(data[0], str):
        raise MalformedPacket("expected the event's name and its payload")
    if data[0] in RESERVED:
        raise MalformedPacket(f"expected an event of this door, got the reserved {data[0]!r}")
    return Event(data[0], tuple(data[1:]), packet.id)


def encode_event(name: str, payload: Any) -> str:
    """Give the text of an event to a client."""
    text: str = StrictPacket(EVENT, [name, payload], binary=False).encode()
    return text


def encode_ack(ack_id: int, answer: Any) -> str:
    """Give the text of the answer to an event."""
    text: str = StrictPacket(ACK, [answer], id=ack_id, binary=False).encode()
    return text


def _refuse(constant: str) -> NoReturn:
    raise MalformedPacket(f"expected a number, got {constant}")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise MalformedPacket(f"expected a number that a double holds, got {digits[:32]}")
    return number


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)
