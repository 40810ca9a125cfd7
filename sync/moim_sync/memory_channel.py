"""Both ends of a connection in memory, for tests and for programs that live with their hub.

The pair can be held still: while it is, nothing arrives on either side until `release`, so that a
test decides what happens before what.
"""

from collections import deque
from collections.abc import Callable
from typing import Self

from anyio import Event


class _Pipe:
    """One direction: messages in order, delivered at once unless held."""

    def __init__(self) -> None:
        self.held = False
        self.closed = False
        self.sent: deque[bytes] = deque()
        self.arrived: deque[bytes] = deque()
        self._changed = Event()

    @property
    def waiting_bytes(self) -> int:
        return sum(map(len, self.sent))

    def put(self, message: bytes) -> None:
        if not self.closed:
            self.sent.append(message)
            self.move()

    def close(self) -> None:
        self.closed = True
        self.move()

    def move(self) -> None:
        if not self.held:
            self.arrived.extend(self.sent)
            self.sent.clear()
            self.wake()

    def wake(self) -> None:
        self._changed.set()

    async def get(self) -> bytes | None:
        while not self.arrived:
            if self.closed and not self.sent:
                return None
            self._changed = Event()
            await self._changed.wait()
        return self.arrived.popleft()


class MemoryChannel:
    """One end, as a pycrdt Channel and as a Transport."""

    kind = "memory"

    def __init__(self, path: str, incoming: _Pipe, outgoing: _Pipe) -> None:
        self.path = path
        self.drained: Callable[[], None] | None = None
        self.close_code: int | None = None
        self.close_reason = ""
        self._incoming = incoming
        self._outgoing = outgoing

    @property
    def waiting_bytes(self) -> int:
        """What was written and is held."""
        return self._outgoing.waiting_bytes

    def write(self, message: bytes) -> None:
        """Send a message, or nothing when the connection has ended."""
        self._outgoing.put(message)

    def ping(self) -> None:
        """Do nothing: memory does not fall silent."""

    def close(self, code: int = 1000, reason: str = "") -> None:
        """End both directions."""
        if self.close_code is None:
            self.close_code, self.close_reason = code, reason
        self._outgoing.close()
        self._incoming.close()

    async def send(self, message: bytes) -> None:
        """Send a message."""
        self._outgoing.put(message)

    async def recv(self) -> bytes:
        """Receive a message; raises StopAsyncIteration at the end."""
        message = await self._incoming.get()
        if message is None:
            raise StopAsyncIteration
        return message

    def take(self) -> list[bytes]:
        """Give everything that has arrived, without waiting."""
        messages = list(self._incoming.arrived)
        self._incoming.arrived.clear()
        return messages

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        return await self.recv()

    def hold(self) -> None:
        """Let nothing that is written from now on arrive."""
        self._outgoing.held = True

    def release(self, messages: int | None = None) -> None:
        """Deliver so many of the held messages, or all and hold no more."""
        if messages is None:
            self._outgoing.held = False
            self._outgoing.move()
        else:
            for _ in range(min(messages, len(self._outgoing.sent))):
                self._outgoing.arrived.append(self._outgoing.sent.popleft())
            self._outgoing.wake()
        if not self._outgoing.sent and self.drained is not None:
            self.drained()

    def drop_held(self) -> None:
        """Lose what is held, as a cut connection does."""
        self._outgoing.sent.clear()


def memory_pair(path: str) -> tuple[MemoryChannel, MemoryChannel]:
    """Give the client's and the server's end of one connection."""
    up, down = _Pipe(), _Pipe()
    return MemoryChannel(path, down, up), MemoryChannel(path, up, down)
