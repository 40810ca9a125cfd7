"""One connection's place in one room: what it is sent, what it is owed, and how far it lags.

A reader that is slow gets no more updates until its socket has drained, then one difference of all
it missed (B4). The missed updates are the same bytes objects for all laggards: they cost little.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pycrdt import merge_updates

from moim_sync.authorization import Role
from moim_sync.channel import Transport
from moim_sync.errors import CloseCode
from moim_sync.identity import Identity
from moim_sync.limits import HubLimits
from moim_sync.messages import Perm, Reject, Resync
from moim_sync.protocol import encode, encode_presence, encode_update_frame
from moim_sync.y_protocol import (
    encode_awareness_message,
    encode_sync_step1,
    encode_sync_update,
)

if TYPE_CHECKING:
    from moim_sync.edit import Edit
    from moim_sync.room import Room

MOST_REFUSALS: Final = 10
REFUSALS_WITHIN_S: Final = 10.0
MERGE_AT_ONCE: Final = 50
"""More than this in one merge_updates is slower than merging in chunks."""


class Outgoing:
    """What one flush says to the readers of a room, encoded once for each door."""

    __slots__ = (
        "plain_presence",
        "plain_update",
        "presence",
        "seq",
        "sync_both",
        "sync_presence",
        "update",
    )

    def __init__(
        self, channel: int, seq: int, update: bytes | None, presence: bytes | None
    ) -> None:
        self.seq = seq
        self.update = update
        self.presence = presence
        frame = encode_update_frame(channel, seq, update) if update is not None else b""
        self.sync_presence = encode_presence(channel, presence) if presence is not None else b""
        self.sync_both = frame + self.sync_presence
        self.plain_update = encode_sync_update(update) if update is not None else b""
        self.plain_presence = encode_awareness_message(presence) if presence is not None else b""


@dataclass(slots=True)
class _Missed:
    since_s: float
    waiting_bytes: int
    """The least that has waited since the reader began to lag: less of it is progress."""
    updates: list[bytes] = field(default_factory=list)
    size_bytes: int = 0
    seq: int = 0
    ack: bytes = b""


class Member:
    """What both doors share; SyncMember and PlainMember say it in their own protocol."""

    plain = False

    def __init__(
        self,
        room: "Room",
        transport: Transport,
        who: Identity,
        end: Callable[[CloseCode, str], None],
        *,
        replica: bytes = b"",
    ) -> None:
        self.room = room
        self.transport = transport
        self.who = who
        self.end = end
        self.replica = replica
        self.parked: list[Edit] = []
        """Edits that wait for items the server lacks; nothing at or above them is acknowledged."""
        self.applied_cs = 0
        """The highest number applied on this connection."""
        self.refused = False
        """True once an edit was refused for good: nothing of this subscription counts any more."""
        self._limits: HubLimits = room.limits
        self._missed: _Missed | None = None
        self._refusals_s: deque[float] = deque()
        self._presence_budget = float(self._limits.push.presence_per_s)
        self._presence_at_s = room.clock()
        self._presence_timer: asyncio.TimerHandle | None = None
        self._presence_held = b""

    def durable_cs(self) -> int:
        """The highest number that may be called durable once all applied is: none that parks."""
        if not self.parked:
            return self.applied_cs
        return min(self.applied_cs, min(edit.cs for edit in self.parked) - 1)

    def count_refusal(self) -> None:
        """Note that an edit was taken back just now."""
        self._refusals_s.append(self.room.clock())

    def has_spent_its_refusals(self, now_s: float) -> bool:
        """Tell whether so many edits were taken back of late that the next is not tried (E3)."""
        while self._refusals_s and now_s - self._refusals_s[0] > REFUSALS_WITHIN_S:
            self._refusals_s.popleft()
        return len(self._refusals_s) > MOST_REFUSALS

    def announce(self, update: bytes) -> None:
        """Take presence from the connection: so many a second, then only the newest (R1)."""
        now_s = self.room.clock()
        per_s = self._limits.push.presence_per_s
        earned = (now_s - self._presence_at_s) * per_s
        self._presence_budget = min(float(per_s), self._presence_budget + earned)
        self._presence_at_s = now_s
        if self._presence_timer is not None:
            self._presence_held = update
        elif self._presence_budget >= 1:
            self._presence_budget -= 1
            self.room.presence.announce(self, self.who, update, self.plain)
        else:
            self._presence_held = update
            loop = asyncio.get_running_loop()
            self._presence_timer = loop.call_later(1 / per_s, self._announce_held)

    def _announce_held(self) -> None:
        self._presence_timer = None
        self._presence_budget -= 1
        self.room.presence.announce(self, self.who, self._presence_held, self.plain)

    def forget(self) -> None:
        """Stop what was still to come; the room calls it when the member leaves."""
        if self._presence_timer is not None:
            self._presence_timer.cancel()
            self._presence_timer = None

    def tell(self, code: str, message: str) -> None:
        """Say that the document cannot be written, or can again, where there is a word for it."""

    def note(self, frame: bytes) -> None:
        """Send what only this connection is told, before what the flush says."""

    def reject(self, cs: int, code: str, message: str) -> None:
        """Refuse an edit, and every later one of this subscription (E2)."""
        self.refused = True
        self.end(CloseCode.OVER_LIMIT if code == "limit" else CloseCode.MALFORMED, message)

    def deliver(self, out: Outgoing, echo: bool, ack: bytes) -> None:
        """Send a flush; `echo` is False to the only author of it."""
        raise NotImplementedError

    def resync(self, state_vector: bytes) -> None:
        """Ask for everything that a state vector lacks."""
        raise NotImplementedError

    def drained(self) -> None:
        """Send what was missed, when everything before it has gone to the network."""
        missed, self._missed = self._missed, None
        if missed is not None:
            self._catch_up(missed.seq, merge(missed.updates), missed.ack)

    def check_lag(self, now_s: float) -> None:
        """Let go of a reader that has been behind for too long."""
        missed = self._missed
        if missed is None:
            return
        if self.transport.waiting_bytes < missed.waiting_bytes:
            # A large first SYNC on a slow line takes its time, and may as long as it moves.
            missed.waiting_bytes = self.transport.waiting_bytes
            missed.since_s = now_s
        elif now_s - missed.since_s > self._limits.behind_s:
            self._too_slow()

    def _catch_up(self, seq: int, update: bytes, ack: bytes) -> None:
        raise NotImplementedError

    def _misses(self, out: Outgoing) -> bool:
        """True when this reader lags, so that the update of this flush waits for its drain."""
        waiting_bytes = self.transport.waiting_bytes
        if self._missed is None:
            if waiting_bytes <= self._limits.lag_bytes:
                return False
            self._missed = _Missed(self.room.clock(), waiting_bytes)
        assert out.update is not None
        self._missed.updates.append(out.update)
        self._missed.size_bytes += len(out.update)
        self._missed.seq = out.seq
        if self._missed.size_bytes > self._limits.behind_bytes:
            self._too_slow()
        return True

    def _too_slow(self) -> None:
        self.room.counters.laggards += 1
        self.end(CloseCode.TOO_SLOW, "too far behind; reconnect")


class SyncMember(Member):
    """A subscription on `/sync`."""

    role = Role.EDITOR
    """What the client has been told that its person is."""

    def deliver(self, out: Outgoing, echo: bool, ack: bytes) -> None:
        """Send the flush, presence and the acknowledgement as one message."""
        if out.update is None or not echo or self._misses(out):
            message = out.sync_presence
        else:
            message = out.sync_both
        if ack:
            if self._missed is None:
                message += ack
            else:
                # An ACK tells how far its reader has seen, so it waits for what was missed.
                self._missed.ack = ack
        if message:
            self.transport.write(message)

    def resync(self, state_vector: bytes) -> None:
        """Send RESYNC."""
        self.transport.write(encode(Resync(self.room.number, "gap", state_vector)))

    def tell(self, code: str, message: str) -> None:
        """Send PERM about the document."""
        self.transport.write(encode(Perm(self.room.number, self.room.document, code, message)))

    def note(self, frame: bytes) -> None:
        """Send a frame at once."""
        self.transport.write(frame)

    def reject(self, cs: int, code: str, message: str) -> None:
        """Send a REJECT after which the client begins anew."""
        if self.refused:
            return
        self.refused = True
        self.room.counters.rejects[code] += 1
        self.note(encode(Reject(self.room.number, cs, True, code, message)))

    def _catch_up(self, seq: int, update: bytes, ack: bytes) -> None:
        self.transport.write(encode_update_frame(self.room.number, seq, update) + ack)


class PlainMember(Member):
    """A connection on `/yjs`, or of code written for pycrdt-websocket."""

    plain = True

    def deliver(self, out: Outgoing, echo: bool, ack: bytes) -> None:
        """Send the flush and presence, each as its own message of y-websocket."""
        if out.update is not None and echo and not self._misses(out):
            self.transport.write(out.plain_update)
        if out.plain_presence:
            self.transport.write(out.plain_presence)

    def resync(self, state_vector: bytes) -> None:
        """Send SyncStep1."""
        self.transport.write(encode_sync_step1(state_vector))

    def _catch_up(self, seq: int, update: bytes, ack: bytes) -> None:
        self.transport.write(encode_sync_update(update))


def merge(updates: list[bytes]) -> bytes:
    """Merge committed updates into one, in chunks."""
    while len(updates) > 1:
        chunks = (updates[at : at + MERGE_AT_ONCE] for at in range(0, len(updates), MERGE_AT_ONCE))
        updates = [merge_updates(*chunk) if len(chunk) > 1 else chunk[0] for chunk in chunks]
    return updates[0]
