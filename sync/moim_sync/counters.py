"""What the hub counts, for a metrics page to read."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field

BOUNDS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)


@dataclass(slots=True)
class Timing:
    """How often something took how long; `buckets[i]` counts up to `BOUNDS_S[i]`, the last more."""

    count: int = 0
    total_s: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))

    def add(self, seconds: float, times: int = 1) -> None:
        """Count `times` happenings that each took `seconds`."""
        self.count += times
        self.total_s += seconds * times
        self.buckets[bisect_left(BOUNDS_S, seconds)] += times


@dataclass(slots=True)
class Counters:
    """Totals since the start of one hub."""

    connections: int = 0
    """Open now."""
    opened: Counter[str] = field(default_factory=Counter)
    """Connections made, by door."""
    graphql: int = 0
    """Connections of the GraphQL door that are open now."""
    operations: Counter[str] = field(default_factory=Counter)
    """Operations of the GraphQL door, by what carried them."""
    webhooks: int = 0
    """Webhooks that are on."""
    webhooks_waiting: int = 0
    """Of them, those with something that their receiver has not taken yet."""
    webhook_attempts: Counter[str] = field(default_factory=Counter)
    """What webhooks sent, by how it ended: `delivered`, `failed`, `refused`."""
    polling: int = 0
    """Of them, those over long polling."""
    updates_in: int = 0
    flushes: int = 0
    quarantined: int = 0
    compensated: int = 0
    gaps: int = 0
    laggards: int = 0
    """Readers closed because they were too far behind."""
    storage_refusals: int = 0
    conflicts: int = 0
    rejects: Counter[str] = field(default_factory=Counter)
    """Edits refused, by the code that their authors were told."""
    flush: Timing = field(default_factory=Timing)
    """From taking a batch to having written it to all sockets, the commit included."""
    ack: Timing = field(default_factory=Timing)
    """From receiving an update to acknowledging it."""
    loop_delay: Timing = field(default_factory=Timing)
    """How much later than asked for the event loop went on."""
