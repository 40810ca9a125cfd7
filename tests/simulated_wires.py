"""The connections of the simulation, and what happens to single frames on them.

`/sync` goes over TCP (or over polls, one after the other): there a frame is never lost, repeated
or overtaken alone, and what really happens is a hold or a cut, which lose an end of what was sent.
Both sides keep rules for it all the same (RESYNC closes a gap, an edit applied twice is one, ACK is
cumulative), as a proxy, a bug or a restored copy may bring it about. So any frame may suffer here,
but for what the protocol ends the connection for: a second HELLO is malformed, for good. What opens
something (HELLO, SUB, WELCOME) or answers it is asked for once a connection: lost, it is missed
until the next one, and nothing but that is allowed to be.

One loss nothing in the protocol would notice, and it is left out: PUSH numbers may be left out and
ACK is cumulative, so the server finds a hole only where a later edit needs the items of the lost
one. Edits from before a reload have another client id, which nothing later builds upon.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final, Literal

from websockets.exceptions import ConnectionClosedError
from websockets.frames import Close

from moim_sync.memory_channel import MemoryChannel, memory_pair
from moim_sync.messages import (
    Ack,
    Conflict,
    Granted,
    Perm,
    Ping,
    Pong,
    Presence,
    Push,
    Reject,
    Resolve,
    Resolved,
    Resync,
    Sub,
    Sync,
    Update,
    Welcome,
)
from moim_sync.protocol import decode_client_frames, decode_server_frames, encode

Way = Literal["up", "down"]
"""`up` is from a device to the server."""
Fate = Literal["lost", "repeated", "overtaken"]
Mishap = tuple[Fate, type]
"""What happens to the next frame of a type."""

MISHAPS: Final[dict[Way, tuple[Mishap, ...]]] = {
    "up": (
        *(("lost", kind) for kind in (Push, Presence, Pong, Resolve, Sub)),
        *(("repeated", kind) for kind in (Push, Presence, Pong, Resolve, Sub)),
        *(("overtaken", kind) for kind in (Push, Presence, Resolve)),
    ),
    "down": (
        *(
            ("lost", kind)
            for kind in (Update, Ack, Sync, Resync, Reject, Perm, Presence, Conflict, Resolved)
        ),
        *(("lost", kind) for kind in (Ping, Granted, Welcome)),
        *(
            ("repeated", kind)
            for kind in (Update, Ack, Sync, Resync, Reject, Perm, Presence, Conflict, Resolved)
        ),
        *(("repeated", kind) for kind in (Ping, Granted, Welcome)),
        *(("overtaken", kind) for kind in (Update, Ack, Sync, Presence, Conflict)),
    ),
}
"""What may happen to which frames."""


class Line(MemoryChannel):
    """One end of a connection, on whose way out frames suffer what `mishaps` says, each once."""

    _read: Callable[[bytes], Iterable[Any]]
    mishaps: list[Mishap]
    spares: Callable[[Any], bool]
    """Tells which frames must not be lost."""
    lost = False
    """True once something was lost, or came late."""

    @classmethod
    def over(
        cls,
        end: MemoryChannel,
        read: Callable[[bytes], Iterable[Any]],
        mishaps: list[Mishap],
        spares: Callable[[Any], bool] = lambda _: False,
    ) -> "Line":
        line = cls(end.path, end._incoming, end._outgoing)
        line._read, line.mishaps, line.spares, line._late = read, mishaps, spares, b""
        return line

    def write(self, message: bytes) -> None:
        if self.mishaps:
            message = b"".join(map(self._suffer, self._read(message)))
        elif not self._late:
            super().write(message)
            return
        if message:
            super().write(message)
            self.catch_up()

    def catch_up(self) -> None:
        """Deliver what was overtaken."""
        late, self._late = self._late, b""
        if late:
            super().write(late)

    def _suffer(self, frame: Any) -> bytes:
        data = encode(frame)
        for mishap in self.mishaps:
            fate, kind = mishap
            if isinstance(frame, kind) and (fate == "repeated" or not self.spares(frame)):
                self.mishaps.remove(mishap)
                self.lost = self.lost or fate != "repeated"
                if fate == "overtaken":
                    self._late += data
                return data * 2 if fate == "repeated" else b""
        return data


class Wire:
    """One connection as the client sees it: the socket of `websockets`, over memory."""

    def __init__(self, mishaps: dict[Way, list[Mishap]], spares: Callable[[Any], bool]) -> None:
        ours, theirs = memory_pair("/sync")
        self.ours = Line.over(ours, decode_client_frames, mishaps["up"], spares)
        self.theirs = Line.over(theirs, decode_server_frames, mishaps["down"])

    @property
    def has_lost(self) -> bool:
        """True once a frame was lost or came late, either way."""
        return self.ours.lost or self.theirs.lost

    async def send(self, data: bytes) -> None:
        if self.ours.close_code is not None:
            raise self._closed()
        self.ours.write(data)

    async def recv(self, decode: bool) -> bytes:
        try:
            return await self.ours.recv()
        except StopAsyncIteration:
            raise self._closed() from None

    @property
    def transport(self) -> "Wire":
        return self

    def abort(self) -> None:
        self.cut()

    def hold(self, way: Way) -> None:
        """Let nothing through, one way."""
        (self.ours if way == "up" else self.theirs).hold()

    def release(self) -> None:
        """Let through what was held, and what was overtaken."""
        for end in (self.ours, self.theirs):
            end.release()
            end.catch_up()

    def cut(self) -> None:
        """Lose the connection, and all that is on its way."""
        for end in (self.ours, self.theirs):
            end.close(1006)
            end.drop_held()
            end.release()

    def _closed(self) -> ConnectionClosedError:
        code = self.theirs.close_code
        known = code is not None and code != 1006
        return ConnectionClosedError(Close(code or 1006, "") if known else None, None)
