"""One client of the door: what it may ask how often, what it follows, and how it ends.

Each event is a task of its own, so that a command that waits for the disk holds back no other. How
many there are at once, how many a second, and how many documents are followed is bounded; what is
too much is answered with a code and not done. Who goes on all the same is let go.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from functools import partial
from typing import Any, Final
from weakref import WeakValueDictionary

from moim_data.store import DocumentId
from moim_sync.api.caller import Caller
from moim_sync.api.failure import Failure
from moim_sync.api.socketio.events import EVENTS
from moim_sync.api.socketio.followed import Followed, NotBegun
from moim_sync.api.socketio.messages import Message, failure_message
from moim_sync.api.socketio.packets import (
    Event,
    MalformedPacket,
    decode_event,
    encode_ack,
    encode_event,
)
from moim_sync.api.socketio.request import Request
from moim_sync.api.socketio.transport import SocketIoTransport
from moim_sync.errors import CloseCode, OverLimit, UnknownDocument
from moim_sync.hub import Hub
from moim_sync.identity import Identity
from moim_sync.session import Session

EVENTS_PER_S: Final = 100
BURST: Final = 200
"""Events that may come at once after a rest."""
MOST_REFUSED: Final = 1_000
"""Events beyond the budget, in a row, after which the connection ends."""
AT_ONCE: Final = 64
SUBSCRIPTIONS: Final = 64
BEHIND_BYTES: Final = 1024 * 1024
"""Above this the client is too slow even for answers."""


class SocketIoSession(Session):
    """Made once the client has said who it is.

    Args:
        silent_s: how long nothing may be heard.
    """

    door = "socketio"

    def __init__(
        self, hub: Hub, transport: SocketIoTransport, who: Identity, silent_s: float
    ) -> None:
        super().__init__(
            transport,
            who,
            limits=hub.limits,
            clock=hub.now_s,
            log=hub.log,
            authorize=hub.authorize,
        )
        self.hub = hub
        self.caller = Caller(hub, who)
        self.followed: dict[DocumentId, Followed] = {}
        self.at_once = 0
        """Events that are being answered."""
        self._out = transport
        self._silent_s = silent_s
        self._changing: WeakValueDictionary[DocumentId, asyncio.Lock] = WeakValueDictionary()
        """One lock for each document that is subscribed to or left just now."""
        self._events = float(BURST)
        self._events_at_s = self.began_s
        self._refused = 0

    # What comes in

    def handle(self, message: bytes | str) -> Awaitable[None] | None:
        """Take an event; it is answered by a task of its own."""
        allowed = self._spend_event()
        try:
            event = decode_event(message if isinstance(message, str) else repr(message[:20]))
        except MalformedPacket as error:
            self.say("error", {"code": "invalid", "message": str(error)})
            return None
        if not allowed:
            failure = Failure("limit", f"at most {EVENTS_PER_S} events a second; try again later")
            self._answer(event, failure_message(failure))
        elif self.at_once >= AT_ONCE:
            failure = Failure("busy", f"at most {AT_ONCE} events at once; wait for their answers")
            self._answer(event, failure_message(failure))
        else:
            self.at_once += 1
            self.hub.spawn(partial(self._happen, event))
        return None

    async def _happen(self, event: Event) -> None:
        try:
            answer = await self._done(event)
            await self._out.room()
            self.guarded(lambda: self._answer(event, answer))
        finally:
            self.at_once -= 1

    async def _done(self, event: Event) -> Message:
        try:
            work = EVENTS.get(event.name)
            if work is None:
                known = ", ".join(EVENTS)
                got = f"{event.name[:64]!r}"
                return failure_message(Failure("unknown", f"expected one of {known}, got {got}"))
            return {"ok": True, **await work(self, Request(event.arguments))}
        except NotBegun as error:
            return failure_message(Failure(error.code, str(error)))
        except Exception as error:  # noqa: BLE001  the rim: one event harms no other
            return failure_message(Failure.of(error))

    def _answer(self, event: Event, answer: Message) -> None:
        if event.ack_id is not None:
            self.put(encode_ack(event.ack_id, answer))
        elif not answer["ok"]:
            self.say("error", {"event": event.name[:64], **answer})

    def _spend_event(self) -> bool:
        earned = (self.heard_s - self._events_at_s) * EVENTS_PER_S
        self._events_at_s = self.heard_s
        self._events = min(float(BURST), self._events + earned)
        if self._events >= 1:
            self._events -= 1
            self._refused = 0
            return True
        self._refused += 1
        if self._refused > MOST_REFUSED:
            raise OverLimit(f"more than {EVENTS_PER_S} events a second")
        return False

    # What goes out

    async def room(self) -> None:
        """Wait until the client has taken most of what it was told."""
        await self._out.room()

    def say(self, name: str, message: Message) -> None:
        """Emit an event to the client."""
        self.put(encode_event(name, message))

    def put(self, text: str) -> None:
        """Send the text of a packet."""
        if self.ended:
            return
        self._out.put(text)
        if self._out.waiting_bytes > BEHIND_BYTES:
            self.hub.counters.laggards += 1
            self.end(CloseCode.TOO_SLOW, "too far behind; reconnect")

    # What it follows

    async def subscribe(self, document: DocumentId, since: int | None) -> int:
        """Follow a document, anew if it is followed already.

        Raises:
            OverLimit: it follows as many as it may.
            NotBegun: it was ended before it began. Else as `Caller.subscribe`.
        """
        async with self._changing_of(document):
            if len(self._changing.keys() | self.followed.keys()) > SUBSCRIPTIONS:
                raise OverLimit(f"at most {SUBSCRIPTIONS} subscriptions of one connection")
            subscription = await self.caller.subscribe(document, since)
            if (old := self.followed.pop(document, None)) is not None:
                old.leave()
            followed = Followed(document, subscription, self, self.hub.now_ms)
            if self.ended:
                followed.leave()
            else:
                self.followed[document] = followed
            self.hub.spawn(partial(self._follow, followed))
        return await followed.caught_up

    async def unsubscribe(self, document: DocumentId) -> None:
        """Follow a document no more. Raises UnknownDocument when it is not followed."""
        async with self._changing_of(document):
            followed = self.followed.pop(document, None)
        if followed is None:
            raise UnknownDocument(f"you are not subscribed to {document}")
        followed.leave()

    def announce(self, document: DocumentId, state: Mapping[str, Any] | None) -> None:
        """Let the person be seen where they follow, or no longer. Raises as Subscription does."""
        followed = self.followed.get(document)
        if followed is None:
            raise UnknownDocument(f"subscribe to {document} first")
        followed.subscription.announce(state)

    def _changing_of(self, document: DocumentId) -> asyncio.Lock:
        """Give what keeps the order in which one document is subscribed to and left."""
        return self._changing.setdefault(document, asyncio.Lock())

    async def _follow(self, followed: Followed) -> None:
        try:
            await followed.run()
        except Exception:
            self.log.exception("session %d failed to follow %s", self.number, followed.document)
        if self.followed.get(followed.document) is followed:
            del self.followed[followed.document]

    # Its life

    def tick(self, now_s: float) -> None:
        """Let go of a client that has gone without a word; Engine.IO asks for signs of life."""
        if now_s - self.heard_s > self._silent_s:
            self.end(CloseCode.SILENT, f"nothing heard for {self._silent_s:g} s")

    def ask_for_life(self) -> None:
        """Ask nothing."""

    def recheck_documents(self) -> None:
        """Do nothing: each subscription is held to what the person may do by itself."""

    def leave_all(self) -> None:
        """End every subscription."""
        followed = list(self.followed.values())
        self.followed.clear()
        for one in followed:
            one.leave()

    def drained(self) -> None:
        """Do nothing: who waits for room is woken by the transport."""
