"""GraphQL over WebSockets, and the addresses of the door."""

from collections.abc import Awaitable
from functools import partial
from typing import Any, Final

from tornado.httputil import HTTPServerRequest
from tornado.iostream import StreamClosedError
from tornado.routing import PathMatches, Rule
from tornado.web import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from moim.graphql.connection import SUBPROTOCOL, Close, Connection
from moim.graphql.door import GraphqlDoor
from moim.graphql.http_handler import GraphqlHandler
from moim_sync.session import shorten

ADDRESS: Final = r"/graphql"


class GraphqlSocketHandler(WebSocketHandler):
    """`/graphql` with the subprotocol `graphql-transport-ws`."""

    def initialize(self, door: GraphqlDoor) -> None:
        """Take the door."""
        self._door = door
        self._connection: Connection | None = None

    def prepare(self) -> None:
        """Refuse other people's pages before anything else is looked at."""
        if not self._door.access.origins.allowed(self.request):
            raise HTTPError(403, reason="this page may not connect")

    def check_origin(self, origin: str) -> bool:
        """Accept: `prepare` has looked at the origin already."""
        return True

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Choose the one that we speak."""
        return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None

    @property
    def max_message_size(self) -> int:
        """Bytes of the largest message."""
        return self._door.limits.body_bytes

    @property
    def ping_interval(self) -> float:
        """Seconds between signs of life that are asked for."""
        return self._door.limits.ping_s

    @property
    def ping_timeout(self) -> float:
        """Seconds to wait for each."""
        return self._door.limits.dead_s

    def open(self, *args: str, **kwargs: str) -> None:
        """Start the connection."""
        self.set_nodelay(True)
        if self.selected_subprotocol != SUBPROTOCOL:
            self.close(Close.SUBPROTOCOL, "Subprotocol not acceptable")
            return
        visitors = self._door.access.visitors
        who = visitors.identify(self.request)
        by_token = partial(visitors.bearing, self.request)
        self._connection = Connection(self._door, _TornadoWire(self), who, by_token)
        self._door.hub.counters.opened["graphql"] += 1
        self._door.hub.counters.graphql += 1

    def on_message(self, message: str | bytes) -> Awaitable[None] | None:
        """Hand a message over; what is returned holds the socket back."""
        return None if self._connection is None else self._connection.receive(message)

    def on_close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._door.hub.counters.graphql -= 1
            self._connection.lost()


class _TornadoWire:
    """The sending half of a handler's socket."""

    def __init__(self, handler: WebSocketHandler) -> None:
        self._handler = handler

    async def send(self, text: str) -> None:
        """Write a message and wait until it is with the network; a socket that is gone is told."""
        try:
            await self._handler.write_message(text)
        except (WebSocketClosedError, StreamClosedError):
            return

    def close(self, code: int, reason: str) -> None:
        """Begin to close."""
        self._handler.close(code, shorten(reason))


class _Upgrade(PathMatches):
    """Matches requests that want to become a WebSocket."""

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        wanted = request.headers.get("Upgrade", "").lower()
        return super().match(request) if wanted == "websocket" else None


def graphql_routes(door: GraphqlDoor) -> list[Any]:
    """Give the routes of the door for any Tornado application."""
    shared = {"door": door}
    return [
        Rule(_Upgrade(ADDRESS), GraphqlSocketHandler, shared),
        (ADDRESS, GraphqlHandler, shared),
    ]
