"""Messages about what is in a document: edits, their acknowledgement, and presence."""

from dataclasses import replace
from typing import Final

from moim_sync.errors import MalformedMessage, OverLimit
from moim_sync.lib0 import read_bytes, read_string, read_varuint, var_bytes, var_string, varuint
from moim_sync.message_types import (
    ACK,
    PRESENCE,
    PUSH,
    PUSH_FOR,
    RESYNC,
    SYNC,
    UPDATE,
    Bodies,
    Decoders,
    document_channel,
)
from moim_sync.messages import Ack, Presence, Push, Resync, Sync, Update

TOUCHED_PATHS: Final = 256
TOUCHED_PATH_BYTES: Final = 256
PERSON_BYTES: Final = 128
TOUCHED_VALUE_BYTES: Final = 8_192


def _read_sync(data: bytes, at: int, channel: int) -> tuple[Sync, int]:
    document_channel(channel, "SYNC")
    step, at = read_varuint(data, at)
    if step != 1:
        raise MalformedMessage(f"expected step 1 (SyncStep2) in SYNC, got {step}")
    update, at = read_bytes(data, at)
    return Sync(channel, update), at


def _read_presence(data: bytes, at: int, channel: int) -> tuple[Presence, int]:
    document_channel(channel, "PRESENCE")
    update, at = read_bytes(data, at)
    return Presence(channel, update), at


def _read_push(data: bytes, at: int, channel: int) -> tuple[Push, int]:
    document_channel(channel, "PUSH")
    cs, at = read_varuint(data, at)
    if cs == 0:
        raise MalformedMessage("expected cs from 1 up in PUSH, got 0")
    base_seq, at = read_varuint(data, at)
    count, at = read_varuint(data, at)
    if count > TOUCHED_PATHS:
        raise OverLimit(f"expected at most {TOUCHED_PATHS} touched paths, got {count}")
    touched, values = [], []
    for _ in range(count):
        path, at = _read_short_string(data, at, TOUCHED_PATH_BYTES)
        value, at = _read_short_string(data, at, TOUCHED_VALUE_BYTES)
        touched.append(path)
        values.append(value)
    update, at = read_bytes(data, at)
    told = tuple(values) if any(values) else ()
    return Push(channel, cs, base_seq, tuple(touched), update, told), at


def _read_push_for(data: bytes, at: int, channel: int) -> tuple[Push, int]:
    person, at = _read_short_string(data, at, PERSON_BYTES)
    if not person:
        raise MalformedMessage("expected a person in PUSH_FOR, got none")
    push, at = _read_push(data, at, channel)
    return replace(push, person=person), at


def _read_short_string(data: bytes, at: int, limit_bytes: int) -> tuple[str, int]:
    size, _ = read_varuint(data, at)
    if size > limit_bytes:
        raise OverLimit(f"expected paths and values up to {limit_bytes} bytes, got {size}")
    return read_string(data, at)


def _read_ack(data: bytes, at: int, channel: int) -> tuple[Ack, int]:
    document_channel(channel, "ACK")
    cs, at = read_varuint(data, at)
    seq, at = read_varuint(data, at)
    return Ack(channel, cs, seq), at


def _read_update(data: bytes, at: int, channel: int) -> tuple[Update, int]:
    document_channel(channel, "UPDATE")
    seq, at = read_varuint(data, at)
    update, at = read_bytes(data, at)
    return Update(channel, seq, update), at


def _read_resync(data: bytes, at: int, channel: int) -> tuple[Resync, int]:
    document_channel(channel, "RESYNC")
    reason, at = read_string(data, at)
    state_vector, at = read_bytes(data, at)
    return Resync(channel, reason, state_vector), at


def _push_body(message: Push) -> tuple[int, int, bytes]:
    head = varuint(message.cs) + varuint(message.base_seq) + varuint(len(message.touched))
    values = message.values or ("",) * len(message.touched)
    pairs = zip(message.touched, values, strict=True)
    touched = b"".join(var_string(path) + var_string(value) for path, value in pairs)
    body = head + touched + var_bytes(message.update)
    if message.person:
        return message.channel, PUSH_FOR, var_string(message.person) + body
    return message.channel, PUSH, body


FROM_CLIENT: Final[Decoders] = {
    PUSH: _read_push,
    PUSH_FOR: _read_push_for,
    PRESENCE: _read_presence,
}
FROM_SERVER: Final[Decoders] = {
    UPDATE: _read_update,
    ACK: _read_ack,
    PRESENCE: _read_presence,
    SYNC: _read_sync,
    RESYNC: _read_resync,
}
BODIES: Final[Bodies] = {
    Push: _push_body,
    Sync: lambda m: (m.channel, SYNC, b"\x01" + var_bytes(m.update)),
    Presence: lambda m: (m.channel, PRESENCE, var_bytes(m.update)),
    Ack: lambda m: (m.channel, ACK, varuint(m.cs) + varuint(m.seq)),
    Update: lambda m: (m.channel, UPDATE, varuint(m.seq) + var_bytes(m.update)),
    Resync: lambda m: (m.channel, RESYNC, var_string(m.reason) + var_bytes(m.state_vector)),
}
