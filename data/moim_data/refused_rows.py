"""Edits of a client that a server did not accept, as they lie in the outbox file."""

import json
import sqlite3
from dataclasses import dataclass

from moim_data.store import DocumentId


@dataclass(frozen=True, slots=True)
class RefusedEdit:
    """An edit that was taken back or never applied; kept until somebody decides about it."""

    id: int
    document: DocumentId
    at_ms: int
    code: str
    """`schema`, `limit`, `role`, `broken`; see sync/PROTOCOL.md E1-E3."""
    message: str
    touched: tuple[str, ...]
    values: tuple[str, ...]
    """JSON of what each touched register was set to, "" where it is not known."""
    update: bytes


def move_entries(
    connection: sqlite3.Connection,
    document: DocumentId,
    lineage: bytes,
    cs: tuple[int, int],
    reason: tuple[str, str],
) -> None:
    """Take the entries numbered `cs[0] .. cs[1]` out of the outbox, with a code and a message."""
    where = "doc = ? AND lineage = ? AND cs BETWEEN ? AND ?"
    place = [document, lineage, *cs]
    connection.execute(
        "INSERT INTO refused(doc, at_ms, code, message, touched, vals, data)"
        f" SELECT doc, at_ms, ?, ?, touched, vals, data FROM entry WHERE {where} ORDER BY cs",
        [*reason, *place],
    )
    connection.execute(f"DELETE FROM entry WHERE {where}", place)


def read_refused(connection: sqlite3.Connection, document: DocumentId) -> tuple[RefusedEdit, ...]:
    """Give the refused edits of a document, oldest first."""
    rows = connection.execute(
        "SELECT id, at_ms, code, message, touched, vals, data FROM refused WHERE doc = ?"
        " ORDER BY id",
        [document],
    )
    return tuple(
        RefusedEdit(
            key,
            document,
            at_ms,
            code,
            message,
            tuple(json.loads(touched)),
            tuple(json.loads(values)),
            data,
        )
        for key, at_ms, code, message, touched, values, data in rows
    )
