"""What one update may hold, for the pre-scan."""

from typing import Final, NamedTuple


class ScanLimits(NamedTuple):
    """What one update may hold; bytes are those of the whole update, a string or a key."""

    size_bytes: int = 262_144
    structs: int = 2_000
    deletes: int = 20_000
    client_ids: int = 64
    depth: int = 32
    string_bytes: int = 262_144
    key_bytes: int = 256
    hollow_clocks: int = 1_048_576
    """Clocks that GC and deleted content may claim: they cost the sender next to no bytes."""


LIVE: Final = ScanLimits()
"""For a PUSH and for an update on `/yjs`."""

FIRST_SYNC: Final = ScanLimits(
    size_bytes=16_777_216,
    structs=500_000,
    deletes=500_000,
    client_ids=500_000,
    string_bytes=16_777_216,
    hollow_clocks=16_777_216,
)
"""For an answer to SyncStep1: a whole document may arrive at once."""
