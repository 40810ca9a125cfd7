"""One connection, whatever its door: what it may send, whether it still lives, how it ends."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from logging import Logger
from typing import Final, TypeVar

from moim_sync.authorization import Action, Authorize, everybody_edits
from moim_sync.channel import Transport
from moim_sync.errors import CloseCode, WireError
from moim_sync.identity import Identity
from moim_sync.limits import HubLimits

REASON_BYTES: Final = 120
"""What fits into a WebSocket close frame."""

PATIENCE: Final = 7 / 8
"""Of `dead_s`: connections are looked at twice a second, and a dead one is gone by then."""

T = TypeVar("T")

_numbers = count(1)


class Session:
    """The rim of one connection: nothing that goes wrong in it reaches any other.

    Args:
        transport: its sending half.
        who: as the session cookie or token says.
        clock: seconds, monotonic.
        authorize: asked before anything is read or written.
    """

    door = "sync"
    """Which protocol it speaks, for metrics: `sync` or `yjs`."""

    def __init__(
        self,
        transport: Transport,
        who: Identity,
        *,
        limits: HubLimits,
        clock: Callable[[], float],
        log: Logger,
        authorize: Authorize = everybody_edits,
    ) -> None:
        self.number = next(_numbers)
        """For logs only."""
        self.transport = transport
        self.who = who
        self.limits = limits
        self.clock = clock
        self.log = log
        self.authorize = authorize
        self.ended = False
        self._held = False
        self.on_end: Callable[[Session], None] | None = None
        self.began_s = self.heard_s = self.asked_s = clock()
        self._budget_bytes = float(limits.bytes_per_s)
        self._budget_at_s = self.began_s
        transport.drained = self.drained

    def receive(self, message: bytes | str) -> Awaitable[None] | None:
        """Take one message; await what is returned before handing over the next."""
        if self.ended:
            return None
        self.heard_s = self.clock()
        wait = self.guarded(lambda: self.handle(message))
        delay_s = self._spend(len(message))
        if delay_s <= 0 and wait is None:
            return None
        self._held = True
        return self._after(delay_s, wait)

    def guarded(self, work: Callable[[], T]) -> T | None:
        """Do something for this connection alone: what goes wrong in it ends only this one."""
        try:
            return work()
        except WireError as error:
            self.end(error.close_code, str(error))
        except Exception:
            self.log.exception("session %d failed", self.number)
            self.end(CloseCode.INTERNAL, "internal error")
        return None

    def heard(self) -> None:
        """Note a sign of life that is no message."""
        self.heard_s = self.clock()

    def lost(self) -> None:
        """Let go of everything; the connection is gone."""
        if self.ended:
            return
        self.ended = True
        self.transport.drained = None
        self.leave_all()
        if self.on_end is not None:
            self.on_end(self)

    def end(self, code: CloseCode, reason: str) -> None:
        """Close the connection, saying why."""
        if self.ended:
            return
        self.log.info("session %d of %s ends with %d: %s", self.number, self.who.id, code, reason)
        self.lost()
        self.transport.close(code, shorten(reason))

    def recheck(self) -> None:
        """Hold the connection to what its person may do now (G2, G3)."""
        if self.ended:
            return
        if self.authorize(self.who, Action.ENTER, None).allowed:
            self.recheck_documents()
        else:
            self.end(CloseCode.NOT_SIGNED_IN, "this sign-in is not valid any more")

    def tick(self, now_s: float) -> None:
        """Ask for a sign of life, and give up on who has been silent for too long."""
        if self._held:
            self.heard_s = now_s  # it is we who do not listen
        if now_s - self.heard_s > self.limits.dead_s * PATIENCE:
            self.end(CloseCode.SILENT, f"nothing heard for {self.limits.dead_s:g} s")
        elif now_s - self.asked_s >= self.limits.ping_s:
            self.asked_s = now_s
            self.ask_for_life()

    def handle(self, message: bytes | str) -> Awaitable[None] | None:
        """Do what a message says."""
        raise NotImplementedError

    def ask_for_life(self) -> None:
        """Send what a living client answers."""
        raise NotImplementedError

    def recheck_documents(self) -> None:
        """Take what the person's roles in the open documents have become."""
        raise NotImplementedError

    def leave_all(self) -> None:
        """Leave every room."""
        raise NotImplementedError

    def drained(self) -> None:
        """Catch up; everything written has gone to the network."""
        raise NotImplementedError

    def drain(self, delay_ms: int) -> None:
        """Announce the server's stop, where the protocol has a word for it."""

    def _spend(self, size_bytes: int) -> float:
        """Take bytes from the budget; give the seconds to wait for more."""
        rate = self.limits.bytes_per_s
        earned = (self.heard_s - self._budget_at_s) * rate
        self._budget_at_s = self.heard_s
        self._budget_bytes = min(float(rate), self._budget_bytes + earned) - size_bytes
        return -self._budget_bytes / rate

    async def _after(self, delay_s: float, wait: Awaitable[None] | None) -> None:
        try:
            if delay_s > 0:
                await asyncio.sleep(delay_s)
            if wait is not None:
                await wait
        finally:
            self._held = False


def shorten(reason: str) -> str:
    """Give a reason that fits into a close frame."""
    return reason.encode()[:REASON_BYTES].decode(errors="ignore")
