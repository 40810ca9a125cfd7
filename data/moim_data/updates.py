"""Rows of the log: one row an update, one row a replica that wrote.

Each row carries a CRC over all that it says, so that a flipped bit is told apart from what somebody
wrote. Sequence numbers of a document are contiguous, and the last one is kept in the document's own
row: a row that is gone is noticed too.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from moim_data.errors import CorruptDocument
from moim_data.row_insert import RowInsert
from moim_data.store import FieldWrite, Update

HIGHEST_SEQ: Final = 2**63 - 1
"""What SQLite counts to."""
_UPDATES = RowInsert("INSERT INTO upd(doc, seq, ts, actor, replica, cs, crc, data)", 8)
_REPLICAS = RowInsert(
    "INSERT INTO replica(doc, replica, cs, seen, crc)",
    5,
    " ON CONFLICT(doc, replica) DO UPDATE"
    " SET cs = excluded.cs, seen = excluded.seen, crc = excluded.crc"
    " WHERE excluded.cs > replica.cs",
)
_FIELDS = RowInsert("INSERT OR REPLACE INTO field(doc, path, seq, actor, ts)", 5)


@dataclass(frozen=True, slots=True)
class Tail:
    """The updates after a snapshot, in order."""

    data: tuple[bytes, ...]

    @property
    def size_bytes(self) -> int:
        """Sum of the updates' sizes."""
        return sum(map(len, self.data))


def insert_updates(
    connection: sqlite3.Connection, document: int, updates: tuple[Update, ...]
) -> None:
    """Add rows to the log of the document with this row id."""
    _UPDATES.insert(
        connection,
        [
            (document, row.seq, row.at_ms, row.actor, row.replica, row.cs, crc, row.data)
            for row in updates
            for crc in [update_crc(document, row)]
        ],
    )


def insert_durable(
    connection: sqlite3.Connection, document: int, durable: Mapping[bytes, int], at_ms: int
) -> None:
    """Raise what is known to be on disk, per replica; never lowers it."""
    _REPLICAS.insert(
        connection,
        [
            (document, replica, cs, at_ms, replica_crc(document, replica, cs))
            for replica, cs in durable.items()
        ],
    )


def insert_fields(
    connection: sqlite3.Connection, document: int, fields: tuple[FieldWrite, ...]
) -> None:
    """Note the last writer of each register."""
    rows = [(document, one.path, one.seq, one.actor, one.at_ms) for one in fields]
    _FIELDS.insert(connection, rows)


def read_tail(
    connection: sqlite3.Connection,
    document: int,
    name: str,
    after_seq: int,
    last_seq: int,
    upto_seq: int = HIGHEST_SEQ,
) -> Tail:
    """Give the updates `after_seq + 1 .. last_seq`, or raise CorruptDocument.

    The last number is kept in the document's row, so a log that ends early is noticed, and one that
    goes on, unless only what comes up to `upto_seq` is asked for.
    """
    rows = connection.execute(
        "SELECT seq, ts, actor, replica, cs, data, crc FROM upd WHERE doc = ? AND seq > ?"
        " AND seq <= ? ORDER BY seq",
        [document, after_seq, upto_seq],
    )
    data = []
    for expected, (*values, crc) in enumerate(rows, after_seq + 1):
        data.append(_checked(document, name, expected, Update(*values), crc))
    if len(data) != last_seq - after_seq:
        raise _damaged(name, after_seq + len(data) + 1)
    return Tail(tuple(data))


def first_kept(connection: sqlite3.Connection, document: int) -> int:
    """Give the number of the oldest update that is kept; beyond all numbers when none is."""
    found = connection.execute("SELECT min(seq) FROM upd WHERE doc = ?", [document]).fetchone()
    return found[0] if isinstance(found[0], int) else HIGHEST_SEQ


def read_durable(connection: sqlite3.Connection, document: int, name: str) -> dict[bytes, int]:
    """Give the highest `cs` on disk per replica, or raise CorruptDocument."""
    durable = {}
    for replica, cs, crc in connection.execute(
        "SELECT replica, cs, crc FROM replica WHERE doc = ?", [document]
    ):
        # A number too high here would make a client forget what was never kept.
        if replica_crc(document, replica, cs) != crc:
            raise CorruptDocument(
                f"{name}: what a replica has saved is damaged: bring back a backup"
            )
        durable[replica] = cs
    return durable


def update_crc(document: int, update: Update) -> int:
    """CRC-32 over a row of the log."""
    head = (document, update.seq, update.at_ms, update.actor, update.replica, update.cs)
    return crc32(update.data, crc32(repr(head).encode()))


def replica_crc(document: int, replica: bytes, cs: int) -> int:
    """CRC-32 over what a replica has on disk."""
    return crc32(repr((document, replica, cs)).encode())


def _checked(document: int, name: str, expected_seq: int, row: Update, crc: object) -> bytes:
    try:
        good = row.seq == expected_seq and update_crc(document, row) == crc
    except TypeError:  # a flipped type byte turns a blob into text or a number
        good = False
    if not good:
        raise _damaged(name, expected_seq)
    return row.data


def _damaged(name: str, seq: int) -> CorruptDocument:
    return CorruptDocument(f"{name}: update {seq} is missing or damaged: bring back a backup")
