"""The webhooks that there are: who has one, for which document, to which address."""

import secrets
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Final

from moim.access.errors import AccessError
from moim.access.ledger import Ledger
from moim.webhooks.messages import ping_message
from moim.webhooks.public_addresses import check_url
from moim.webhooks.schedule import OVERLAP_HOURS
from moim.webhooks.signature import new_secret
from moim_data.accounts import Account, AccountRecords, Webhook, delete_record, put_record
from moim_data.documents.kinds import kind_of, parse_document_id
from moim_data.documents.shape import shape_of
from moim_data.store import DocumentId
from moim_data.webhook_rows import (
    Attempt,
    DeliveryState,
    Place,
    add_delivery,
    attempts_of,
    delete_webhook,
    find_delivery,
    place_of_document,
    put_due,
    put_place,
    waiting_of,
)
from moim_sync.api.content import singular

MOST: Final = 100
"""Webhooks of a server: each has a document in memory and, at times, a connection."""
MOST_OF_ONE: Final = 20
MOST_ONCE: Final = 20
"""Tests and messages sent again that may wait for a webhook."""
LABEL_CHARACTERS: Final = 60
_KINDS: Final = ("project", "calendar", "workspace")
_HOUR_MS: Final = 3_600_000


class Off(StrEnum):
    """Why nothing is sent."""

    GONE = "gone"
    """The receiver answered 410."""
    FAILING = "failing"
    """Nothing was taken for days."""


