"""Rows that hold a whole document up to a sequence number.

Two generations are kept. A snapshot whose hash is wrong is passed over for the one before it, whose
updates are still there, because only rows covered by the *older* generation are ever deleted.
"""

import sqlite3
from dataclasses import dataclass
from hashlib import sha256

from moim_data.connection import means_damage

FULL_STATE = "state"
"""The kind of a snapshot: one Yjs V1 update that holds the document's whole state."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document's whole state, as one Yjs V1 update, after update `upto_seq`."""

    upto_seq: int
    data: bytes


def snapshot_sha(document: int, snapshot: Snapshot) -> bytes:
    """SHA-256 over the place and the bytes of a snapshot."""
    return sha256(b"%d %d " % (document, snapshot.upto_seq) + snapshot.data).digest()


def insert_snapshot(
    connection: sqlite3.Connection, document: int, snapshot: Snapshot, at_ms: int
) -> None:
    """Add a generation, in the place of a damaged one that ends there as well."""
    connection.execute(
        "INSERT OR REPLACE INTO snap(doc, upto_seq, ts, kind, sha, data) VALUES (?,?,?,?,?,?)",
        [
            document,
            snapshot.upto_seq,
            at_ms,
            FULL_STATE,
            snapshot_sha(document, snapshot),
            snapshot.data,
        ],
    )


def newest_good_snapshot(connection: sqlite3.Connection, document: int) -> Snapshot | None:
    """Give the newest generation whose hash is right, None when there is none."""
    places = connection.execute(
        "SELECT upto_seq FROM snap WHERE doc = ? ORDER BY upto_seq DESC", [document]
    ).fetchall()
    for (upto_seq,) in places:
        try:
            snapshot = _read(connection, document, upto_seq)
        except sqlite3.DatabaseError as error:
            if not means_damage(error):
                raise
            snapshot = None
        if snapshot is not None:
            return snapshot
    return None


def _read(connection: sqlite3.Connection, document: int, upto_seq: object) -> Snapshot | None:
    # A damaged type makes text of a blob, which Python would refuse to decode.
    sha, data = connection.execute(
        "SELECT CAST(sha AS BLOB), CAST(data AS BLOB) FROM snap WHERE doc = ? AND upto_seq = ?",
        [document, upto_seq],
    ).fetchone() or (b"", b"")
    if not isinstance(upto_seq, int) or not isinstance(data, bytes):
        return None
    snapshot = Snapshot(upto_seq, data)
    return snapshot if snapshot_sha(document, snapshot) == sha else None


def delete_covered(
    connection: sqlite3.Connection, document: int, base_seq: int, newest_seq: int
) -> None:
    """Delete what two generations make superfluous: updates up to the older, other snapshots.

    Args:
        connection: inside a transaction.
        document: row id of the document.
        base_seq: where the older generation ends, which was read and found good; 0 for none.
        newest_seq: where the newest ends, which is committed.
    """
    connection.execute("DELETE FROM upd WHERE doc = ? AND seq <= ?", [document, base_seq])
    connection.execute(
        "DELETE FROM snap WHERE doc = ? AND upto_seq NOT IN (?, ?)",
        [document, base_seq, newest_seq],
    )
