"""How a session meets its socket: ordered messages both ways, and a close.

A Transport is the sending half. `write` never waits and never raises: what the network does not
take at once is counted in `waiting_bytes`, and the session decides what a slow reader still gets.
The receiving half belongs to whoever made the transport: it hands each message to
`session.receive`, waits for what that returns before the next one, and says `session.lost()` at the
end.
"""

from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from logging import Logger
from typing import Protocol

from anyio import CancelScope, Event, create_task_group
from pycrdt import Channel


class Transport(Protocol):
    """The sending half of one connection."""

    drained: Callable[[], None] | None
    """Called when everything waiting has gone to the network."""

    @property
    def kind(self) -> str:
        """How it travels, for metrics: `websocket`, `polling`, `channel`."""

    @property
    def waiting_bytes(self) -> int:
        """What was written and has not yet gone to the network."""

    def write(self, message: bytes) -> None:
        """Send one binary message, or nothing when the connection has ended."""

    def ping(self) -> None:
        """Ask the other side for a sign of life, where the transport knows how to."""

    def close(self, code: int, reason: str) -> None:
        """End the connection; what was written before still goes out if the network takes it."""


class Receiver(Protocol):
    """The session's side of the receiving half."""

    def receive(self, message: bytes | str) -> Awaitable[None] | None:
        """Take one message; the transport awaits what is returned before it reads on."""

    def lost(self) -> None:
        """Learn that the connection is gone. May be called more than once."""


class QueueTransport:
    """Gives a pycrdt Channel, whose `send` must be awaited, the sending half of a connection.

    One task sends, in order; a send that fails ends this connection and touches no other.
    """

    kind = "channel"

    def __init__(self, channel: Channel, log: Logger) -> None:
        self.drained: Callable[[], None] | None = None
        self.waiting_bytes = 0
        self._channel = channel
        self._log = log
        self._queue: deque[bytes] = deque()
        self._changed = Event()
        self._closed = False
        self.closed = Event()
        """Set when the last message went out."""

    def write(self, message: bytes) -> None:
        """Queue a message; the session holds the bound."""
        if self._closed:
            return
        self._queue.append(message)
        self.waiting_bytes += len(message)
        self._changed.set()

    def ping(self) -> None:
        """Do nothing: a pycrdt Channel has no ping."""

    def close(self, code: int, reason: str) -> None:
        """Let the pump send what is queued and end."""
        self._closed = True
        self._changed.set()

    async def pump(self) -> None:
        """Send until closed; a failing channel closes itself."""
        try:
            async for message in self._messages():
                await self._channel.send(message)
                self.waiting_bytes -= len(message)
                if not self.waiting_bytes and self.drained is not None:
                    self.drained()
        except Exception as error:  # noqa: BLE001  the rim of one connection
            self._log.info("sending to %s failed: %r", self._channel.path, error)
        finally:
            self._closed = True
            self._queue.clear()
            self.closed.set()

    async def _messages(self) -> AsyncIterator[bytes]:
        while True:
            while self._queue:
                yield self._queue.popleft()
            if self._closed:
                return
            self._changed = Event()
            await self._changed.wait()


async def serve_channel(session: Receiver, transport: QueueTransport, channel: Channel) -> None:
    """Hand a pycrdt channel's messages to a session until either side ends."""
    async with create_task_group() as group:
        group.start_soon(transport.pump)
        group.start_soon(_end_with, transport, group.cancel_scope)
        try:
            await receive_all(session, channel)
        finally:
            transport.close(1000, "")


async def receive_all(session: Receiver, channel: Channel) -> None:
    """Hand a channel's messages to a session until the channel ends."""
    try:
        async for message in channel:
            wait = session.receive(message)
            if wait is not None:
                await wait
    finally:
        session.lost()


async def _end_with(transport: QueueTransport, scope: CancelScope) -> None:
    await transport.closed.wait()
    scope.cancel()
