"""State vectors: per client id, the end of the clocks that a document holds."""

from collections.abc import Mapping

from moim_sync.errors import MalformedMessage, OverLimit
from moim_sync.lib0 import read_varuint, varuint

CLIENTS = 500_000


def decode_state_vector(data: bytes) -> dict[int, int]:
    """Give the clocks of a state vector, read strictly because the other side may be anybody."""
    try:
        count, at = read_varuint(data, 0)
        if count > CLIENTS:
            raise OverLimit(f"expected a state vector of at most {CLIENTS} clients, got {count}")
        clocks = {}
        for _ in range(count):
            client, at = read_varuint(data, at)
            clock, at = read_varuint(data, at)
            if clock > 0xFFFF_FFFF:
                raise MalformedMessage(f"expected a clock of 32 bits, got {clock}")
            clocks[client] = clock
    except IndexError:
        raise MalformedMessage(f"expected a state vector, got {len(data)} bytes") from None
    if at != len(data):
        raise MalformedMessage(f"expected a state vector of {at} bytes, got {len(data)}")
    return clocks


def encode_state_vector(clocks: Mapping[int, int]) -> bytes:
    """Give the bytes of a state vector."""
    parts = [varuint(len(clocks))]
    for client, clock in clocks.items():
        parts += (varuint(client), varuint(clock))
    return b"".join(parts)