class Webhooks:
    """The webhooks of one file, by id, and what they have sent."""

    def __init__(
        self,
        ledger: Ledger,
        records: AccountRecords,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._ledger = ledger
        self._random_bytes = random_bytes
        self._by_id = {one.id: one for one in records.webhooks}
        self._watchers: list[Callable[[], None]] = []

    @property
    def is_served(self) -> bool:
        """True when something in this process sends what is due."""
        return bool(self._watchers)

    def watch(self, notify: Callable[[], None]) -> None:
        """Call `notify`, on the loop, when webhooks are others or something new is due."""
        self._watchers.append(notify)

    def find(self, webhook_id: str) -> Webhook | None:
        """Give the webhook of an id; None when it is removed."""
        return self._by_id.get(webhook_id)

    def of(self, account_id: str | None = None) -> list[Webhook]:
        """Give somebody's webhooks, or everybody's, oldest first."""
        mine = [one for one in self._by_id.values() if account_id in (None, one.account)]
        return sorted(mine, key=lambda one: (one.created_ms, one.id))

    def held(self, webhook_id: str, account_id: str | None = None) -> Webhook:
        """Give a webhook, of this account only if one is given. Raises AccessError."""
        found = self._by_id.get(webhook_id)
        if found is None or account_id not in (None, found.account):
            raise AccessError(f"no webhook {webhook_id!r}: `moim webhook list` names all")
        return found

    async def make(
        self,
        document: str,
        url: str,
        account: Account | None,
        *,
        events: Sequence[str] = (),
        label: str = "",
    ) -> Webhook:
        """Make a webhook for what changes from now on; whether one may is the caller's to ask.

        Args:
            account: for whom it reads; None for the server's owner.
            events: names of entities, as `card`; empty for all.

        Raises:
            UsageError: the address, the document or the events do not fit.
            UnknownKind: the document is none.
        """
        url, watched = check_url(url), checked_document(document)
        chosen = _checked_events(watched, events)
        owner = account.id if account else ""
        async with self._ledger.lock:
            if len(self._by_id) >= MOST or (owner and len(self.of(owner)) >= MOST_OF_ONE):
                raise AccessError(f"there are {MOST_OF_ONE} webhooks of one person, {MOST} in all")
            made = Webhook(
                self._random_bytes(4).hex(),
                owner,
                watched,
                url,
                " ".join(chosen),
                label.strip()[:LABEL_CHARACTERS],
                new_secret(self._random_bytes),
                "",
                0,
                "",
                self._ledger.clock(),
            )
            await self._ledger.keep(lambda connection: _begin(connection, made))
            self._by_id[made.id] = made
        self.changed()
        return made

    async def remove(self, webhook: Webhook) -> None:
        """Send nothing more, and forget it."""

        def work(connection: sqlite3.Connection) -> None:
            delete_record(connection, webhook)
            delete_webhook(connection, webhook.id)

        await self._ledger.keep(work)
        self._by_id.pop(webhook.id, None)
        self.changed()

    async def rotate(self, webhook: Webhook, overlap_hours: int = OVERLAP_HOURS) -> Webhook:
        """Draw another secret; the former one also signs for some hours."""
        until_ms = self._ledger.clock() + overlap_hours * _HOUR_MS
        return await self._change(
            webhook.id,
            secret=new_secret(self._random_bytes),
            former_secret=webhook.secret if overlap_hours else "",
            former_until_ms=until_ms if overlap_hours else 0,
        )

    async def turn_off(self, webhook: Webhook, why: Off) -> None:
        """Send nothing until it is turned on again."""
        await self._change(webhook.id, off=why.value)

    async def turn_on(self, webhook: Webhook) -> Webhook:
        """Go on where it stopped, at once."""
        now_ms = self._ledger.clock()
        await self._ledger.keep(lambda connection: put_due(connection, webhook.id, now_ms))
        return await self._change(webhook.id, off="")

    async def send_ping(self, webhook: Webhook) -> int:
        """Have a test sent, once; gives the number of its delivery. Raises AccessError."""
        body = ping_message(DocumentId(webhook.document), self._ledger.clock())
        return await self._send_once(webhook, new_message_id(self._random_bytes), body)

    async def send_again(self, webhook: Webhook, message: str) -> int:
        """Have a message sent once more, under its id; gives the number. Raises AccessError."""
        found = await self._ledger.keep(
            lambda connection: find_delivery(connection, webhook.id, message)
        )
        if found is None:
            raise AccessError(f"no message {message!r}: `moim webhook log {webhook.id}` names some")
        return await self._send_once(webhook, message, found.body)

    async def attempts(
        self, webhook: Webhook, most: int, delivery: int | None = None
    ) -> Sequence[Attempt]:
        """Give the last sendings, newest first, of one delivery only if one is given."""
        return await self._ledger.keep(
            lambda connection: attempts_of(connection, webhook.id, most, delivery)
        )

    async def waiting(self, webhook: Webhook) -> int:
        """Say how many messages wait to be taken."""
        return await self._ledger.keep(
            lambda connection: waiting_of(connection, webhook.id, DeliveryState.WAITING)
        )

    def changed(self) -> None:
        """Tell whoever watches."""
        for notify in self._watchers:
            notify()

    async def _send_once(self, webhook: Webhook, message: str, body: str) -> int:
        if webhook.off:
            raise AccessError(f"it is off ({webhook.off}): `moim webhook enable {webhook.id}`")
        now_ms = self._ledger.clock()

        def work(connection: sqlite3.Connection) -> int:
            if waiting_of(connection, webhook.id, DeliveryState.ONCE) >= MOST_ONCE:
                raise AccessError(f"{MOST_ONCE} such messages wait already")
            return add_delivery(connection, webhook.id, message, body, now_ms, DeliveryState.ONCE)

        number = await self._ledger.keep(work)
        self.changed()
        return number

    async def _change(self, webhook_id: str, **fields: object) -> Webhook:
        async with self._ledger.lock:
            changed = replace(self.held(webhook_id), **fields)  # type: ignore[arg-type]
            await self._ledger.write([changed])
            self._by_id[webhook_id] = changed
        self.changed()
        return changed


def new_message_id(random_bytes: Callable[[int], bytes]) -> str:
    """Draw the id of a message; it has no full stop, which would end it in what is signed."""
    return f"msg_{random_bytes(12).hex()}"


def checked_document(document: str) -> DocumentId:
    """Give a document that webhooks are for. Raises AccessError, UnknownKind."""
    watched = parse_document_id(document)
    if kind_of(watched).name not in _KINDS:
        raise AccessError(f"expected project/<id>, calendar/<id> or workspace, got {document!r}")
    return watched


def _checked_events(document: DocumentId, events: Sequence[str]) -> list[str]:
    shape = shape_of(kind_of(document).name)
    assert shape is not None
    known = {singular(name) for name in shape.roots}
    for event in events:
        if event not in known:
            raise AccessError(f"expected some of {', '.join(sorted(known))}, got {event!r}")
    return sorted(set(events))


def _begin(connection: sqlite3.Connection, webhook: Webhook) -> Place:
    place = place_of_document(connection, webhook.document)
    if place is None:
        raise AccessError(f"there is no {webhook.document}")
    put_record(connection, webhook)
    put_place(connection, webhook.id, place)
    return place
