"""`/sync/poll`: the frames of `/sync` over Engine.IO's long polling, where no WebSocket goes.

The Engine.IO server keeps ids and answers requests. Everything else is a session's as on a
WebSocket: who it is, how long it may be silent, what a slow reader still gets. At most one message
is in the server's own queue, so that what waits is counted here; messages that wait leave as one.
"""

import asyncio
import importlib
import json
import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler

from moim_sync.authorization import Action
from moim_sync.hub import Hub
from moim_sync.identity import Identity
from moim_sync.session import Session
from moim_sync.tornado_channel import Identify, OriginAllowed

if TYPE_CHECKING:
    from engineio import AsyncServer  # type: ignore[import-untyped]

BATCH_BYTES: Final = 256 * 1024
BODY_BYTES: Final = 2 * 1024 * 1024
"""The largest POST: several PUSHes in base64. Nothing else that a client sends is large."""
FAREWELL_S: Final = 15.0
"""How long the word why a connection ended waits to be fetched."""
log = logging.getLogger(__name__)


class PollingTransport:
    """The sending half of one polling connection.

    Args:
        put: hands the Engine.IO server one message, bytes or text, to answer the next poll with;
            gives whether it has left.
        end: lets the Engine.IO server close the connection once all that was put has left.
    """

    kind = "polling"

    def __init__(
        self, put: Callable[[bytes | str], Callable[[], bool]], end: Callable[[], None]
    ) -> None:
        self.drained: Callable[[], None] | None = None
        self.waiting_bytes = 0
        self._waiting: deque[bytes] = deque()
        self._batch_bytes = 0
        self._batch_left: Callable[[], bool] = lambda: True
        self._closed = False
        self._put = put
        self._end = end

    def write(self, message: bytes) -> None:
        """Send one binary message with the next poll, or nothing when the connection has ended."""
        if self._closed:
            return
        self._waiting.append(message)
        self.waiting_bytes += len(message)
        self._offer()

    def ping(self) -> None:
        """Do nothing: PING on `/sync` is a message."""

    def close(self, code: int, reason: str) -> None:
        """End the connection; the polls to come still get what was written, and why it ended."""
        if self._closed:
            return
        self._closed = True
        if self._waiting:
            self._put(b"".join(self._waiting))
        self._waiting.clear()
        self._put(json.dumps({"code": int(code), "reason": reason}))
        self._end()

    def answered(self) -> None:
        """Go on: an answer to a poll is with the network."""
        if not self._batch_bytes or not self._batch_left():
            return
        self.waiting_bytes -= self._batch_bytes
        self._batch_bytes = 0
        self._offer()
        if not self.waiting_bytes and self.drained is not None:
            self.drained()

    def _offer(self) -> None:
        if self._batch_bytes or not self._waiting:
            return
        batch = [self._waiting.popleft()]
        size_bytes = len(batch[0])
        while self._waiting and size_bytes + len(self._waiting[0]) <= BATCH_BYTES:
            batch.append(self._waiting.popleft())
            size_bytes += len(batch[-1])
        self._batch_bytes = size_bytes
        self._batch_left = self._put(b"".join(batch))


class PollingConnection:
    """One connection: whose it is, its session, and the poll that is open."""

    def __init__(self, who: Identity, address: str, transport: PollingTransport) -> None:
        self.who = who
        self.address = address
        self.transport = transport
        self.session: Session | None = None
        self._receiving = asyncio.Lock()

    def belongs_to(self, who: Identity) -> bool:
        """False for a request of somebody else, who has got hold of the id."""
        return who.id == self.who.id or (who.anonymous and self.who.anonymous)

    async def receive(self, message: bytes | str) -> None:
        """Hand a message to the session; the request is answered when the session reads on."""
        async with self._receiving:
            wait = None if self.session is None else self.session.receive(message)
            if wait is not None:
                await wait


class PollingDoor:
    """All polling connections of a hub."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.connections: dict[str, PollingConnection] = {}
        self._engine: AsyncServer | None = None
        self._starting: asyncio.Task[AsyncServer] | None = None

    async def engine(self) -> "AsyncServer":
        """Give the Engine.IO server. Its import takes a third of a second and is seldom needed."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._start(), name="engine.io")
        return await asyncio.shield(self._starting)

    def has_room_for(self, address: str) -> bool:
        """False when an address has too many connections already."""
        taken = sum(one.address == address for one in self.connections.values())
        return taken < self.hub.limits.polling_per_address

    def forget(self, sid: str) -> None:
        """Let go of a connection, whatever state it is in."""
        connection = self.connections.pop(sid, None)
        if connection is not None:
            self.hub.counters.polling -= 1
            if connection.session is not None:
                connection.session.lost()
        socket = self._engine and self._engine.sockets.pop(sid, None)
        if socket:
            socket.closed = True
            socket.queue.put_nowait(None)  # ends a poll that still waits

    def answered(self, sid: str) -> None:
        """Go on with a connection whose poll was answered; one that has ended is let go."""
        connection = self.connections.get(sid)
        if connection is None:
            return
        connection.transport.answered()
        if connection.session is not None and connection.session.ended and self._is_read(sid):
            self.forget(sid)

    def _is_read(self, sid: str) -> bool:
        socket = self._engine and self._engine.sockets.get(sid)
        return not socket or socket.queue.empty()

    async def _start(self) -> "AsyncServer":
        engineio = await asyncio.to_thread(importlib.import_module, "engineio")
        engine = engineio.AsyncServer(
            async_mode="tornado",
            transports=["polling"],
            allow_upgrades=False,
            cors_allowed_origins=[],  # the handler has looked at the origin
            http_compression=False,
            max_http_buffer_size=BODY_BYTES,
            async_handlers=False,  # in order, and a session may hold its client back
            monitor_clients=False,  # sessions know best who is gone
            logger=_quiet_logger(),
        )
        engine.on("connect", self._connected)
        engine.on("message", self._received)
        engine.on("disconnect", self._disconnected)
        self._engine = engine
        return engine

    async def _connected(self, sid: str, environ: dict[str, Any]) -> None:
        handler: PollingHandler = environ["tornado.handler"]
        assert self._engine is not None
        queue = self._engine.sockets[sid].queue
        transport = PollingTransport(partial(_put, queue), partial(self._farewell, sid))
        connection = PollingConnection(handler.who, handler.address, transport)
        self.connections[sid] = connection
        self.hub.counters.polling += 1
        connection.session = self.hub.sync(transport, handler.who)

    async def _received(self, sid: str, message: object) -> None:
        if (connection := self.connections.get(sid)) is not None:
            # Engine.IO makes objects of text that looks like JSON; to us all text is the same
            await connection.receive(message if isinstance(message, bytes) else str(message))

    async def _disconnected(self, sid: str, reason: str) -> None:
        self.forget(sid)

    def _farewell(self, sid: str) -> None:
        asyncio.get_running_loop().call_later(FAREWELL_S, self.forget, sid)
        if self._engine is not None and sid in self._engine.sockets:
            from engineio.packet import CLOSE, Packet  # type: ignore[import-untyped]

            self._engine.sockets[sid].queue.put_nowait(Packet(CLOSE))


