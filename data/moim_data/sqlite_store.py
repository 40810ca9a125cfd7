"""The store in one SQLite file: see `moim_data.store` for what it promises.

The file is held by a lock, the connection by one writer thread. A document is its row in `doc`,
the newest good snapshot, and the updates after it; `read_document` is the only reader and is shared
with the compaction process.
"""

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from moim_data.change_rows import (
    LogLimits,
    Superseded,
    delete_changes,
    has_changes,
    insert_changes,
    read_changes,
    superseded,
)
from moim_data.conflict_rows import (
    insert_conflicts,
    read_conflicts,
    read_fields,
    settle_conflict,
)
from moim_data.connection import transaction
from moim_data.database import OnConnect, open_database
from moim_data.document_rows import (
    DocumentRows,
    document_exists,
    find_document,
    has_damaged_rows,
    insert_document,
    last_written_ms,
    read_document,
    read_version,
    take_numbers,
)
from moim_data.errors import CorruptDatabase, StorageFull
from moim_data.lock import FileLock
from moim_data.migrations import store_migrations
from moim_data.reader import Reader
from moim_data.snapshot_process import BuiltSnapshot, SnapshotProcess
from moim_data.snapshots import (
    delete_covered,
    delete_generation,
    delete_orphan,
    insert_part,
    insert_snapshot,
    parts_beyond_first,
)
from moim_data.store import (
    Append,
    DocumentId,
    LogPage,
    LogPlace,
    StoredDocument,
    StoredVersion,
)
from moim_data.updates import insert_durable, insert_fields, insert_updates
from moim_data.writer import QueueLimits, Waiting, Writer

T = TypeVar("T")

_ROOM_FACTOR = 4
_ROOM_BYTES = 64 * 1024
_PRUNED_AT_ONCE = 500

LINEAGE_BYTES = 16
COMPACT_AT_ROWS = 500
COMPACT_AT_BYTES = 1024 * 1024


