"""The log of changes as it lies in the file: what registers were set to, one row each.

Update rows go with compaction, so history has this log of its own. It is bounded: of what is older
than the horizon only the newest row of each path stays, so that from the horizon on everything is
known.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from moim_data.row_insert import RowInsert
from moim_data.store import LoggedChange, LogPage, LogPlace

DAY_MS: Final = 24 * 3_600_000

_CHANGES = RowInsert("INSERT INTO change(doc, seq, n, at_ms, actor, path, value)", 7)


@dataclass(frozen=True, slots=True)
class LogLimits:
    """What is kept of a document's log; older rows go when either is exceeded."""

    days: int = 400
    rows: int = 200_000


def numbered(changes: Sequence[LoggedChange]) -> Iterator[tuple[LogPlace, LoggedChange]]:
    """Give each change its place: rows of one number are counted from 1."""
    place = LogPlace()
    for change in changes:
        place = LogPlace(change.seq, place.n + 1 if place.seq == change.seq else 1)
        yield place, change


def insert_changes(
    connection: sqlite3.Connection, document: int, changes: Sequence[LoggedChange]
) -> None:
    """Add changes of the document with this row id."""
    rows = [
        (document, place.seq, place.n, one.at_ms, one.actor, one.path, one.value)
        for place, one in numbered(changes)
    ]
    _CHANGES.insert(connection, rows)


def has_changes(connection: sqlite3.Connection, document: int) -> bool:
    """Say whether anything of the document with this row id is in the log."""
    found = connection.execute("SELECT 1 FROM change WHERE doc = ? LIMIT 1", [document])
    return found.fetchone() is not None


def read_changes(connection: sqlite3.Connection, name: str, after: LogPlace, most: int) -> LogPage:
    """Give at most so many rows after a place; none for a document that is not there."""
    rows = connection.execute(
        "SELECT seq, n, at_ms, actor, path, value FROM change"
        " WHERE doc = (SELECT id FROM doc WHERE name = ?) AND (seq, n) > (?, ?)"
        " ORDER BY seq, n LIMIT ?",
        [name, after.seq, after.n, most + 1],
    ).fetchall()
    page = rows[:most]
    changes = tuple(LoggedChange(seq, *rest) for seq, _, *rest in page)
    last = LogPlace(*page[-1][:2]) if page else after
    return LogPage(changes, last, len(rows) > most)


@dataclass(frozen=True, slots=True)
class Superseded:
    """What is to be taken out of a log, and from when on it is whole then."""

    places: tuple[tuple[int, int], ...]
    """`seq` and `n` of each row."""
    whole_from_ms: int


def superseded(
    connection: sqlite3.Connection, document: int, limits: LogLimits, now_ms: int
) -> Superseded | None:
    """Name the rows that the limits make superfluous; None when there are none.

    Reads the log of one document from its beginning to the horizon; not for the writer's thread.
    """
    horizon_seq = _horizon_seq(connection, document, limits, now_ms)
    newest: dict[str, tuple[int, int]] = {}
    found, whole_from_ms = [], 0
    for seq, n, path, at_ms in connection.execute(
        "SELECT seq, n, path, at_ms FROM change WHERE doc = ? AND seq <= ? AND path != ''"
        " ORDER BY seq, n",
        [document, horizon_seq],
    ):
        if path in newest:
            found.append(newest[path])
        newest[path] = (seq, n)
        whole_from_ms = at_ms
    return Superseded(tuple(found), whole_from_ms) if found else None


def delete_changes(connection: sqlite3.Connection, document: int, gone: Superseded) -> None:
    """Take rows out, and say in the log from when on it is whole."""
    connection.execute("DELETE FROM change WHERE doc = ? AND path = ''", [document])
    insert_changes(connection, document, [LoggedChange(0, gone.whole_from_ms, "", "", "")])
    values = ",".join(["(?, ?)"] * len(gone.places))
    connection.execute(
        f"DELETE FROM change WHERE doc = ? AND (seq, n) IN (VALUES {values})",
        [document, *(number for place in gone.places for number in place)],
    )


def _horizon_seq(
    connection: sqlite3.Connection, document: int, limits: LogLimits, now_ms: int
) -> int:
    by_rows = connection.execute(
        "SELECT seq FROM change WHERE doc = ? ORDER BY seq DESC, n DESC LIMIT 1 OFFSET ?",
        [document, limits.rows],
    ).fetchone()
    (by_age,) = connection.execute(
        "SELECT max(seq) FROM change WHERE doc = ? AND at_ms < ?",
        [document, now_ms - limits.days * DAY_MS],
    ).fetchone()
    return max(by_rows[0] if by_rows else 0, by_age or 0)
