"""What leaves one Socket.IO connection, and how much of it waits.

Engine.IO's own queue has no bound, so the bytes in it are counted here: who tells news waits until
there is room, and a client for whom far too much waits all the same is let go.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Protocol

LAG_BYTES: Final = 64 * 1024
"""What may wait for a client before it is told no more until some of it has left."""


class EngineSocket(Protocol):
    """Of Engine.IO's socket, what is used here."""

    queue: "asyncio.Queue[Any]"
    upgraded: bool


class SocketIoTransport:
    """The sending half of one connection, whichever way its packets travel.

    Args:
        socket: Engine.IO's.
        packet: makes an Engine.IO packet of a text.
        event: makes the text of an event.
        hang_up: ends the connection, with a close code and the reason.
    """

    def __init__(
        self,
        socket: EngineSocket,
        packet: Callable[[str], Any],
        event: Callable[[str, Any], str],
        hang_up: Callable[[int, str], None],
    ) -> None:
        self.drained: Callable[[], None] | None = None
        self.waiting_bytes = 0
        self._socket = socket
        self._packet = packet
        self._event = event
        self._hang_up = hang_up
        self._given: deque[tuple[Any, int]] = deque()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self.closed = False

    @property
    def kind(self) -> str:
        """`websocket`, or `polling` as long as the client has not changed over."""
        return "websocket" if self._socket.upgraded else "polling"

    def put(self, text: str) -> None:
        """Send a Socket.IO packet, or nothing when the connection has ended."""
        if self.closed:
            return
        packet = self._packet(text)
        size_bytes = len(text.encode())
        self._given.append((packet, size_bytes))
        self._count(size_bytes)
        self._socket.queue.put_nowait(packet)

    def sent(self) -> None:
        """Learn that what Engine.IO took out of its queue so far is with the network."""
        while self._given and self._given[0][0].encode_cache is not None:
            self._count(-self._given.popleft()[1])

    async def room(self) -> None:
        """Wait until so little waits that more may be said, or nothing can be any more."""
        while self.waiting_bytes > LAG_BYTES and not self.closed:
            await self._has_room.wait()

    def write(self, message: bytes) -> None:
        """Send nothing: what this door says is text."""

    def ping(self) -> None:
        """Ask nothing: Engine.IO asks for signs of life."""

    def close(self, code: int, reason: str) -> None:
        """End the connection."""
        if not self.closed:
            self._hang_up(code, reason)
            self.lost()

    def farewell(self, code: str, reason: str) -> None:
        """Say why the connection is going to end."""
        self.put(self._event("session:ended", {"code": code, "message": reason}))

    def lost(self) -> None:
        """Let go of who waits for room: the connection has ended."""
        self.closed = True
        self.waiting_bytes = 0
        self._given.clear()
        self._has_room.set()

    def _count(self, size_bytes: int) -> None:
        self.waiting_bytes += size_bytes
        if self.waiting_bytes > LAG_BYTES:
            self._has_room.clear()
        else:
            self._has_room.set()
