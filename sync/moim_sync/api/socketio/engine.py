"""python-socketio's server as this door runs it. Imported with the first request: it takes long."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Protocol

import socketio  # type: ignore[import-untyped]
from engineio.exceptions import EngineIOError  # type: ignore[import-untyped]
from engineio.packet import MESSAGE, Packet  # type: ignore[import-untyped]
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError

from moim_sync.api.socketio.packets import StrictPacket, encode_event
from moim_sync.api.socketio.session import SocketIoSession
from moim_sync.api.socketio.transport import SocketIoTransport
from moim_sync.hub import Hub
from moim_sync.identity import Identity


class Server(socketio.AsyncServer):  # type: ignore[misc]
    """The server of one door.

    Everything that sessions do themselves is off: Engine.IO's reaper, its origins, compression.
    """

    def __init__(self, packet_bytes: int, ping_interval_s: int, ping_timeout_s: int) -> None:
        super().__init__(
            async_mode="tornado",
            serializer=StrictPacket,
            namespaces=["/"],
            cors_allowed_origins=[],  # the handler has looked at the origin
            http_compression=False,
            max_http_buffer_size=packet_bytes,
            ping_interval=ping_interval_s,
            ping_timeout=ping_timeout_s,
            monitor_clients=False,  # sessions know best who is gone
            logger=_quiet_logger(),
            engineio_logger=_quiet_logger(),
        )
        self._silent_s = ping_interval_s + ping_timeout_s
        # Its own adapter for Tornado sends without waiting, so that nothing tells what waits.
        self.eio._async = {**self.eio._async, "websocket": WebSocket}

    def transport_of(self, sid: str, hang_up: Callable[[int, str], None]) -> SocketIoTransport:
        """Give the sending half of a connection."""
        return SocketIoTransport(
            self.eio.sockets[sid], partial(Packet, MESSAGE), encode_event, hang_up
        )

    def session_of(self, hub: Hub, transport: SocketIoTransport, who: Identity) -> SocketIoSession:
        """Make the session of somebody who has come in."""
        return SocketIoSession(hub, transport, who, self._silent_s)


class SocketHandler(Protocol):
    """What Engine.IO's side of a WebSocket needs of the Tornado handler."""

    async def send(self, message: str | bytes) -> None:
        """Send, and wait until the network has it."""

    async def next_message(self) -> str | bytes | None:
        """Give what came; None at the end."""

    def let_go(self) -> None:
        """Close."""


class WebSocket:
    """A WebSocket as Engine.IO asks for one."""

    def __init__(self, serve: Callable[["WebSocket"], Awaitable[Any]], _: object) -> None:
        self._serve = serve
        self._handler: SocketHandler

    async def __call__(self, environ: dict[str, Any]) -> Any:  # noqa: D102  Engine.IO calls it
        self._handler = environ["tornado.handler"]
        return await self._serve(self)

    async def send(self, message: str | bytes) -> None:
        """Send one packet."""
        try:
            await self._handler.send(message)
        except (WebSocketClosedError, StreamClosedError):
            raise EngineIOError from None

    async def wait(self) -> str | bytes:
        """Give the next packet. Raises OSError at the end."""
        message = await self._handler.next_message()
        if message is None:
            raise OSError("the connection has ended")
        return message

    async def close(self) -> None:
        """End the connection."""
        self._handler.let_go()


def _quiet_logger() -> logging.Logger:
    """Theirs tells each packet, and each id of an earlier server as an error."""
    quiet = logging.getLogger(f"{__name__}.quiet")
    quiet.setLevel(logging.CRITICAL)
    return quiet
