"""All Socket.IO connections of a hub: the handshake, who comes, and how a connection ends.

python-socketio shakes hands and keeps ids; the events themselves go to the session of the client.
Anybody may open a connection from a page of ours, because a token travels in the first packet that
Socket.IO's client sends. Nothing is said to it before the gate was asked, and it has a few seconds.
"""

import asyncio
import importlib
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from tornado.web import RequestHandler

from moim_sync.authorization import Action
from moim_sync.errors import CloseCode
from moim_sync.hub import Hub
from moim_sync.identity import Identity
from moim_sync.sync_session import NAME_CHARACTERS

if TYPE_CHECKING:
    from engineio import AsyncServer as Engine  # type: ignore[import-untyped]

    from moim_sync.api.socketio.engine import Server
    from moim_sync.api.socketio.session import SocketIoSession
    from moim_sync.api.socketio.transport import SocketIoTransport

PACKET_BYTES: Final = 512 * 1024
"""The largest packet, and the largest POST: a card with the longest notes, with room to spare."""
PING_INTERVAL_S: Final = 10
PING_TIMEOUT_S: Final = 15
FAREWELL_S: Final = 5.0
"""How long the word why a connection ended waits to be taken."""
FINAL: Final = {
    CloseCode.NOT_SIGNED_IN: "sign-in",
    CloseCode.REFUSED: "role",
    CloseCode.OVER_LIMIT: "limit",
}
"""What a client is told of an end after which it must not come back by itself."""
IdentifyWith = Callable[[RequestHandler, str], Identity | None]
"""Gives who a request belongs to that brings a token, or "" for none."""
log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Connection:
    """One connection of Engine.IO, and its session once the client has said who it is."""

    sid: str
    """Engine.IO's id."""
    handler: Any
    """The Tornado handler of the first request, or of the WebSocket that came after."""
    transport: "SocketIoTransport"
    session: "SocketIoSession | None" = None
    by_token: bool = False
    """True: the client said who it is in its first packet; later requests need not."""
    client_sid: str = ""
    """Socket.IO's id."""

    def belongs_to(self, who: Identity | None) -> bool:
        """False for a request of somebody else, who has got hold of the id."""
        if self.session is None or self.by_token:
            return True
        return who is not None and self.session.who.is_same_as(who)


