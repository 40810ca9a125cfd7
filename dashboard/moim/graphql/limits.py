"""What one request, or one connection, of the GraphQL door may ask for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GraphqlLimits:
    """`docs/graphql.md` tells programs about each; what goes beyond is refused before it runs."""

    body_bytes: int = 256 * 1024
    """Of a request, and of a message on a WebSocket."""
    tokens: int = 2_000
    """Words of a query's text."""
    fields: int = 1_000
    """Written out, with fragments in all places that use them."""
    depth: int = 10
    cost: int = 10_000
    """Of a request: a whole batch, or one operation on a WebSocket. See `cost.py`."""
    batch: int = 10
    """Operations of one request."""
    items: int = 50_000
    """Things in lists that one request, or one message of a subscription, is answered with."""
    alike: int = 16
    """Fields of one name in one place: to see whether they may be merged takes the square of it."""
    operations: int = 64
    """That run at the same time on one WebSocket, subscriptions included."""
    messages_per_s: float = 100.0
    gap_s: float = 0.05
    """Between two messages of a subscription: what comes meanwhile is in the second."""
    init_s: float = 10.0
    """Within which `connection_init` has to come."""
    ping_s: float = 20.0
    dead_s: float = 15.0
    """After a ping, without a sign of life."""
