"""One webhook at work: one task writes down what is to be sent, another sends it, in order.

    room --news--> gather: rows of messages and the version they make, one transaction
    rows ---------> send: one at a time; what is not taken is sent again, and all later ones wait

Nothing is gathered while something waits, so a receiver that is away costs no memory: when it comes
back, it is told what has changed since, each register once.
"""

import asyncio
import logging
import secrets
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

import anyio

from moim.access.ledger import Ledger
from moim.access.people import People
from moim.webhooks.messages import change_messages, resync_message
from moim.webhooks.schedule import GIVE_UP_S, pause_ms
from moim.webhooks.sender import Outcome
from moim.webhooks.webhooks import Off, new_message_id
from moim_data.accounts import Webhook
from moim_data.errors import DataError
from moim_data.store import DocumentId
from moim_data.webhook_rows import (
    Attempt,
    Delivery,
    DeliveryState,
    Place,
    add_delivery,
    next_delivery,
    place_of,
    put_place,
    record_attempt,
)
from moim_sync.api.caller import Caller
from moim_sync.api.subscription import Ended, Subscription
from moim_sync.authorization import Action
from moim_sync.errors import SyncError
from moim_sync.hub import Hub
from moim_sync.identity import Identity

log = logging.getLogger(__name__)

MOST_WRITES: Final = 100
"""Registers that are told at once, so that catching up goes in pieces."""
GONE: Final = 410
_LOOK_AGAIN_MS: Final = 30_000
"""At a document that cannot be read, and at a person who may not."""


