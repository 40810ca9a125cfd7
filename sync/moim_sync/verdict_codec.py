"""Messages about edits that did not hold: refused ones, and conflicts until they are settled."""

from typing import Final

from moim_sync.errors import MalformedMessage
from moim_sync.json_body import count, json_body, read_json, short, text
from moim_sync.message_types import (
    CONFLICT,
    REJECT,
    RESOLVE,
    RESOLVED,
    Bodies,
    Decoders,
    document_channel,
)
from moim_sync.messages import Conflict, Refusal, Reject, Resolve, Resolved

CONFLICT_BYTES: Final = 1_048_576
"""Two values of the longest register."""
REFUSED_PATHS: Final = 16
RESOLVE_ACTIONS: Final = frozenset(("theirs", "mine", "both", "seen"))


def _read_reject(data: bytes, at: int, channel: int) -> tuple[Reject, int]:
    document_channel(channel, "REJECT")
    body, at = read_json(data, at)
    paths = body.get("paths")
    if not isinstance(paths, list):
        raise MalformedMessage(f"expected paths to be a list, got {short(paths)}")
    refusals = tuple(
        Refusal(*(text(path, key) for key in Refusal.__slots__))
        for path in paths
        if isinstance(path, dict)
    )
    cs, code, message = count(body, "cs"), text(body, "code"), text(body, "message")
    return Reject(channel, cs, body.get("hard") is True, code, message, refusals), at


def _read_conflict(data: bytes, at: int, channel: int) -> tuple[Conflict, int]:
    document_channel(channel, "CONFLICT")
    body, at = read_json(data, at, CONFLICT_BYTES)
    conflict = Conflict(
        channel=channel,
        id=text(body, "id"),
        entity=text(body, "entity"),
        path=text(body, "path"),
        strategy=text(body, "strategy"),
        version=count(body, "version"),
        timestamp=count(body, "timestamp"),
        user_id=text(body, "userId"),
        name=text(body, "name"),
        mine=body.get("mine"),
        theirs=body.get("theirs"),
        cs=count(body, "cs"),
    )
    return conflict, at


def _read_resolve(data: bytes, at: int, channel: int) -> tuple[Resolve, int]:
    document_channel(channel, "RESOLVE")
    body, at = read_json(data, at)
    action = body.get("action")
    if action not in RESOLVE_ACTIONS:
        raise MalformedMessage(f"expected theirs, mine, both or seen, got {short(action)}")
    return Resolve(channel, text(body, "id"), action), at


def _read_resolved(data: bytes, at: int, channel: int) -> tuple[Resolved, int]:
    document_channel(channel, "RESOLVED")
    body, at = read_json(data, at)
    return Resolved(channel, text(body, "id")), at


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
    return message.channel, REJECT, json_body(body)


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
    return message.channel, CONFLICT, json_body(body)


FROM_CLIENT: Final[Decoders] = {
    RESOLVE: _read_resolve,
}
FROM_SERVER: Final[Decoders] = {
    REJECT: _read_reject,
    CONFLICT: _read_conflict,
    RESOLVED: _read_resolved,
}
BODIES: Final[Bodies] = {
    Reject: _reject_body,
    Conflict: _conflict_body,
    Resolve: lambda m: (m.channel, RESOLVE, json_body({"id": m.id, "action": m.action})),
    Resolved: lambda m: (m.channel, RESOLVED, json_body({"id": m.id})),
}