def wall_clock_ms() -> int:
    """Milliseconds since 1970, UTC. A label on rows, never an order."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class _TailSize:
    rows: int = 0
    size_bytes: int = 0

    def is_long(self) -> bool:
        return self.rows >= COMPACT_AT_ROWS or self.size_bytes >= COMPACT_AT_BYTES


class SqliteStore:
    """An UpdateStore in the SQLite file at `path`, made when absent.

    Args:
        path: the file; its folder must exist.
        clock: milliseconds since 1970, UTC.
        random_bytes: draws lineages.
        limits: how much may wait for the disk.
        log_limits: what is kept of each document's log of changes.
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
        log_limits: LogLimits | None = None,
        on_connect: OnConnect | None = None,
    ) -> None:
        self.path = Path(path).resolve()
        self._clock = clock
        self._log_limits = log_limits or LogLimits()
        self._random_bytes = random_bytes
        self._tails_mutex = threading.Lock()
        self._tails: dict[DocumentId, _TailSize] = {}
        self._notify: Callable[[DocumentId], None] = lambda document: None
        self._snapshots = SnapshotProcess(self.path)
        self._compacting = threading.Lock()
        self._reader = Reader(self.path)
        self._lock = FileLock(self.path)
        try:
            self._writer = Writer(
                self.path,
                lambda: open_database(self.path, store_migrations, on_connect=on_connect),
                self._reader,
                limits,
            )
        except BaseException:
            self._lock.close()
            raise

    def open(self, document: DocumentId, create: bool) -> "Future[StoredDocument | None]":
        """Give the document; None when absent and not to be made."""
        answer: Future[StoredDocument | None] = Future()
        answer.set_running_or_notify_cancel()
        # The writer looks first, so that what was appended before is seen; readers do the reading.
        found = self._writer.call(lambda db: self._find_or_make(db, document, create))
        found.add_done_callback(lambda found: self._answer(document, found, answer))
        return answer

    def version(self, document: DocumentId, seq: int) -> "Future[StoredVersion | None]":
        """Give a document as it was; None when its updates were deleted by compaction."""
        return self._reader.call(lambda connection: read_version(connection, document, seq))

    def append(self, batch: Append) -> "Future[None]":
        """Keep a flush; the first update must bear the next sequence number of the document.

        Besides the errors of the port, StorageBusy when too much waits for the disk.
        """
        size_bytes = sum(len(update.data) for update in batch.updates)
        return self._writer.write(
            lambda db: self._append(db.conn, batch),
            rows=1 + sum(map(len, (batch.updates, batch.fields, batch.conflicts, batch.changes))),
            size_bytes=size_bytes,
            committed=lambda: self._grow(batch.document, len(batch.updates), size_bytes),
        )

    def settle(self, document: DocumentId, conflict: str, action: str) -> "Future[None]":
        """Keep that a conflict is settled, and how."""

        def work(db: Database) -> None:
            row = find_document(db.conn, document)
            settle_conflict(db.conn, row, conflict, action, self._clock())

        return self._writer.write(work)

    def documents(self) -> "Future[list[DocumentId]]":
        """Name every document, sorted."""
        return self._writer.call(lambda db: self._documents(db.conn))

    def changes(self, document: DocumentId, after: LogPlace, most: int) -> "Future[LogPage]":
        """Give the rows of a document's log after a place, oldest first."""
        return self._reader.call(lambda connection: read_changes(connection, document, after, most))

    def last_written_ms(self, documents: Sequence[DocumentId]) -> "Future[int]":
        """Give when something was last written to any of these documents; 0 for never."""
        return self._reader.call(lambda connection: last_written_ms(connection, documents))

    def keep(self, work: Callable[[sqlite3.Connection], T]) -> "Future[T]":
        """Run `work` on other tables than those of documents; done means committed.

        It may run twice, so it must touch nothing but the database; see `Writer.write`.
        """
        return self._writer.write(lambda db: work(db.conn))

    def on_compaction_due(self, notify: Callable[[DocumentId], None]) -> None:
        """Call `notify` (from a thread of the store) each time a tail has grown long again."""
        self._notify = notify

    def compact(self, document: DocumentId) -> bool:
        """Write a snapshot of a document; True when there is a new one.

        Blocks, one at a time for the whole store; to be called from any thread but the writer's.
        Raises CompactionFailed, StorageFull or another StorageError; the log is then as it was.
        """
        with self._compacting:
            built = self._snapshots.build(document)
            if built is None:
                return False
            self._check_room(document, len(built.snapshot.data))
            self._keep(document, built)
            self._prune_log(document)
            return True

    def stop_compacting(self) -> None:
        """End the compaction that runs, and refuse others; what is kept is not touched."""
        self._snapshots.stop()

    @property
    def waiting(self) -> Waiting:
        """What was handed over and is not on disk yet."""
        return self._writer.waiting

    def close(self) -> None:
        """Finish what is queued, then release the file and its lock."""
        self.stop_compacting()
        self._writer.close()
        self._lock.close()

    def _find_or_make(
        self, db: Database, document: DocumentId, create: bool
    ) -> tuple[bool, StoredDocument | None]:
        """Say whether the document was there; if not, give the one that was made."""
        if document_exists(db.conn, document):
            return True, None
        if not create:
            return False, None
        with transaction(db.conn):
            lineage = insert_document(db.conn, document, self._random_bytes(LINEAGE_BYTES))
        return False, StoredDocument(document, lineage, 0, None, (), {}, created=True)

    def _answer(
        self,
        document: DocumentId,
        found: "Future[tuple[bool, StoredDocument | None]]",
        answer: "Future[StoredDocument | None]",
    ) -> None:
        error = found.exception()
        if error is not None:
            answer.set_exception(error)
            return
        was_there, made = found.result()
        if was_there:
            read = self._reader.call(lambda connection: self._read(connection, document))
            read.add_done_callback(lambda read: _pass_on(read, answer))
        else:
            answer.set_result(made)

    def _read(self, connection: sqlite3.Connection, document: DocumentId) -> StoredDocument | None:
        rows = read_document(connection, document)
        if rows is None:
            return None
        with self._tails_mutex:
            self._tails[document] = _TailSize()
        self._grow(document, len(rows.tail.data), rows.tail.size_bytes)
        return replace(
            _stored(document, rows),
            fields=read_fields(connection, rows.row),
            conflicts=read_conflicts(connection, rows.row),
            has_log=rows.seq == 0 or has_changes(connection, rows.row),
        )

    def _append(self, connection: sqlite3.Connection, batch: Append) -> None:
        row = take_numbers(connection, batch)
        insert_updates(connection, row, batch.updates)
        if batch.durable:
            insert_durable(connection, row, batch.durable, self._clock())
        if batch.fields:
            insert_fields(connection, row, batch.fields)
        if batch.conflicts:
            insert_conflicts(connection, row, batch.conflicts)
        if batch.changes:
            insert_changes(connection, row, batch.changes)

    def _check_room(self, document: DocumentId, size_bytes: int) -> None:
        # A snapshot is for speed, edits are not: it must not take the last room from them.
        free_bytes = shutil.disk_usage(self.path.parent).free
        if free_bytes < _ROOM_FACTOR * size_bytes + _ROOM_BYTES:
            raise StorageFull(
                f"{self.path}: {free_bytes} bytes are free, too few for a snapshot of {document} "
                f"({size_bytes} bytes): free some space; edits are kept all the same"
            )

    def _keep(self, document: DocumentId, built: BuiltSnapshot) -> None:
        """Write a snapshot, then delete what it and the one before make superfluous.

        Step by step, each a transaction of its own: see `moim_data.snapshots`.
        """
        snapshot = built.snapshot
        upto_seq = snapshot.upto_seq
        self._step(document, lambda rows, row: delete_generation(rows, row, upto_seq))
        self._delete_orphans(document)
        for part, data in parts_beyond_first(snapshot):
            self._step(document, partial(_insert_part, upto_seq, part, data))
        now_ms = self._clock()
        self._step(document, lambda rows, row: insert_snapshot(rows, row, snapshot, now_ms))
        self._step(document, lambda rows, row: delete_covered(rows, row, built.base_seq, upto_seq))
        self._delete_orphans(document)

    def _prune_log(self, document: DocumentId) -> None:
        """Take out what the limits of the log make superfluous; found beside the writer."""

        def look(connection: sqlite3.Connection) -> Superseded | None:
            row = find_document(connection, document)
            return superseded(connection, row, self._log_limits, self._clock())

        gone = self._reader.call(look).result()
        places = gone.places if gone else ()
        for at in range(0, len(places), _PRUNED_AT_ONCE):
            assert gone is not None
            some = replace(gone, places=places[at : at + _PRUNED_AT_ONCE])
            self._step(document, partial(_delete_changes, some))

    def _delete_orphans(self, document: DocumentId) -> None:
        while self._step(document, delete_orphan):
            pass

    def _step(self, document: DocumentId, work: Callable[[sqlite3.Connection, int], T]) -> T:
        def run(db: Database) -> T:
            with transaction(db.conn):
                return work(db.conn, find_document(db.conn, document))

        return self._writer.call(run).result()

    def _documents(self, connection: sqlite3.Connection) -> list[DocumentId]:
        if has_damaged_rows(connection):
            raise CorruptDatabase(
                f"{self.path}: the list of documents is damaged: bring back a backup"
            )
        rows = connection.execute("SELECT name FROM doc ORDER BY name")
        return sorted(DocumentId(name) for (name,) in rows)

    def _grow(self, document: DocumentId, rows: int, size_bytes: int) -> None:
        with self._tails_mutex:
            tail = self._tails.setdefault(document, _TailSize())
            tail.rows += rows
            tail.size_bytes += size_bytes
            if not tail.is_long():
                return
            # Counted afresh: one that cannot be compacted is not announced at every commit.
            self._tails[document] = _TailSize()
        self._notify(document)


def _pass_on(source: "Future[T]", target: "Future[T]") -> None:
    error = source.exception()
    if error is None:
        target.set_result(source.result())
    else:
        target.set_exception(error)


def _insert_part(
    upto_seq: int, part: int, data: bytes, connection: sqlite3.Connection, row: int
) -> None:
    insert_part(connection, row, upto_seq, part, data)


def _delete_changes(gone: Superseded, connection: sqlite3.Connection, row: int) -> None:
    delete_changes(connection, row, gone)


def _stored(document: DocumentId, rows: DocumentRows) -> StoredDocument:
    snapshot = rows.snapshot.data if rows.snapshot else None
    return StoredDocument(document, rows.lineage, rows.seq, snapshot, rows.tail.data, rows.durable)
