"""The numbers of messages on the wire (PROTOCOL.md), and the tables that read and write them."""

from collections.abc import Callable, Mapping
from typing import Any

from moim_sync.errors import MalformedMessage

SYNC, PRESENCE = 0, 1
HELLO, WELCOME, SUB, UNSUB, PUSH, ACK = 120, 121, 122, 123, 124, 125
REJECT, CONFLICT, PERM, DRAIN, PING, PONG, RESYNC, UPDATE = range(126, 134)
RESOLVE, RESOLVED, PUSH_FOR = 134, 135, 136

Decoders = Mapping[int, Callable[[bytes, int, int], tuple[Any, int]]]
"""By number: what gives message and end from the bytes, the start of the body and the channel."""
Bodies = Mapping[type, Callable[[Any], tuple[int, int, bytes]]]
"""By class: what gives channel, number and body of a message."""


def document_channel(channel: int, kind: str) -> None:
    """Refuse a message that means nothing outside a document."""
    if channel == 0:
        raise MalformedMessage(f"expected {kind} on a document's channel, got channel 0")


def control_channel(channel: int, kind: str) -> None:
    """Refuse a message that means nothing in a document."""
    if channel != 0:
        raise MalformedMessage(f"expected {kind} on channel 0, got channel {channel}")
