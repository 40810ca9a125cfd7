"""The messages of y-websocket and y-protocols: what `/yjs` speaks, and presence on both doors.

Pure: bytes in, messages out, and back. A type this module does not know decodes to None, because
`/yjs` ignores it (PROTOCOL.md, Y1); a known type that is cut short raises MalformedMessage.
"""

from dataclasses import dataclass
from typing import Final

from moim_sync.errors import MalformedMessage
from moim_sync.lib0 import read_bytes, read_string, read_varuint, var_bytes, var_string, varuint


@dataclass(frozen=True, slots=True)
class SyncStep1:
    """What the other side has: send me what I lack."""

    state_vector: bytes


@dataclass(frozen=True, slots=True)
class SyncStep2:
    """The answer to SyncStep1."""

    update: bytes


@dataclass(frozen=True, slots=True)
class SyncUpdate:
    """An edit."""

    update: bytes


@dataclass(frozen=True, slots=True)
class Awareness:
    """States of people, as `decode_awareness` reads them."""

    update: bytes


@dataclass(frozen=True, slots=True)
class QueryAwareness:
    """Asks for the states of everybody."""


@dataclass(frozen=True, slots=True)
class AwarenessEntry:
    """The state of one client id: `state` is JSON text, `null` when it left."""

    client_id: int
    clock: int
    state: str


YMessage = SyncStep1 | SyncStep2 | SyncUpdate | Awareness | QueryAwareness


def decode_y_message(data: bytes) -> YMessage | None:
    """Give the message, or None for a type that is to be ignored."""
    try:
        kind, at = read_varuint(data, 0)
        if kind == 0:
            return _decode_sync(data, at)
        if kind == 1:
            update, at = read_bytes(data, at)
            _end(data, at)
            return Awareness(update)
    except IndexError:
        raise MalformedMessage(f"expected a whole message, got {len(data)} bytes") from None
    return QueryAwareness() if kind == 3 else None


def encode_sync_step1(state_vector: bytes) -> bytes:
    """Give the message that asks for what a state vector lacks."""
    return b"\x00\x00" + var_bytes(state_vector)


def encode_sync_step2(update: bytes) -> bytes:
    """Give the answer to SyncStep1."""
    return b"\x00\x01" + var_bytes(update)


def encode_sync_update(update: bytes) -> bytes:
    """Give the message that carries an edit."""
    return b"\x00\x02" + var_bytes(update)


def encode_awareness_message(update: bytes) -> bytes:
    """Give the message that carries an awareness update."""
    return b"\x01" + var_bytes(update)


def encode_permission_denied(reason: str) -> bytes:
    """Give the message of y-protocols that says why an edit was refused."""
    return b"\x02\x00" + var_string(reason)


QUERY_AWARENESS: Final = b"\x03"


def decode_awareness(update: bytes) -> list[AwarenessEntry]:
    """Give the entries of an awareness update; their JSON is not looked into."""
    try:
        count, at = read_varuint(update, 0)
        entries = []
        for _ in range(count):
            client_id, at = read_varuint(update, at)
            clock, at = read_varuint(update, at)
            state, at = read_string(update, at)
            entries.append(AwarenessEntry(client_id, clock, state))
    except IndexError:
        raise MalformedMessage(f"expected whole states, got {len(update)} bytes") from None
    _end(update, at)
    return entries


def encode_awareness(entries: list[AwarenessEntry]) -> bytes:
    """Give an awareness update of these entries."""
    parts = [varuint(len(entries))]
    for entry in entries:
        parts += (varuint(entry.client_id), varuint(entry.clock), var_string(entry.state))
    return b"".join(parts)


def _decode_sync(data: bytes, at: int) -> YMessage | None:
    step, at = read_varuint(data, at)
    if step > 2:
        return None
    body, at = read_bytes(data, at)
    _end(data, at)
    return (SyncStep1, SyncStep2, SyncUpdate)[step](body)


def _end(data: bytes, at: int) -> None:
    if at != len(data):
        raise MalformedMessage(f"expected a message of {at} bytes, got {len(data)}")
