"""The frames of `/sync` (PROTOCOL.md): pure, bytes in and messages out, and back.

A client writes ClientMessages and reads ServerMessages, the server the other way round. A frame
that breaks a rule raises MalformedMessage or OverLimit; both name what was expected and what came.
One WebSocket message may hold several frames, so decoders give lists. How each message is written
stands in `connection_codec`, `edit_codec` and `verdict_codec`.
"""

from typing import Any, Final

from moim_sync import connection_codec, edit_codec, verdict_codec
from moim_sync.errors import MalformedMessage
from moim_sync.lib0 import read_varuint, var_bytes, varuint
from moim_sync.message_types import ACK, PRESENCE, UPDATE, Bodies, Decoders
from moim_sync.messages import ClientMessage, ServerMessage

PROTOCOL_VERSION: Final = 1
SUBPROTOCOL: Final = "moim.sync.1"


def decode_client_frames(data: bytes) -> list[ClientMessage]:
    """Give the messages of a client in one WebSocket message."""
    return _decode_frames(data, _FROM_CLIENT, "client")


def decode_server_frames(data: bytes) -> list[ServerMessage]:
    """Give the messages of a server in one WebSocket message."""
    return _decode_frames(data, _FROM_SERVER, "server")


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

_FROM_CLIENT: Final[Decoders] = {
    **edit_codec.FROM_CLIENT,
    **connection_codec.FROM_CLIENT,
    **verdict_codec.FROM_CLIENT,
}
_FROM_SERVER: Final[Decoders] = {
    **edit_codec.FROM_SERVER,
    **connection_codec.FROM_SERVER,
    **verdict_codec.FROM_SERVER,
}
_BODIES: Final[Bodies] = {
    **edit_codec.BODIES,
    **connection_codec.BODIES,
    **verdict_codec.BODIES,
}


def _decode_frames(data: bytes, decoders: Decoders, side: str) -> list[Any]:
    messages = []
    at = 0
    try:
        while at < len(data):
            channel, at = read_varuint(data, at)
            kind, at = read_varuint(data, at)
            read = decoders.get(kind)
            if read is None:
                raise MalformedMessage(f"expected a type that a {side} sends, got {kind}")
            message, at = read(data, at, channel)
            messages.append(message)
    except IndexError:
        raise MalformedMessage(f"expected whole frames, got {len(data)} bytes cut short") from None
    if not messages:
        raise MalformedMessage("expected at least one frame, got 0 bytes")
    return messages
