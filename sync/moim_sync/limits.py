"""What one connection may send, one room hold, and one reader lag."""

from dataclasses import dataclass, field

from moim_sync.messages import Limits

KILO, MEGA = 1024, 1024 * 1024


@dataclass(frozen=True, slots=True)
class HubLimits:
    """All bounds of a hub; sizes in bytes, times in seconds."""

    push: Limits = field(default_factory=Limits)
    """What WELCOME tells a client of `/sync`."""
    message_bytes: int = 20 * MEGA
    """The largest WebSocket message: a first sync on `/yjs`, with room for its head."""
    plain_update_bytes: int = 16 * MEGA
    plain_structs: int = 500_000
    depth: int = 32
    document_bytes: int = 16 * MEGA
    bytes_per_s: int = 8 * MEGA
    """Sustained, per connection; a connection above it is read more slowly."""
    pending_bytes: int = 16 * MEGA
    """What one room gathers while a commit is under way; above it sockets are not read."""
    lag_bytes: int = 256 * KILO
    """What may wait for a reader before it is sent no more updates until it has drained."""
    behind_bytes: int = 4 * MEGA
    behind_s: float = 10.0
    hello_s: float = 5.0
    ping_s: float = 5.0
    dead_s: float = 8.0
    polling_per_address: int = 256
    """Connections over long polling that one address may have."""
    window_s: float = 0.016
    """The longest pause between two flushes of a room."""
    unload_after_s: float = 30.0
    """How long an empty room stays in memory."""
    storage_patience_s: float = 60.0
    """How long a room tries a refused flush again before it lets everybody go."""
