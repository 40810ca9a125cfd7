"""The store in one SQLite file: see `moim_data.store` for what it promises.

The file is held by a lock, the connection by one writer thread. A document is its row in `doc`,
the newest good snapshot, and the updates after it; `read_document` is the only reader and is shared
with the compaction process.
"""

import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from sqlite_utils import Database

from moim_data.database import OnConnect, open_database, transaction
from moim_data.errors import CorruptDatabase, CorruptDocument, StorageError
from moim_data.lock import FileLock
from moim_data.migrations import store_migrations
from moim_data.snapshots import Snapshot, newest_good_snapshot
from moim_data.store import Append, DocumentId, StoredDocument
from moim_data.updates import (
    Tail,
    insert_durable,
    insert_fields,
    insert_updates,
    read_durable,
    read_tail,
)
from moim_data.writer import QueueLimits, Writer

LINEAGE_BYTES = 16
COMPACT_AT_ROWS = 500
COMPACT_AT_BYTES = 1024 * 1024

_ACTIVE = "active"


def wall_clock_ms() -> int:
    """Milliseconds since 1970, UTC. A label on rows, never an order."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class _TailSize:
    rows: int = 0
    size_bytes: int = 0

    def is_long(self) -> bool:
        return self.rows >= COMPACT_AT_ROWS or self.size_bytes >= COMPACT_AT_BYTES


@dataclass(frozen=True, slots=True)
class DocumentRows:
    """A document as it lies in the file; `row` is its number in the table `doc`."""

    row: int
    lineage: bytes
    seq: int
    snapshot: Snapshot | None
    tail: Tail
    durable: dict[bytes, int]


class SqliteStore:
    """An UpdateStore in the SQLite file at `path`, made when absent.

    Args:
        path: the file; its folder must exist.
        clock: milliseconds since 1970, UTC.
        random_bytes: draws lineages.
        limits: how much may wait for the disk.
        on_connect: called with the bare connection, in the writer thread, before it is used.

    Raises: StorageInUse, StorageReadOnly, StorageFull, CorruptDatabase, StorageError.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        clock: Callable[[], int] = wall_clock_ms,
        random_bytes: Callable[[int], bytes] = os.urandom,
        limits: QueueLimits | None = None,
        on_connect: OnConnect | None = None,
    ) -> None:
        self.path = Path(path).resolve()
        self._clock = clock
        self._random_bytes = random_bytes
        self._tails: dict[DocumentId, _TailSize] = {}
        self._notify: Callable[[DocumentId], None] = lambda document: None
        self._lock = FileLock(self.path)
        try:
            self._writer = Writer(
                self.path,
                lambda: open_database(self.path, store_migrations, on_connect=on_connect),
                limits,
            )
        except BaseException:
            self._lock.close()
            raise

    def open(self, document: DocumentId, create: bool) -> "Future[StoredDocument | None]":
        """Give the document; None when absent and not to be made."""
        return self._writer.call(lambda db: self._open(db, document, create))

    def append(self, batch: Append) -> "Future[None]":
        """Keep a flush; the first update must bear the next sequence number of the document.

        Besides the errors of the port, StorageBusy when too much waits for the disk.
        """
        size_bytes = sum(len(update.data) for update in batch.updates)
        return self._writer.write(
            lambda db: self._append(db.conn, batch),
            rows=len(batch.updates) + len(batch.fields) + 1,
            size_bytes=size_bytes,
            committed=lambda: self._grow(batch.document, len(batch.updates), size_bytes),
        )

    def documents(self) -> "Future[list[DocumentId]]":
        """Name every document, sorted."""
        return self._writer.call(lambda db: self._documents(db.conn))

    def on_compaction_due(self, notify: Callable[[DocumentId], None]) -> None:
        """Call `notify` (from the writer thread) each time a tail has grown long again."""
        self._notify = notify

    def close(self) -> None:
        """Finish what is queued, then release the file and its lock."""
        self._writer.close()
        self._lock.close()

    def _open(self, db: Database, document: DocumentId, create: bool) -> StoredDocument | None:
        rows = read_document(db.conn, document)
        if rows is not None:
            self._tails[document] = _TailSize()
            self._grow(document, len(rows.tail.data), rows.tail.size_bytes)
            return _stored(document, rows)
        if not create:
            return None
        with transaction(db):
            lineage = _insert_document(db.conn, document, self._random_bytes(LINEAGE_BYTES))
        self._tails[document] = _TailSize()
        return StoredDocument(document, lineage, 0, None, (), {}, created=True)

    def _append(self, connection: sqlite3.Connection, batch: Append) -> None:
        row = _take_numbers(connection, batch)
        insert_updates(connection, row, batch.updates)
        if batch.durable:
            insert_durable(connection, row, batch.durable, self._clock())
        if batch.fields:
            insert_fields(connection, row, batch.fields)

    def _documents(self, connection: sqlite3.Connection) -> list[DocumentId]:
        if _damaged_rows(connection):
            raise CorruptDatabase(
                f"{self.path}: the list of documents is damaged: bring back a backup"
            )
        rows = connection.execute("SELECT name FROM doc ORDER BY name")
        return sorted(DocumentId(name) for (name,) in rows)

    def _grow(self, document: DocumentId, rows: int, size_bytes: int) -> None:
        tail = self._tails.setdefault(document, _TailSize())
        tail.rows += rows
        tail.size_bytes += size_bytes
        if tail.is_long():
            # Counted afresh: one that cannot be compacted is not announced at every commit.
            self._tails[document] = _TailSize()
            self._notify(document)


