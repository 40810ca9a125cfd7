"""Messages about a connection: who speaks, which documents are open on it, and that it lives."""

from collections.abc import Mapping
from typing import Any, Final

from moim_sync.errors import MalformedMessage
from moim_sync.json_body import count, identity, json_body, read_json, record, seconds, short, text
from moim_sync.lib0 import read_bytes, read_varuint, var_bytes, varuint
from moim_sync.message_types import (
    DRAIN,
    HELLO,
    PERM,
    PING,
    PONG,
    SUB,
    UNSUB,
    WELCOME,
    Bodies,
    Decoders,
    control_channel,
    document_channel,
)
from moim_sync.messages import (
    Drain,
    Granted,
    Hello,
    Limits,
    Perm,
    Person,
    Ping,
    Pong,
    Sub,
    Unsub,
    Welcome,
)


def _read_hello(data: bytes, at: int, channel: int) -> tuple[Hello, int]:
    control_channel(channel, "HELLO")
    body, at = read_json(data, at)
    hello = Hello(
        protocol=count(body, "protocol"),
        client=text(body, "client"),
        replica=identity(body, "replica"),
        name=text(body, "name") if "name" in body else "",
    )
    return hello, at


def _read_welcome(data: bytes, at: int, channel: int) -> tuple[Welcome | Granted, int]:
    body, at = read_json(data, at)
    if channel == 0:
        return _welcome(body), at
    granted = Granted(
        channel=channel,
        document=text(body, "document"),
        kind=text(body, "kind"),
        lineage=identity(body, "lineage"),
        role=text(body, "role"),
        seq=count(body, "seq"),
        cs_durable=count(body, "cs_durable"),
    )
    return granted, at


def _welcome(body: Mapping[str, Any]) -> Welcome:
    you, limits = record(body, "you"), record(body, "limits")
    return Welcome(
        epoch=text(body, "epoch"),
        you=Person(text(you, "id"), text(you, "name"), text(you, "colour")),
        limits=Limits(**{name: count(limits, name) for name in Limits.__slots__}),
        ping_s=seconds(body, "ping_s"),
        dead_s=seconds(body, "dead_s"),
    )


def _read_sub(data: bytes, at: int, channel: int) -> tuple[Sub, int]:
    control_channel(channel, "SUB")
    body, at = read_json(data, at)
    state_vector, at = read_bytes(data, at)
    create = body.get("create")
    if not isinstance(create, bool):
        raise MalformedMessage(f"expected create to be true or false, got {short(create)}")
    lineage = b"" if body.get("lineage") == "" else identity(body, "lineage")
    return Sub(text(body, "document"), create, lineage, state_vector), at


def _read_unsub(data: bytes, at: int, channel: int) -> tuple[Unsub, int]:
    document_channel(channel, "UNSUB")
    return Unsub(channel), at


def _read_perm(data: bytes, at: int, channel: int) -> tuple[Perm, int]:
    body, at = read_json(data, at)
    return Perm(channel, text(body, "document"), text(body, "code"), text(body, "message")), at


def _read_drain(data: bytes, at: int, channel: int) -> tuple[Drain, int]:
    control_channel(channel, "DRAIN")
    body, at = read_json(data, at)
    return Drain(count(body, "delay_ms")), at


def _read_ping(data: bytes, at: int, channel: int) -> tuple[Ping, int]:
    control_channel(channel, "PING")
    token, at = read_varuint(data, at)
    return Ping(token), at


def _read_pong(data: bytes, at: int, channel: int) -> tuple[Pong, int]:
    control_channel(channel, "PONG")
    token, at = read_varuint(data, at)
    return Pong(token), at


def _hello_body(message: Hello) -> tuple[int, int, bytes]:
    body: dict[str, object] = {
        "protocol": message.protocol,
        "client": message.client,
        "replica": message.replica.hex(),
    }
    if message.name:
        body["name"] = message.name
    return 0, HELLO, json_body(body)


def _welcome_body(message: Welcome) -> tuple[int, int, bytes]:
    you, limits = message.you, message.limits
    body = {
        "epoch": message.epoch,
        "you": {"id": you.id, "name": you.name, "colour": you.colour},
        "limits": {name: getattr(limits, name) for name in Limits.__slots__},
        "ping_s": message.ping_s,
        "dead_s": message.dead_s,
    }
    return 0, WELCOME, json_body(body)


def _granted_body(message: Granted) -> tuple[int, int, bytes]:
    body = {
        "document": message.document,
        "kind": message.kind,
        "lineage": message.lineage.hex(),
        "role": message.role,
        "seq": message.seq,
        "cs_durable": message.cs_durable,
    }
    return message.channel, WELCOME, json_body(body)


def _sub_body(message: Sub) -> tuple[int, int, bytes]:
    body = {
        "document": message.document,
        "create": message.create,
        "lineage": message.lineage.hex(),
    }
    return 0, SUB, json_body(body) + var_bytes(message.state_vector)


def _perm_body(message: Perm) -> tuple[int, int, bytes]:
    body = {"document": message.document, "code": message.code, "message": message.message}
    return message.channel, PERM, json_body(body)


FROM_CLIENT: Final[Decoders] = {
    HELLO: _read_hello,
    SUB: _read_sub,
    UNSUB: _read_unsub,
    PONG: _read_pong,
}
FROM_SERVER: Final[Decoders] = {
    WELCOME: _read_welcome,
    PERM: _read_perm,
    DRAIN: _read_drain,
    PING: _read_ping,
}
BODIES: Final[Bodies] = {
    Hello: _hello_body,
    Welcome: _welcome_body,
    Granted: _granted_body,
    Sub: _sub_body,
    Unsub: lambda m: (m.channel, UNSUB, b""),
    Perm: _perm_body,
    Drain: lambda m: (0, DRAIN, json_body({"delay_ms": m.delay_ms})),
    Ping: lambda m: (0, PING, varuint(m.token)),
    Pong: lambda m: (0, PONG, varuint(m.token)),
}