class SocketIoDoor:
    """The door of one hub.

    Args:
        identify: says who a request belongs to, and whose a token is.
    """

    def __init__(self, hub: Hub, identify: IdentifyWith) -> None:
        self.hub = hub
        self.identify = identify
        self.connections: dict[str, Connection] = {}
        """By Engine.IO's id."""
        self._clients: dict[str, Connection] = {}
        """By Socket.IO's id."""
        self._starting: asyncio.Task[Server] | None = None
        self._server: Server | None = None

    async def engine(self) -> "Engine":
        """Give the Engine.IO server; it is imported with the first request, in a thread."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._start(), name="socket.io")
        server = await asyncio.shield(self._starting)
        return server.eio

    def has_room_for(self, address: str) -> bool:
        """False when an address has too many connections that poll, or say not who they are."""
        taken: int = sum(
            one.handler.address == address
            for one in self.connections.values()
            if one.session is None or one.transport.kind == "polling"
        )
        return taken < self.hub.limits.polling_per_address

    def heard(self, sid: str) -> None:
        """Note a sign of life."""
        connection = self.connections.get(sid)
        if connection is not None and connection.session is not None:
            connection.session.heard()

    def sent(self, sid: str) -> None:
        """Note that what Engine.IO took out of its queue is with the network."""
        if (connection := self.connections.get(sid)) is not None:
            connection.transport.sent()

    def carry(self, sid: str, handler: Any) -> None:
        """Note the WebSocket that a connection travels by, or changes over to."""
        if (connection := self.connections.get(sid)) is not None:
            connection.handler = handler

    def is_socket(self, sid: str) -> bool:
        """True for a connection that travels by a WebSocket."""
        connection = self.connections.get(sid)
        return connection is not None and connection.transport.kind == "websocket"

    def forget(self, sid: str) -> None:
        """Let go of a connection, whatever state it is in."""
        connection = self.connections.pop(sid, None)
        if connection is None:
            return
        if connection.session is not None:
            connection.session.lost()
        connection.transport.lost()
        connection.handler.let_go()
        self._spawn(partial(self._close, connection))

    async def _close(self, connection: Connection) -> None:
        assert self._server is not None
        socket = self._server.eio.sockets.pop(connection.sid, None)
        if socket is not None:
            await socket.close(wait=False, abort=True)
            socket.queue.put_nowait(None)  # ends a poll, or the writer, that still waits

    async def _start(self) -> "Server":
        engine = await asyncio.to_thread(importlib.import_module, "moim_sync.api.socketio.engine")
        server: Server = engine.Server(PACKET_BYTES, PING_INTERVAL_S, PING_TIMEOUT_S)
        server.on("connect", self._admit)
        server.on("disconnect", self._left)
        self._shake_hands = server.eio.handlers["message"]
        self._opened_before = server.eio.handlers["connect"]
        server.eio.on("connect", self._opened)
        server.eio.on("message", self._received)
        self._server = server
        return server

    # What Engine.IO says

    async def _opened(self, sid: str, environ: dict[str, Any]) -> Any:
        assert self._server is not None
        handler = environ["tornado.handler"]
        handler.sid = sid
        transport = self._server.transport_of(sid, partial(self._hang_up, sid))
        connection = Connection(sid, handler, transport)
        self.connections[sid] = environ["moim.connection"] = connection
        self._expect_session_soon(connection)
        return await self._opened_before(sid, environ)

    async def _received(self, sid: str, packet: Any) -> None:
        connection = self.connections.get(sid)
        if connection is None or connection.transport.closed:
            return
        session = connection.session
        head = packet[:1] if isinstance(packet, str) else ""
        if session is None or head == "1":
            await self._shake(connection, packet)
        elif head != "3":  # nothing of ours is acknowledged
            text = packet if isinstance(packet, str | bytes) else repr(packet)[:100]
            wait = session.receive(text)
            if wait is not None:
                await wait

    async def _shake(self, connection: Connection, packet: Any) -> None:
        """Let python-socketio have CONNECT and DISCONNECT; whatever else comes first ends it."""
        try:
            if not isinstance(packet, str) or packet[:1] not in ("0", "1"):
                raise ValueError("expected CONNECT first")
            await self._shake_hands(connection.sid, packet)
        except Exception as error:  # noqa: BLE001  what is no packet, or fails: this one ends
            log.info("a Socket.IO connection ends before it began: %r", error)
            self.forget(connection.sid)

    # What Socket.IO says

    async def _admit(self, client_sid: str, environ: dict[str, Any], auth: Any) -> None:
        from socketio.exceptions import (  # type: ignore[import-untyped]
            ConnectionRefusedError as Refused,
        )

        connection: Connection = environ["moim.connection"]
        said = auth if isinstance(auth, dict) else {}
        token = said.get("token")
        token = token if isinstance(token, str) else ""
        who = self.identify(connection.handler, token)
        welcome = self.hub.authorize(who, Action.ENTER, None).allowed
        if who is None or not welcome:
            raise Refused("sign in first, or send auth: {token}", {"code": "sign-in"})
        name = said.get("name")
        if who.guest and isinstance(name, str) and name.strip():
            who = replace(who, name=name.strip()[:NAME_CHARACTERS])
        connection.by_token = bool(token)
        connection.client_sid = client_sid
        self._clients[client_sid] = connection
        assert self._server is not None
        connection.session = self._server.session_of(self.hub, connection.transport, who)
        self.hub.enter(connection.session)

    async def _left(self, client_sid: str, reason: str) -> None:
        connection = self._clients.pop(client_sid, None)
        if connection is None:
            return
        session, connection.session = connection.session, None
        if session is not None:
            session.lost()
        self._expect_session_soon(connection)

    def _expect_session_soon(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(self.hub.limits.hello_s, self._expect_session, connection)

    def _expect_session(self, connection: Connection) -> None:
        if connection.session is None:
            self.forget(connection.sid)

    def _hang_up(self, sid: str, code: int, reason: str) -> None:
        """End a connection: for good with a word why, or so that the client comes back."""
        connection = self.connections.get(sid)
        if connection is None:
            return
        if not CloseCode(code).is_final or self.hub.draining:
            self.forget(sid)
            return
        connection.transport.farewell(FINAL.get(CloseCode(code), "invalid"), reason)
        self._spawn(partial(self._say_goodbye, connection))

    def _spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async def guarded() -> None:
            try:
                await work()
            except Exception:
                log.exception("a Socket.IO connection could not be ended as it should")

        with suppress(RuntimeError):  # the hub has ended, and its loop is about to
            self.hub.spawn(guarded)

    async def _say_goodbye(self, connection: Connection) -> None:
        assert self._server is not None
        await self._server.disconnect(connection.client_sid)
        await asyncio.sleep(FAREWELL_S)
        self.forget(connection.sid)
