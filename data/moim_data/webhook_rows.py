"""What webhooks are to send, what came of it, and how far each has got, as rows.

What is to be sent is written down first, in one transaction with the version that it makes; only
then is it sent. So nothing is left out by the end of a process, and what is sent again bears the
same id. All functions run inside the caller's transaction.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

KEPT_DELIVERIES: Final = 100
"""Of each webhook, besides those that wait: they can be sent again."""
KEPT_ATTEMPTS: Final = 200


class DeliveryState(StrEnum):
    """What becomes of a delivery."""

    WAITING = "waiting"
    """It is sent again and again, before all later ones."""
    ONCE = "once"
    """It is sent once, whatever waits: a test, or one that was asked for again."""
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Place:
    """The version of a document up to which everything has been written down to be sent."""

    lineage: bytes
    seq: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to a receiver."""

    number: int
    webhook: str
    message: str
    """Its id for the receiver, the same each time that it is sent."""
    body: str
    state: DeliveryState
    attempts: int
    made_ms: int
    begun_ms: int
    """When it was first sent; 0: never."""
    due_ms: int
    """When it is sent next."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sending of a delivery."""

    delivery: int
    message: str
    at_ms: int
    attempt: int
    """1 for the first."""
    status: int
    """Of HTTP; 0 without an answer."""
    took_ms: int
    error: str
    """Empty when it was taken."""


_COLUMNS: Final = "number, webhook, message, body, state, attempts, made_ms, begun_ms, due_ms"


def place_of_document(connection: sqlite3.Connection, document: str) -> Place | None:
    """Give where a document stands now; None when there is none."""
    found = connection.execute(
        "SELECT lineage, next_seq - 1 FROM doc WHERE name = ?", (document,)
    ).fetchone()
    return None if found is None else Place(*found)


def place_of(connection: sqlite3.Connection, webhook: str) -> Place | None:
    """Give how far a webhook has got; None when it is gone."""
    found = connection.execute(
        "SELECT lineage, seq FROM webhook_place WHERE webhook = ?", (webhook,)
    ).fetchone()
    return None if found is None else Place(*found)


def put_place(connection: sqlite3.Connection, webhook: str, place: Place) -> None:
    """Keep how far a webhook has got."""
    connection.execute(
        "INSERT INTO webhook_place(webhook, lineage, seq) VALUES (?, ?, ?)"
        " ON CONFLICT(webhook) DO UPDATE SET lineage = excluded.lineage, seq = excluded.seq",
        (webhook, place.lineage, place.seq),
    )


def add_delivery(
    connection: sqlite3.Connection,
    webhook: str,
    message: str,
    body: str,
    now_ms: int,
    state: DeliveryState = DeliveryState.WAITING,
) -> int:
    """Keep something that is to be sent; gives its number, which is above all before."""
    added = connection.execute(
        "INSERT INTO webhook_delivery(webhook, message, body, state, attempts, made_ms, begun_ms,"
        " due_ms) VALUES (?, ?, ?, ?, 0, ?, 0, ?)",
        (webhook, message, body, state.value, now_ms, now_ms),
    )
    assert added.lastrowid is not None
    return added.lastrowid


def next_delivery(connection: sqlite3.Connection, webhook: str) -> Delivery | None:
    """Give what is to be sent next: what is sent once, else the oldest that waits."""
    for state in (DeliveryState.ONCE, DeliveryState.WAITING):
        found = connection.execute(
            f"SELECT {_COLUMNS} FROM webhook_delivery WHERE webhook = ? AND state = ?"
            " ORDER BY number LIMIT 1",
            (webhook, state.value),
        ).fetchone()
        if found is not None:
            return _delivery(found)
    return None


def find_delivery(connection: sqlite3.Connection, webhook: str, message: str) -> Delivery | None:
    """Give the newest delivery of a message; None when it is not kept."""
    found = connection.execute(
        f"SELECT {_COLUMNS} FROM webhook_delivery WHERE webhook = ? AND message = ?"
        " ORDER BY number DESC LIMIT 1",
        (webhook, message),
    ).fetchone()
    return None if found is None else _delivery(found)


def record_attempt(connection: sqlite3.Connection, delivery: Delivery, attempt: Attempt) -> None:
    """Keep what came of a sending, and what is to become of the delivery."""
    connection.execute(
        "UPDATE webhook_delivery SET state = ?, attempts = ?, begun_ms = ?, due_ms = ?"
        " WHERE number = ?",
        (
            delivery.state.value,
            delivery.attempts,
            delivery.begun_ms,
            delivery.due_ms,
            delivery.number,
        ),
    )
    connection.execute(
        "INSERT INTO webhook_attempt(webhook, delivery, at_ms, attempt, status, took_ms, error)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            delivery.webhook,
            delivery.number,
            attempt.at_ms,
            attempt.attempt,
            attempt.status,
            attempt.took_ms,
            attempt.error,
        ),
    )
    _trim(connection, delivery.webhook)


def put_due(connection: sqlite3.Connection, webhook: str, now_ms: int) -> None:
    """Let what waits be sent now, as if for the first time."""
    connection.execute(
        "UPDATE webhook_delivery SET due_ms = ?, begun_ms = 0, attempts = 0"
        " WHERE webhook = ? AND state = ?",
        (now_ms, webhook, DeliveryState.WAITING.value),
    )


def attempts_of(
    connection: sqlite3.Connection, webhook: str, most: int, delivery: int | None = None
) -> Sequence[Attempt]:
    """Give the last sendings, newest first, of one delivery only if one is given."""
    rows = connection.execute(
        "SELECT one.delivery, message, at_ms, attempt, status, took_ms, error"
        " FROM webhook_attempt AS one JOIN webhook_delivery AS two ON two.number = one.delivery"
        " WHERE one.webhook = ? AND ? IN (0, one.delivery) ORDER BY one.number DESC LIMIT ?",
        (webhook, delivery or 0, most),
    )
    return [Attempt(*row) for row in rows]


def waiting_of(connection: sqlite3.Connection, webhook: str, state: DeliveryState) -> int:
    """Say how many deliveries are in a state."""
    (count,) = connection.execute(
        "SELECT count(*) FROM webhook_delivery WHERE webhook = ? AND state = ?",
        (webhook, state.value),
    ).fetchone()
    return int(count)


def delete_webhook(connection: sqlite3.Connection, webhook: str) -> None:
    """Delete all that is kept of a webhook but its own row."""
    for table in ("webhook_place", "webhook_delivery", "webhook_attempt"):
        connection.execute(f"DELETE FROM {table} WHERE webhook = ?", (webhook,))


def _trim(connection: sqlite3.Connection, webhook: str) -> None:
    connection.execute(
        "DELETE FROM webhook_delivery WHERE webhook = ?1 AND state IN ('delivered', 'failed')"
        " AND number <= (SELECT number FROM webhook_delivery WHERE webhook = ?1"
        " AND state IN ('delivered', 'failed') ORDER BY number DESC LIMIT 1 OFFSET ?2)",
        (webhook, KEPT_DELIVERIES),
    )
    connection.execute(
        "DELETE FROM webhook_attempt WHERE webhook = ?1 AND number <= (SELECT number FROM"
        " webhook_attempt WHERE webhook = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
        (webhook, KEPT_ATTEMPTS),
    )


def _delivery(row: tuple[object, ...]) -> Delivery:
    number, webhook, message, body, state, *rest = row
    return Delivery(number, webhook, message, body, DeliveryState(state), *rest)  # type: ignore[arg-type]