def _put(queue: "asyncio.Queue[Any]", message: bytes | str) -> Callable[[], bool]:
    from engineio.packet import MESSAGE, Packet

    packet = Packet(MESSAGE, message)
    queue.put_nowait(packet)
    return lambda: packet.encode_cache is not None


def _quiet_logger() -> logging.Logger:
    """Engine.IO's: it tells each packet, and each id of an earlier server as an error."""
    quiet = logging.getLogger(f"{__name__}.engine")
    quiet.setLevel(logging.CRITICAL)
    return quiet


class PollingHandler(RequestHandler):
    """GET and POST of `/sync/poll`."""

    def initialize(
        self, door: PollingDoor, identify: Identify, origin_allowed: OriginAllowed
    ) -> None:
        """Take what the routes carry."""
        self._door = door
        self._identify = identify
        self._origin_allowed = origin_allowed
        self._sent: asyncio.Future[None] | None = None
        self._sid = self.get_query_argument("sid", "")

    def set_default_headers(self) -> None:
        """Keep answers out of every cache, and say no more than they must."""
        self.clear_header("Server")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")

    def prepare(self) -> None:
        """Look at each request as at the handshake of a WebSocket."""
        if not self._origin_allowed(self.request) or asked_by_another_site(self):
            raise HTTPError(403, reason="this page may not connect")
        who = self._identify(self)
        welcome = self._door.hub.authorize(who, Action.ENTER, None).allowed
        if who is None or not welcome:
            raise HTTPError(401, reason="sign in first")
        self.who = who
        self.address = self.request.remote_ip or ""
        if self.get_query_argument("j", None) is not None:
            raise HTTPError(400, reason="no JSONP")
        connection = self._door.connections.get(self._sid)
        if connection is not None and not connection.belongs_to(who):
            raise HTTPError(403, reason="this connection is somebody else's")
        if not self._sid and not self._door.has_room_for(self.address):
            raise HTTPError(503, reason="too many connections from this address")

    async def get(self) -> None:
        """Open a connection, or wait for messages."""
        engine = await self._door.engine()
        await engine.handle_request(self)
        try:
            if self._sent is not None:
                await self._sent
        except StreamClosedError:
            self._door.forget(self._sid)
        else:
            self._door.answered(self._sid)

    async def post(self) -> None:
        """Take messages."""
        engine = await self._door.engine()
        body = self.request.body
        if len(body) > BODY_BYTES or not readable(body):
            self._door.forget(self._sid)
            raise HTTPError(
                400, reason=f"expected packets of Engine.IO, at most {BODY_BYTES} bytes"
            )
        await engine.handle_request(self)

    def finish(self, chunk: Any = None) -> "asyncio.Future[None]":
        """Remember when the answer is with the network."""
        self._sent = super().finish(chunk)
        return self._sent

    def on_connection_close(self) -> None:
        """Let a connection go whose poll was cut off: what was to be answered is lost with it."""
        self._door.forget(self._sid)


def asked_by_another_site(handler: RequestHandler) -> bool:
    """True for a GET that another page's element makes: browsers send no Origin with it."""
    return handler.request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none")


def readable(body: bytes) -> bool:
    """False for what the Engine.IO server would lose without a word, or not get over."""
    from engineio.packet import CLOSE, MESSAGE, PONG
    from engineio.payload import Payload  # type: ignore[import-untyped]

    try:
        packets = Payload(encoded_payload=body.decode()).packets
    except (ValueError, IndexError):
        return False
    return all(packet.packet_type in (CLOSE, MESSAGE, PONG) for packet in packets)


def polling_routes(
    hub: Hub, identify: Identify, origin_allowed: OriginAllowed
) -> list[tuple[str, type[RequestHandler], dict[str, Any]]]:
    """Give the route of polling for any Tornado application."""
    shared = {"door": PollingDoor(hub), "identify": identify, "origin_allowed": origin_allowed}
    return [(r"/sync/poll/?", PollingHandler, shared)]
