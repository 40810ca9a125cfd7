"""Conflicts of documents as they lie in the file; `action` is empty until one is settled."""

import sqlite3
from dataclasses import fields

from moim_data.row_insert import RowInsert
from moim_data.store import Conflict, FieldWrite

_COLUMNS = tuple(field.name for field in fields(Conflict))
_NAMES = ", ".join("ts" if name == "at_ms" else name for name in _COLUMNS)
_CONFLICTS = RowInsert(
    f"INSERT OR REPLACE INTO conflict(doc, action, settled, {_NAMES})", len(_COLUMNS) + 3
)


def insert_conflicts(
    connection: sqlite3.Connection, document: int, conflicts: tuple[Conflict, ...]
) -> None:
    """Add conflicts of the document with this row id."""
    rows = [
        (document, "", 0, *(getattr(conflict, name) for name in _COLUMNS)) for conflict in conflicts
    ]
    _CONFLICTS.insert(connection, rows)


def read_conflicts(connection: sqlite3.Connection, document: int) -> tuple[Conflict, ...]:
    """Give those that are not settled, oldest first."""
    rows = connection.execute(
        f"SELECT {_NAMES} FROM conflict WHERE doc = ? AND action = '' ORDER BY seq, id", [document]
    )
    return tuple(Conflict(*row) for row in rows)


def settle_conflict(
    connection: sqlite3.Connection, document: int, conflict: str, action: str, at_ms: int
) -> None:
    """Note how a conflict was settled; one that is settled already keeps what it has."""
    connection.execute(
        "UPDATE conflict SET action = ?, settled = ? WHERE id = ? AND doc = ? AND action = ''",
        [action, at_ms, conflict, document],
    )


def read_fields(connection: sqlite3.Connection, document: int) -> tuple[FieldWrite, ...]:
    """Give the last writer of each register."""
    rows = connection.execute("SELECT path, seq, actor, ts FROM field WHERE doc = ?", [document])
    return tuple(FieldWrite(*row) for row in rows)
