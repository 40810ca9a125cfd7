"""Rows that hold a whole document up to a sequence number.

Two generations are kept. A snapshot whose hash is wrong is passed over for the one before it, whose
updates are still there, because only rows covered by the *older* generation are ever deleted.

A large snapshot is written and deleted in parts, a transaction each, so that the commits of all
other documents find their turn in between; its own row comes last and goes first.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from moim_data.connection import means_damage

PART_BYTES = 256 * 1024

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


def parts_beyond_first(snapshot: Snapshot) -> Iterator[tuple[int, bytes]]:
    """Give what does not fit the row of the snapshot itself, as numbered parts."""
    for start in range(PART_BYTES, len(snapshot.data), PART_BYTES):
        yield start // PART_BYTES, snapshot.data[start : start + PART_BYTES]


def insert_part(
    connection: sqlite3.Connection, document: int, upto_seq: int, part: int, data: bytes
) -> None:
    """Add a part; nobody sees it before `insert_snapshot`."""
    connection.execute(
        "INSERT INTO snap_part(doc, upto_seq, part, data) VALUES (?,?,?,?)",
        [document, upto_seq, part, data],
    )


def insert_snapshot(
    connection: sqlite3.Connection, document: int, snapshot: Snapshot, at_ms: int
) -> None:
    """Add a generation, whose later parts are there already, by its first part."""
    connection.execute(
        "INSERT INTO snap(doc, upto_seq, ts, kind, sha, data) VALUES (?,?,?,?,?,?)",
        [
            document,
            snapshot.upto_seq,
            at_ms,
            FULL_STATE,
            snapshot_sha(document, snapshot),
            snapshot.data[:PART_BYTES],
        ],
    )


def newest_good_snapshot(
    connection: sqlite3.Connection, document: int, upto_seq: int | None = None
) -> Snapshot | None:
    """Give the newest generation whose hash is right, None when there is none.

    Args:
        upto_seq: of those that reach no further than this.
    """
    places = connection.execute(
        "SELECT upto_seq FROM snap WHERE doc = ? AND (? IS NULL OR upto_seq <= ?)"
        " ORDER BY upto_seq DESC",
        [document, upto_seq, upto_seq],
    ).fetchall()
    for (place,) in places:
        try:
            snapshot = read_generation(connection, document, place)
        except sqlite3.DatabaseError as error:
            if not means_damage(error):
                raise
            snapshot = None
        if snapshot is not None:
            return snapshot
    return None


def read_generation(
    connection: sqlite3.Connection, document: int, upto_seq: object
) -> Snapshot | None:
    """Give the generation that ends there, None when its hash is wrong."""
    # A damaged type makes text of a blob, which Python would refuse to decode.
    sha, first = connection.execute(
        "SELECT CAST(sha AS BLOB), CAST(data AS BLOB) FROM snap WHERE doc = ? AND upto_seq = ?",
        [document, upto_seq],
    ).fetchone() or (b"", b"")
    rest = connection.execute(
        "SELECT CAST(data AS BLOB) FROM snap_part WHERE doc = ? AND upto_seq = ? ORDER BY part",
        [document, upto_seq],
    ).fetchall()
    pieces = [first, *(data for (data,) in rest)]
    if not isinstance(upto_seq, int) or not all(isinstance(piece, bytes) for piece in pieces):
        return None
    snapshot = Snapshot(upto_seq, b"".join(pieces))
    return snapshot if snapshot_sha(document, snapshot) == sha else None


def delete_generation(connection: sqlite3.Connection, document: int, upto_seq: int) -> None:
    """Forget a damaged generation, or what a killed process left of one; its parts go later."""
    connection.execute("DELETE FROM snap WHERE doc = ? AND upto_seq = ?", [document, upto_seq])


def delete_orphan(connection: sqlite3.Connection, document: int) -> bool:
    """Delete one part whose snapshot is not there; False when there is none."""
    found = connection.execute(
        "SELECT rowid FROM snap_part AS part WHERE doc = ? AND NOT EXISTS"
        " (SELECT 1 FROM snap WHERE doc = part.doc AND upto_seq = part.upto_seq) LIMIT 1",
        [document],
    ).fetchone()
    if found is not None:
        connection.execute("DELETE FROM snap_part WHERE rowid = ?", found)
    return found is not None


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
