"""`/socket.io/` in Tornado: polling's requests and WebSockets, looked at before Engine.IO's server.

What it cannot read it would answer with 200 and lose, or not get over, so packets are checked here.
"""

import asyncio
from typing import Any, Final

from anyio import BrokenResourceError, ClosedResourceError, EndOfStream
from anyio import create_memory_object_stream as memory_stream
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler

from moim_sync.api.socketio.door import PACKET_BYTES, IdentifyWith, SocketIoDoor, log
from moim_sync.errors import CloseCode
from moim_sync.hub import Hub
from moim_sync.polling_channel import asked_by_another_site, readable
from moim_sync.tornado_channel import OriginAllowed

MESSAGES_WAITING: Final = 8
"""That a WebSocket has read and Engine.IO not yet; then it reads no more."""
_PACKETS_IN: Final = frozenset("12345")
"""Types of packets that a client sends over a WebSocket: CLOSE, PING, PONG, MESSAGE, UPGRADE."""


class SocketIoHandler(WebSocketHandler):
    """GET, POST and WebSocket of `/socket.io/`."""

    def initialize(self, door: SocketIoDoor, origin_allowed: OriginAllowed) -> None:
        """Take what the routes carry."""
        self._door = door
        self._origin_allowed = origin_allowed
        self._answered: asyncio.Future[None] | None = None
        self._put, self._take = memory_stream[str | bytes](MESSAGES_WAITING)
        self.sid = self.get_query_argument("sid", "")
        self._is_read = False
        """True once Engine.IO reads from this WebSocket."""
        self.address = self.request.remote_ip or ""

    def set_default_headers(self) -> None:
        """Keep answers out of every cache, and say no more than they must."""
        self.clear_header("Server")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")

    def prepare(self) -> None:
        """Refuse other people's pages, and requests for a connection that is somebody else's."""
        origin = self.request.headers.get("Origin")
        foreign = origin is None and asked_by_another_site(self)
        if foreign or not self._origin_allowed(self.request):
            raise HTTPError(403, reason="this page may not connect")
        if origin is not None:  # one that was named with --origin may read the answer
            self.set_header("Access-Control-Allow-Origin", origin)
            self.set_header("Access-Control-Allow-Credentials", "true")
            self.set_header("Vary", "Origin")
        if self.get_query_argument("j", None) is not None:
            raise HTTPError(400, reason="no JSONP")
        connection = self._door.connections.get(self.sid)
        if connection is None:
            if not self.sid and not self._door.has_room_for(self.address):
                raise HTTPError(503, reason="too many connections from this address")
        elif not connection.belongs_to(self._door.identify(self, "")):
            raise HTTPError(403, reason="this connection is somebody else's")

    # Polling

    async def get(self, *args: str, **kwargs: str) -> None:
        """Open a connection, wait for messages, or become a WebSocket."""
        if self.request.headers.get("Upgrade", "").lower() == "websocket":
            await self._door.engine()
            await super().get(*args, **kwargs)
            return
        engine = await self._door.engine()
        await engine.handle_request(self)
        try:
            if self._answered is not None:
                await self._answered
        except StreamClosedError:
            self._door.forget(self.sid)
        else:
            self._door.sent(self.sid)

    async def post(self) -> None:
        """Take messages."""
        engine = await self._door.engine()
        body = self.request.body
        if len(body) > PACKET_BYTES or not readable(body):
            self._door.forget(self.sid)
            raise HTTPError(
                400, reason=f"expected packets of Engine.IO, at most {PACKET_BYTES} bytes"
            )
        self._door.heard(self.sid)
        await engine.handle_request(self)

    def options(self) -> None:
        """Say what a page of another origin that was named may send."""
        self.set_header("Access-Control-Allow-Methods", "GET, POST")
        self.set_header("Access-Control-Allow-Headers", "Authorization, Content-Type")
        self.set_status(204)

    def finish(self, chunk: Any = None) -> "asyncio.Future[None]":
        """Remember when the answer is with the network."""
        self._answered = super().finish(chunk)
        return self._answered

    def on_connection_close(self) -> None:
        """Let a connection go whose poll was cut off: what was to be answered is lost with it."""
        if self.ws_connection is None:
            self._door.forget(self.sid)
        super().on_connection_close()

    # WebSocket

    @property
    def max_message_size(self) -> int:
        """Bytes of the largest packet."""
        return PACKET_BYTES

    @property
    def ping_interval(self) -> float:
        """No pings of Tornado's own: Engine.IO has its own."""
        return 0.0

    def check_origin(self, origin: str) -> bool:
        """Accept: `prepare` has looked at the origin already."""
        return True

    def open(self, *args: str, **kwargs: str) -> None:
        """Hand the socket to Engine.IO."""
        self.set_nodelay(True)
        self._door.hub.spawn(self._serve)

    async def on_message(self, message: str | bytes) -> None:
        """Hand over a packet; Tornado reads on when it was taken."""
        if not message or (isinstance(message, str) and message[0] not in _PACKETS_IN):
            self.close(CloseCode.MALFORMED, "expected a packet of Engine.IO")
            return
        self._door.heard(self.sid)
        try:
            await self._put.send(message)
        except (BrokenResourceError, ClosedResourceError):
            return  # nobody takes it any more

    def on_close(self) -> None:
        """Let Engine.IO know."""
        self._put.close()

    async def send(self, message: str | bytes) -> None:
        """Send a packet, and wait until the network has it."""
        await self.write_message(message, binary=isinstance(message, bytes))
        self._door.sent(self.sid)

    async def next_message(self) -> str | bytes | None:
        """Give the next packet; None at the end."""
        self._is_read = True
        self._door.carry(self.sid, self)
        try:
            return await self._take.receive()
        except EndOfStream:
            return None

    def let_go(self) -> None:
        """Close a WebSocket; a poll that waits is ended by Engine.IO."""
        if self.ws_connection is not None:
            self.close()

    async def _serve(self) -> None:
        try:
            engine = await self._door.engine()
            await engine.handle_request(self)
        except Exception:  # noqa: BLE001  the rim of one connection
            log.exception("a Socket.IO connection failed")
        finally:
            self._take.close()
            self.let_go()
            # A probe that failed leaves the client with polling.
            if self._is_read and self._door.is_socket(self.sid):
                self._door.forget(self.sid)


def socketio_routes(
    hub: Hub, identify: IdentifyWith, origin_allowed: OriginAllowed
) -> list[tuple[str, type[SocketIoHandler], dict[str, Any]]]:
    """Give the route of the door for any Tornado application."""
    shared = {"door": SocketIoDoor(hub, identify), "origin_allowed": origin_allowed}
    return [(r"/socket\.io/?", SocketIoHandler, shared)]