def read_document(connection: sqlite3.Connection, document: DocumentId) -> DocumentRows | None:
    """Read a document whole, None when it is absent; raises CorruptDocument."""
    try:
        return _read_document(connection, document)
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_CORRUPT:
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
    if _document_crc(*values) != crc or values[1] != document or not isinstance(next_seq, int):
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
    if hidden or _damaged_rows(connection):
        raise CorruptDocument(
            f"{document}: not found, but the list of documents is damaged: bring back a backup"
        )


def _damaged_rows(connection: sqlite3.Connection) -> bool:
    rows = connection.execute("SELECT id, name, kind, lineage, crc FROM doc NOT INDEXED")
    return any(_document_crc(*values) != crc for *values, crc in rows)


def _document_crc(row: int, name: str, kind: str, lineage: bytes) -> int:
    return crc32(repr((row, name, kind, lineage)).encode(errors="replace"))


def _insert_document(connection: sqlite3.Connection, document: DocumentId, lineage: bytes) -> bytes:
    kind = document.partition("/")[0]
    row = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM doc").fetchone()[0]
    connection.execute(
        "INSERT INTO doc(id, name, kind, lineage, epoch, next_seq, state, crc)"
        " VALUES (?, ?, ?, ?, 1, 1, ?, ?)",
        [row, document, kind, lineage, _ACTIVE, _document_crc(row, document, kind, lineage)],
    )
    return lineage


def _take_numbers(connection: sqlite3.Connection, batch: Append) -> int:
    """Move the document's counter past the batch and give the document's row id.

    The numbers must follow what is kept. So a batch that comes after a refused one of the same
    document is refused as well, and what is on disk is always a prefix.
    """
    numbers = [update.seq for update in batch.updates]
    found = connection.execute(
        "SELECT id, next_seq FROM doc WHERE name = ?", [batch.document]
    ).fetchone()
    if found is None:
        raise StorageError(f"{batch.document} does not exist: open it with create=True first")
    row: int = found[0]
    next_seq: int = found[1]
    if numbers != list(range(next_seq, next_seq + len(numbers))):
        raise StorageError(
            f"{batch.document}: expected updates from {next_seq} on, got {numbers[:3]}...: "
            "an earlier batch was refused, hand that over first"
        )
    if numbers:
        connection.execute("UPDATE doc SET next_seq = ? WHERE id = ?", [numbers[-1] + 1, row])
    return row


def _stored(document: DocumentId, rows: DocumentRows) -> StoredDocument:
    snapshot = rows.snapshot.data if rows.snapshot else None
    return StoredDocument(document, rows.lineage, rows.seq, snapshot, rows.tail.data, rows.durable)
