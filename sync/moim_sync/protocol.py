"""The frames of `/sync` (PROTOCOL.md): pure, bytes in and messages out, and back.

A client writes ClientMessages and reads ServerMessages, the server the other way round. A frame
that breaks a rule raises MalformedMessage or OverLimit; both name what was expected and what came.
One WebSocket message may hold several frames, so decoders give lists.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from moim_sync.errors import MalformedMessage, OverLimit
from moim_sync.lib0 import (
    MAX_INTEGER,
    read_bytes,
    read_string,
    read_varuint,
    var_bytes,
    var_string,
    varuint,
)
from moim_sync.messages import (
    Ack,
    ClientMessage,
    Conflict,
    Drain,
    Granted,
    Hello,
    Limits,
    Perm,
    Person,
    Ping,
    Pong,
    Presence,
    Push,
    Refusal,
    Reject,
    Resolve,
    Resolved,
    Resync,
    ServerMessage,
    Sub,
    Sync,
    Unsub,
    Update,
    Welcome,
)

PROTOCOL_VERSION: Final = 1
SUBPROTOCOL: Final = "moim.sync.1"
JSON_BYTES: Final = 16_384
CONFLICT_BYTES: Final = 1_048_576
"""Two values of the longest register."""
TOUCHED_PATHS: Final = 256
TOUCHED_PATH_BYTES: Final = 256
PERSON_BYTES: Final = 128
TOUCHED_VALUE_BYTES: Final = 8_192
REFUSED_PATHS: Final = 16
RESOLVE_ACTIONS: Final = frozenset(("theirs", "mine", "both", "seen"))

SYNC, PRESENCE = 0, 1
HELLO, WELCOME, SUB, UNSUB, PUSH, ACK = 120, 121, 122, 123, 124, 125
PUSH_FOR = 136
REJECT, CONFLICT, PERM, DRAIN, PING, PONG, RESYNC, UPDATE = range(126, 134)
RESOLVE, RESOLVED = 134, 135


def decode_client_frames(data: bytes) -> list[ClientMessage]:
    """Give the messages of a client in one WebSocket message."""
    return _decode_frames(data, _CLIENT_BODIES, "client")


def decode_server_frames(data: bytes) -> list[ServerMessage]:
    """Give the messages of a server in one WebSocket message."""
    return _decode_frames(data, _SERVER_BODIES, "server")


def encode(message: ClientMessage | ServerMessage) -> bytes:
    """Give the frame of a message of either side."""
    channel, kind, body = _BODIES[type(message)](message)
    return varuint(channel) + varuint(kind) + body


def encode_update_frame(channel: int, seq: int, update: bytes) -> bytes:
    """Give an UPDATE frame, the one that goes to every reader."""
    return b"".join(
        (varuint(channel), _UPDATE_TYPE, varuint(seq), varuint(len(update)), update),
    )


def encode_ack(channel: int, cs: int, seq: int) -> bytes:
    """Give an ACK frame."""
    return varuint(channel) + _ACK_TYPE + varuint(cs) + varuint(seq)


def encode_presence(channel: int, update: bytes) -> bytes:
    """Give a PRESENCE frame."""
    return varuint(channel) + _PRESENCE_TYPE + var_bytes(update)


_UPDATE_TYPE: Final = varuint(UPDATE)
_ACK_TYPE: Final = varuint(ACK)
_PRESENCE_TYPE: Final = varuint(PRESENCE)

_Reader = Callable[[bytes, int, int], tuple[Any, int]]


def _decode_frames(data: bytes, bodies: Mapping[int, _Reader], side: str) -> list[Any]:
    messages = []
    at = 0
    try:
        while at < len(data):
            channel, at = read_varuint(data, at)
            kind, at = read_varuint(data, at)
            read = bodies.get(kind)
            if read is None:
                raise MalformedMessage(f"expected a type that a {side} sends, got {kind}")
            message, at = read(data, at, channel)
            messages.append(message)
    except IndexError:
        raise MalformedMessage(f"expected whole frames, got {len(data)} bytes cut short") from None
    if not messages:
        raise MalformedMessage("expected at least one frame, got 0 bytes")
    return messages


def _document_channel(channel: int, kind: str) -> None:
    if channel == 0:
        raise MalformedMessage(f"expected {kind} on a document's channel, got channel 0")


def _control_channel(channel: int, kind: str) -> None:
    if channel != 0:
        raise MalformedMessage(f"expected {kind} on channel 0, got channel {channel}")


def _read_hello(data: bytes, at: int, channel: int) -> tuple[Hello, int]:
    _control_channel(channel, "HELLO")
    body, at = _read_json(data, at)
    hello = Hello(
        protocol=_count(body, "protocol"),
        client=_text(body, "client"),
        replica=_identity(body, "replica"),
        name=_text(body, "name") if "name" in body else "",
    )
    return hello, at


def _read_welcome(data: bytes, at: int, channel: int) -> tuple[Welcome | Granted, int]:
    body, at = _read_json(data, at)
    if channel == 0:
        return _welcome(body), at
    granted = Granted(
        channel=channel,
        document=_text(body, "document"),
        kind=_text(body, "kind"),
        lineage=_identity(body, "lineage"),
        role=_text(body, "role"),
        seq=_count(body, "seq"),
        cs_durable=_count(body, "cs_durable"),
    )
    return granted, at


def _welcome(body: Mapping[str, Any]) -> Welcome:
    you, limits = _object(body, "you"), _object(body, "limits")
    return Welcome(
        epoch=_text(body, "epoch"),
        you=Person(_text(you, "id"), _text(you, "name"), _text(you, "colour")),
        limits=Limits(**{name: _count(limits, name) for name in Limits.__slots__}),
        ping_s=_seconds(body, "ping_s"),
        dead_s=_seconds(body, "dead_s"),
    )


def _read_sub(data: bytes, at: int, channel: int) -> tuple[Sub, int]:
    _control_channel(channel, "SUB")
    body, at = _read_json(data, at)
    state_vector, at = read_bytes(data, at)
    create = body.get("create")
    if not isinstance(create, bool):
        raise MalformedMessage(f"expected create to be true or false, got {_short(create)}")
    lineage = b"" if body.get("lineage") == "" else _identity(body, "lineage")
    return Sub(_text(body, "document"), create, lineage, state_vector), at


def _read_unsub(data: bytes, at: int, channel: int) -> tuple[Unsub, int]:
    _document_channel(channel, "UNSUB")
    return Unsub(channel), at


def _read_sync(data: bytes, at: int, channel: int) -> tuple[Sync, int]:
    _document_channel(channel, "SYNC")
    step, at = read_varuint(data, at)
    if step != 1:
        raise MalformedMessage(f"expected step 1 (SyncStep2) in SYNC, got {step}")
    update, at = read_bytes(data, at)
    return Sync(channel, update), at


def _read_presence(data: bytes, at: int, channel: int) -> tuple[Presence, int]:
    _document_channel(channel, "PRESENCE")
    update, at = read_bytes(data, at)
    return Presence(channel, update), at


def _read_push(data: bytes, at: int, channel: int) -> tuple[Push, int]:
    _document_channel(channel, "PUSH")
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


def _read_reject(data: bytes, at: int, channel: int) -> tuple[Reject, int]:
    _document_channel(channel, "REJECT")
    body, at = _read_json(data, at)
    paths = body.get("paths")
    if not isinstance(paths, list):
        raise MalformedMessage(f"expected paths to be a list, got {_short(paths)}")
    refusals = tuple(
        Refusal(*(_text(path, key) for key in Refusal.__slots__))
        for path in paths
        if isinstance(path, dict)
    )
    cs, code, message = _count(body, "cs"), _text(body, "code"), _text(body, "message")
    return Reject(channel, cs, body.get("hard") is True, code, message, refusals), at


def _read_conflict(data: bytes, at: int, channel: int) -> tuple[Conflict, int]:
    _document_channel(channel, "CONFLICT")
    body, at = _read_json(data, at, CONFLICT_BYTES)
    conflict = Conflict(
        channel=channel,
        id=_text(body, "id"),
        entity=_text(body, "entity"),
        path=_text(body, "path"),
        strategy=_text(body, "strategy"),
        version=_count(body, "version"),
        timestamp=_count(body, "timestamp"),
        user_id=_text(body, "userId"),
        name=_text(body, "name"),
        mine=body.get("mine"),
        theirs=body.get("theirs"),
        cs=_count(body, "cs"),
    )
    return conflict, at


def _read_resolve(data: bytes, at: int, channel: int) -> tuple[Resolve, int]:
    _document_channel(channel, "RESOLVE")
    body, at = _read_json(data, at)
    action = body.get("action")
    if action not in RESOLVE_ACTIONS:
        raise MalformedMessage(f"expected theirs, mine, both or seen, got {_short(action)}")
    return Resolve(channel, _text(body, "id"), action), at


def _read_resolved(data: bytes, at: int, channel: int) -> tuple[Resolved, int]:
    _document_channel(channel, "RESOLVED")
    body, at = _read_json(data, at)
    return Resolved(channel, _text(body, "id")), at


def _read_ack(data: bytes, at: int, channel: int) -> tuple[Ack, int]:
    _document_channel(channel, "ACK")
    cs, at = read_varuint(data, at)
    seq, at = read_varuint(data, at)
    return Ack(channel, cs, seq), at


def _read_update(data: bytes, at: int, channel: int) -> tuple[Update, int]:
    _document_channel(channel, "UPDATE")
    seq, at = read_varuint(data, at)
    update, at = read_bytes(data, at)
    return Update(channel, seq, update), at


def _read_resync(data: bytes, at: int, channel: int) -> tuple[Resync, int]:
    _document_channel(channel, "RESYNC")
    reason, at = read_string(data, at)
    state_vector, at = read_bytes(data, at)
    return Resync(channel, reason, state_vector), at


def _read_perm(data: bytes, at: int, channel: int) -> tuple[Perm, int]:
    body, at = _read_json(data, at)
    return Perm(channel, _text(body, "document"), _text(body, "code"), _text(body, "message")), at


def _read_drain(data: bytes, at: int, channel: int) -> tuple[Drain, int]:
    _control_channel(channel, "DRAIN")
    body, at = _read_json(data, at)
    return Drain(_count(body, "delay_ms")), at


def _read_ping(data: bytes, at: int, channel: int) -> tuple[Ping, int]:
    _control_channel(channel, "PING")
    token, at = read_varuint(data, at)
    return Ping(token), at


def _read_pong(data: bytes, at: int, channel: int) -> tuple[Pong, int]:
    _control_channel(channel, "PONG")
    token, at = read_varuint(data, at)
    return Pong(token), at


_CLIENT_BODIES: Final[Mapping[int, _Reader]] = {
    PUSH: _read_push,
    PUSH_FOR: _read_push_for,
    PRESENCE: _read_presence,
    PONG: _read_pong,
    SUB: _read_sub,
    UNSUB: _read_unsub,
    HELLO: _read_hello,
    RESOLVE: _read_resolve,
}
_SERVER_BODIES: Final[Mapping[int, _Reader]] = {
    UPDATE: _read_update,
    ACK: _read_ack,
    PRESENCE: _read_presence,
    PING: _read_ping,
    SYNC: _read_sync,
    WELCOME: _read_welcome,
    RESYNC: _read_resync,
    PERM: _read_perm,
    DRAIN: _read_drain,
    REJECT: _read_reject,
    CONFLICT: _read_conflict,
    RESOLVED: _read_resolved,
}


def _hello_body(message: Hello) -> tuple[int, int, bytes]:
    body: dict[str, object] = {
        "protocol": message.protocol,
        "client": message.client,
        "replica": message.replica.hex(),
    }
    if message.name:
        body["name"] = message.name
    return 0, HELLO, _json(body)


def _welcome_body(message: Welcome) -> tuple[int, int, bytes]:
    you, limits = message.you, message.limits
    body = {
        "epoch": message.epoch,
        "you": {"id": you.id, "name": you.name, "colour": you.colour},
        "limits": {name: getattr(limits, name) for name in Limits.__slots__},
        "ping_s": message.ping_s,
        "dead_s": message.dead_s,
    }
    return 0, WELCOME, _json(body)


def _granted_body(message: Granted) -> tuple[int, int, bytes]:
    body = {
        "document": message.document,
        "kind": message.kind,
        "lineage": message.lineage.hex(),
        "role": message.role,
        "seq": message.seq,
        "cs_durable": message.cs_durable,
    }
    return message.channel, WELCOME, _json(body)


def _sub_body(message: Sub) -> tuple[int, int, bytes]:
    body = {
        "document": message.document,
        "create": message.create,
        "lineage": message.lineage.hex(),
    }
    return 0, SUB, _json(body) + var_bytes(message.state_vector)


def _push_body(message: Push) -> tuple[int, int, bytes]:
    head = varuint(message.cs) + varuint(message.base_seq) + varuint(len(message.touched))
    values = message.values or ("",) * len(message.touched)
    pairs = zip(message.touched, values, strict=True)
    touched = b"".join(var_string(path) + var_string(value) for path, value in pairs)
    body = head + touched + var_bytes(message.update)
    if message.person:
        return message.channel, PUSH_FOR, var_string(message.person) + body
    return message.channel, PUSH, body


def _reject_body(message: Reject) -> tuple[int, int, bytes]:
    body = {
        "cs": message.cs,
        "hard": message.hard,
        "code": message.code,
        "message": message.message,
        "paths": [
            {key: getattr(path, key) for key in Refusal.__slots__}
            for path in message.paths[:REFUSED_PATHS]
        ],
    }
    return message.channel, REJECT, _json(body)


def _conflict_body(message: Conflict) -> tuple[int, int, bytes]:
    body = {
        "id": message.id,
        "entity": message.entity,
        "path": message.path,
        "strategy": message.strategy,
        "version": message.version,
        "timestamp": message.timestamp,
        "userId": message.user_id,
        "name": message.name,
        "mine": message.mine,
        "theirs": message.theirs,
        "cs": message.cs,
    }
    return message.channel, CONFLICT, _json(body)


def _perm_body(message: Perm) -> tuple[int, int, bytes]:
    body = {"document": message.document, "code": message.code, "message": message.message}
    return message.channel, PERM, _json(body)


_BODIES: Final[Mapping[type, Callable[[Any], tuple[int, int, bytes]]]] = {
    Hello: _hello_body,
    Welcome: _welcome_body,
    Granted: _granted_body,
    Sub: _sub_body,
    Push: _push_body,
    Perm: _perm_body,
    Unsub: lambda m: (m.channel, UNSUB, b""),
    Sync: lambda m: (m.channel, SYNC, b"\x01" + var_bytes(m.update)),
    Presence: lambda m: (m.channel, PRESENCE, var_bytes(m.update)),
    Ack: lambda m: (m.channel, ACK, varuint(m.cs) + varuint(m.seq)),
    Update: lambda m: (m.channel, UPDATE, varuint(m.seq) + var_bytes(m.update)),
    Resync: lambda m: (m.channel, RESYNC, var_string(m.reason) + var_bytes(m.state_vector)),
    Reject: _reject_body,
    Conflict: _conflict_body,
    Resolve: lambda m: (m.channel, RESOLVE, _json({"id": m.id, "action": m.action})),
    Resolved: lambda m: (m.channel, RESOLVED, _json({"id": m.id})),
    Drain: lambda m: (0, DRAIN, _json({"delay_ms": m.delay_ms})),
    Ping: lambda m: (0, PING, varuint(m.token)),
    Pong: lambda m: (0, PONG, varuint(m.token)),
}


def _json(body: Mapping[str, object]) -> bytes:
    return var_string(json.dumps(body, ensure_ascii=False, separators=(",", ":")))


def _read_json(data: bytes, at: int, limit_bytes: int = JSON_BYTES) -> tuple[dict[str, Any], int]:
    size, _ = read_varuint(data, at)
    if size > limit_bytes:
        raise OverLimit(f"expected JSON of at most {limit_bytes} bytes, got {size}")
    text, at = read_string(data, at)
    try:
        body = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedMessage(f"expected JSON: {error}") from None
    if not isinstance(body, dict):
        raise MalformedMessage(f"expected a JSON object, got {_short(body)}")
    return body, at


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not _is_unicode(value):
        raise MalformedMessage(f"expected {key} to be a string, got {_short(value)}")
    return value


def _is_unicode(text: str) -> bool:
    """False for the half surrogates that JSON escapes can smuggle in and UTF-8 cannot hold."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _count(body: Mapping[str, Any], key: str) -> int:
    value = body.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_INTEGER:
        return value
    raise MalformedMessage(f"expected {key} to be an integer from 0 up, got {_short(value)}")


def _seconds(body: Mapping[str, Any], key: str) -> float:
    value = body.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 86_400:
        return value
    raise MalformedMessage(f"expected {key} to be seconds above 0, got {_short(value)}")


def _identity(body: Mapping[str, Any], key: str) -> bytes:
    value = body.get(key)
    if isinstance(value, str) and len(value) == 32 and set(value) <= _HEX_DIGITS:
        return bytes.fromhex(value)
    raise MalformedMessage(f"expected {key} to be 32 small hex digits, got {_short(value)}")


_HEX_DIGITS: Final = frozenset("0123456789abcdef")


def _object(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = body.get(key)
    if not isinstance(value, dict):
        raise MalformedMessage(f"expected {key} to be an object, got {_short(value)}")
    return value


def _short(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 40 else text[:40] + "..."