class Timer(Protocol):
    """The clock that a line lives by."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""

    async def until(self, at_ms: int, woken: asyncio.Event) -> None:
        """Wait for a time, or until woken; it may return too early."""


class Sends(Protocol):
    """What posts; see `Sender`."""

    async def send(self, webhook: Webhook, message: str, body: str, now_ms: int) -> Outcome:
        """Post a message and say what came of it."""


@dataclass(frozen=True, slots=True)
class Post:
    """What all lines of a server share."""

    hub: Hub
    people: People
    sender: Sends
    timer: Timer
    random: Callable[[], float]
    random_bytes: Callable[[int], bytes] = secrets.token_bytes
    pace_ms: int = 500
    """The least time from one look at a document to the next."""

    @property
    def ledger(self) -> Ledger:
        """Where rows are kept."""
        return self.people.ledger


class DeliveryLine:
    """Sends for one webhook until it is cancelled."""

    def __init__(self, post: Post, webhook: Webhook) -> None:
        self._post = post
        self._id = webhook.id
        self._document = DocumentId(webhook.document)
        self._woken = asyncio.Event()
        self._turn = asyncio.Event()
        self._sent_all = asyncio.Event()
        self._subscription: Subscription | None = None
        self._is_waiting = False

    def wake(self) -> None:
        """Look again at once: something is due, or rights are others."""
        self._woken.set()
        self._turn.set()
        self._turn = asyncio.Event()

    async def run(self) -> None:
        """Gather and send."""
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._guarded, self._gather)
                tasks.start_soon(self._guarded, self._send)
        finally:
            self._unsubscribe()
            self._say_waiting(False)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do something again and again; what goes wrong is tried again later."""
        while True:
            try:
                await work()
            except (DataError, SyncError, Ended) as error:
                log.info("webhook %s: %s", self._id, error)
                self._unsubscribe()
                await self._pause(_LOOK_AGAIN_MS)
            except Exception:
                log.exception("webhook %s failed", self._id)
                self._unsubscribe()
                await self._pause(_LOOK_AGAIN_MS)

    # Gathering

    async def _gather(self) -> None:
        """Wait until all is sent and something has changed, and write it down."""
        await self._sent_all.wait()
        webhook, who = self._allowed()
        if webhook is None or who is None:
            self._unsubscribe()
            await self._pause(_LOOK_AGAIN_MS)
            return
        if self._subscription is None and not await self._subscribe(who):
            return
        assert self._subscription is not None
        news = await self._subscription.next()
        webhook, who = self._allowed()
        if webhook is None or who is None:
            self._unsubscribe()  # what this news was is read again if they may once more
            return
        events = webhook.events.split()
        told = [one for one in news.changes if not events or one.entity in events]
        now_ms = self._post.timer.now_ms()
        if told:
            bodies = change_messages(self._document, told, news.seq, now_ms)
            # what was passed over is read again after a restart, and passed over again
            await self._write(bodies, Place(self._subscription.room.lineage, news.seq))
        if self._post.pace_ms:
            await self._post.timer.until(now_ms + self._post.pace_ms, asyncio.Event())

    async def _subscribe(self, who: Identity) -> bool:
        """Follow the document from where it was left; False when it is another copy now."""
        place = await self._post.ledger.keep(lambda connection: place_of(connection, self._id))
        if place is None:
            return False  # it has just been removed
        caller = Caller(self._post.hub, who)
        subscription = await caller.subscribe(
            self._document, place.seq, most_writes=MOST_WRITES, people=False
        )
        room = subscription.room
        if room.lineage == place.lineage and room.seq >= place.seq:
            self._subscription = subscription
            return True
        version = subscription.seq
        subscription.close()
        body = resync_message(self._document, version, self._post.timer.now_ms())
        await self._write([body], Place(room.lineage, version))
        return False

    async def _write(self, bodies: list[str], place: Place) -> None:
        """Keep what is to be sent, and how far this goes, together."""
        now_ms = self._post.timer.now_ms()
        messages = [(new_message_id(self._post.random_bytes), body) for body in bodies]

        def work(connection: sqlite3.Connection) -> None:
            if place_of(connection, self._id) is None:
                return  # removed in these moments
            for message, body in messages:
                add_delivery(connection, self._id, message, body, now_ms)
            put_place(connection, self._id, place)

        await self._post.ledger.keep(work)
        self._sent_all.clear()
        self.wake()

    def _unsubscribe(self) -> None:
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            subscription.close()

    # Sending

    async def _send(self) -> None:
        """Send what is due, or wait for it."""
        self._woken.clear()
        delivery = await self._post.ledger.keep(
            lambda connection: next_delivery(connection, self._id)
        )
        self._say_waiting(delivery is not None and delivery.state is DeliveryState.WAITING)
        if delivery is None:
            self._sent_all.set()
            await self._woken.wait()
            return
        webhook, who = self._allowed()
        now_ms = self._post.timer.now_ms()
        if webhook is None or who is None:
            await self._post.timer.until(now_ms + _LOOK_AGAIN_MS, self._woken)
        elif delivery.due_ms > now_ms:
            await self._post.timer.until(delivery.due_ms, self._woken)
        else:
            await self._try(webhook, delivery)

    async def _try(self, webhook: Webhook, delivery: Delivery) -> None:
        at_ms = self._post.timer.now_ms()
        outcome = await self._post.sender.send(webhook, delivery.message, delivery.body, at_ms)
        self._count(outcome)
        now_ms = self._post.timer.now_ms()
        tried = replace(
            delivery, attempts=delivery.attempts + 1, begun_ms=delivery.begun_ms or at_ms
        )
        settled, off = self._settle(tried, outcome, now_ms)
        attempt = Attempt(
            delivery.number,
            delivery.message,
            at_ms,
            tried.attempts,
            outcome.status,
            outcome.took_ms,
            outcome.error,
        )
        await self._post.ledger.keep(
            lambda connection: record_attempt(connection, settled, attempt)
        )
        if off:
            log.warning("webhook %s is off (%s): %s", self._id, off, outcome.error)
            await self._post.people.webhooks.turn_off(webhook, off)

    def _settle(
        self, tried: Delivery, outcome: Outcome, now_ms: int
    ) -> tuple[Delivery, Off | None]:
        """Say what becomes of a delivery, and why the webhook is turned off, if it is."""
        if outcome.is_taken:
            return replace(tried, state=DeliveryState.DELIVERED), None
        if outcome.status == GONE:
            once = tried.state is DeliveryState.ONCE
            tried = replace(tried, state=DeliveryState.FAILED) if once else tried
            return tried, Off.GONE
        if tried.state is DeliveryState.ONCE:
            return replace(tried, state=DeliveryState.FAILED), None
        if now_ms - tried.begun_ms >= GIVE_UP_S * 1000:
            return tried, Off.FAILING
        pause = pause_ms(tried.attempts, outcome.retry_after_s, self._post.random)
        return replace(tried, due_ms=now_ms + pause), None

    def _say_waiting(self, is_waiting: bool) -> None:
        self._post.hub.counters.webhooks_waiting += is_waiting - self._is_waiting
        self._is_waiting = is_waiting

    def _count(self, outcome: Outcome) -> None:
        how = "refused" if outcome.is_refused else "failed"
        how = "delivered" if outcome.is_taken else how
        self._post.hub.counters.webhook_attempts[how] += 1

    # Both

    def _allowed(self) -> tuple[Webhook | None, Identity | None]:
        """Give the webhook as it is now, and its person if they still own the document."""
        webhook = self._post.people.webhooks.find(self._id)
        who = None if webhook is None else self._post.people.hooking(webhook)
        may = self._post.hub.authorize(who, Action.MANAGE, self._document).allowed
        return webhook, who if may else None

    async def _pause(self, pause_ms: int) -> None:
        await self._post.timer.until(self._post.timer.now_ms() + pause_ms, self._turn)
