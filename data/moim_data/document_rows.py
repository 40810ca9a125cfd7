"""A document as it lies in the file: its row in `doc`, the newest good snapshot, later updates.

There are three answers to "which document is that": found, absent and damaged. Damaged is never
told as absent, because an absent document is made anew, and its people would start from nothing.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from zlib import crc32

from moim_data.connection import means_damage, reading
from moim_data.errors import CorruptDocument, StorageError
from moim_data.snapshots import Snapshot, newest_good_snapshot
from moim_data.store import Append, DocumentId, StoredVersion
from moim_data.updates import Tail, first_kept, read_durable, read_tail

ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """A document as it lies in the file; `row` is its number in the table `doc`."""

    row: int
    lineage: bytes
    seq: int
    snapshot: Snapshot | None
    tail: Tail
    durable: dict[bytes, int]


def document_exists(connection: sqlite3.Connection, document: DocumentId) -> bool:
    """Say whether a document is known; raises CorruptDocument when nobody can say."""
    with _damage_named(document):
        found = connection.execute("SELECT 1 FROM doc WHERE name = ?", [document]).fetchone()
        if found is None:
            _check_absent(connection, document)
        return found is not None


def read_document(connection: sqlite3.Connection, document: DocumentId) -> DocumentRows | None:
    """Read a document whole, None when it is absent; raises CorruptDocument."""
    with _damage_named(document), reading(connection):
        return _read_document(connection, document)


def read_version(
    connection: sqlite3.Connection, document: DocumentId, seq: int
) -> StoredVersion | None:
    """Read a document as it was after update `seq`; None when the log does not reach so far back.

    Raises:
        CorruptDocument: what is needed of it is damaged.
        StorageError: there is no such document.
    """
    with _damage_named(document), reading(connection):
        row = find_document(connection, document)
        snapshot = newest_good_snapshot(connection, row, seq)
        after_seq = snapshot.upto_seq if snapshot else 0
        if after_seq < seq and first_kept(connection, row) > after_seq + 1:
            return None
        tail = read_tail(connection, row, document, after_seq, seq, upto_seq=seq)
        return StoredVersion(((snapshot.data,) if snapshot else ()) + tail.data)


@contextmanager
def _damage_named(document: DocumentId) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if not means_damage(error):
            raise
        raise CorruptDocument(
            f"{document}: SQLite cannot read it ({error}): bring back a backup"
        ) from error


def _read_document(connection: sqlite3.Connection, document: DocumentId) -> DocumentRows | None:
    found = connection.execute(
        "SELECT id, name, kind, lineage, crc, next_seq FROM doc WHERE name = ?", [document]
    ).fetchone()
    if found is None:
        _check_absent(connection, document)
        return None
    *values, crc, next_seq = found
    if document_crc(*values) != crc or values[1] != document or not isinstance(next_seq, int):
        raise CorruptDocument(f"{document}: its row is damaged: bring back a backup")
    row, last_seq = values[0], next_seq - 1
    snapshot = newest_good_snapshot(connection, row)
    after_seq = snapshot.upto_seq if snapshot else 0
    tail = read_tail(connection, row, document, after_seq, last_seq)
    durable = read_durable(connection, row, document)
    return DocumentRows(row, values[3], last_seq, snapshot, tail, durable)


def _check_absent(connection: sqlite3.Connection, document: DocumentId) -> None:
    # The index may have lost a row that the table still has, or the name itself may be damaged:
    # then nobody can say that this document does not exist.
    hidden = connection.execute(
        "SELECT 1 FROM doc NOT INDEXED WHERE name = ?", [document]
    ).fetchone()
    if hidden or has_damaged_rows(connection):
        raise CorruptDocument(
            f"{document}: not found, but the list of documents is damaged: bring back a backup"
        )


def has_damaged_rows(connection: sqlite3.Connection) -> bool:
    """Say whether a row of the list of documents cannot be believed."""
    rows = connection.execute("SELECT id, name, kind, lineage, crc FROM doc NOT INDEXED")
    return any(document_crc(*values) != crc for *values, crc in rows)


def document_crc(row: int, name: str, kind: str, lineage: bytes) -> int:
    """CRC-32 over what never changes in a document's row, but by `renew_lineage`."""
    return crc32(repr((row, name, kind, lineage)).encode(errors="replace"))


def insert_document(connection: sqlite3.Connection, document: DocumentId, lineage: bytes) -> bytes:
    """Add a document without updates and give its lineage back."""
    kind = document.partition("/")[0]
    row = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM doc").fetchone()[0]
    connection.execute(
        "INSERT INTO doc(id, name, kind, lineage, epoch, next_seq, state, crc)"
        " VALUES (?, ?, ?, ?, 1, 1, ?, ?)",
        [row, document, kind, lineage, ACTIVE, document_crc(row, document, kind, lineage)],
    )
    return lineage


def renew_lineage(connection: sqlite3.Connection, document: DocumentId, lineage: bytes) -> None:
    """Make another document of it for its clients, with the same content and counters."""
    row, kind = connection.execute("SELECT id, kind FROM doc WHERE name = ?", [document]).fetchone()
    connection.execute(
        "UPDATE doc SET lineage = ?, crc = ? WHERE id = ?",
        [lineage, document_crc(row, document, kind, lineage), row],
    )


def last_written_ms(connection: sqlite3.Connection, documents: Sequence[DocumentId]) -> int:
    """Give when something was last written to any of these documents; 0 for never."""
    return max((_written_ms(connection, document) for document in documents), default=0)


def _written_ms(connection: sqlite3.Connection, document: DocumentId) -> int:
    # One row each: a log holds much data, and what a snapshot covers may be gone.
    found = connection.execute(
        "SELECT coalesce("
        " (SELECT ts FROM upd WHERE upd.doc = doc.id ORDER BY seq DESC LIMIT 1),"
        " (SELECT ts FROM snap WHERE snap.doc = doc.id ORDER BY upto_seq DESC LIMIT 1), 0)"
        " FROM doc WHERE name = ?",
        [document],
    ).fetchone()
    return int(found[0]) if found else 0


def find_document(connection: sqlite3.Connection, document: DocumentId) -> int:
    """Give the row id of a document that exists."""
    return _find(connection, document)[0]


def take_numbers(connection: sqlite3.Connection, batch: Append) -> int:
    """Move the document's counter past the batch and give the document's row id.

    The numbers must follow what is kept. So a batch that comes after a refused one of the same
    document is refused as well, and what is on disk is always a prefix.
    """
    numbers = [update.seq for update in batch.updates]
    row, next_seq = _find(connection, batch.document)
    if numbers != list(range(next_seq, next_seq + len(numbers))):
        raise StorageError(
            f"{batch.document}: expected updates from {next_seq} on, got {numbers[:3]}...: "
            "an earlier batch was refused, hand that over first"
        )
    if numbers:
        connection.execute("UPDATE doc SET next_seq = ? WHERE id = ?", [numbers[-1] + 1, row])
    return row


def _find(connection: sqlite3.Connection, document: DocumentId) -> tuple[int, int]:
    found: tuple[int, int] | None = connection.execute(
        "SELECT id, next_seq FROM doc WHERE name = ?", [document]
    ).fetchone()
    if found is None:
        raise StorageError(f"{document} does not exist: open it with create=True first")
    return found
