"""What the Python client keeps of its documents: their state, and the edits no server has yet.

One file a client profile, held by a lock. A document here has three parts: its *state* (updates,
own and received, from which the client builds its copy), its *entries* (own edits that no server
has acknowledged, each under a number `cs`), and a counter of those numbers that never goes back.

The life of an edit: `push` (on disk when it returns) -> sent -> `acknowledge`. An entry leaves only
by an acknowledgement. When the server's document turns out to be another one (its lineage changed),
`set_lineage` starts afresh beside the old state and entries, which stay readable by `aside`.
"""

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from zlib import crc32

from sqlite_utils import Database

from moim_data.connection import storage_errors, transaction
from moim_data.database import open_database, open_memory
from moim_data.errors import CorruptDocument, ReplicaReused, StorageError
from moim_data.lock import FileLock
from moim_data.migrations import outbox_migrations
from moim_data.refused_rows import RefusedEdit, move_entries, read_refused
from moim_data.store import DocumentId

REPLICA_BYTES = 16
UNKNOWN_LINEAGE = b""
"""The lineage of a document that was made here and no server has named yet."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One edit that no server has acknowledged."""

    cs: int
    base_seq: int
    touched: tuple[str, ...]
    update: bytes
    values: tuple[str, ...] = ()
    """JSON of what each touched register was set to, "" where it is not told; or empty."""


@dataclass(frozen=True, slots=True)
class LocalState:
    """A document as this client has it; all empty when it was never opened here."""

    lineage: bytes
    seq: int
    """The highest sequence number of the server that the state holds."""
    last_cs: int
    updates: tuple[bytes, ...]
    """Apply in order: received updates and own edits, those in the outbox included."""


@dataclass(frozen=True, slots=True)
class Aside:
    """What was kept of an earlier lineage of a document, with the edits that never arrived."""

    lineage: bytes
    updates: tuple[bytes, ...]
    entries: tuple[Entry, ...]


class Outbox:
    """The offline store of one client profile; every method may be called from any thread.

    Args:
        path: the file, made when absent; None keeps everything in memory and nothing afterwards.
        clock: milliseconds since 1970, UTC.
        random_bytes: draws the replica id.

    Raises: StorageInUse, StorageReadOnly, StorageFull, CorruptDatabase, StorageError.
    """

    def __init__(
        self,
        path: Path | str | None,
        *,
        clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.path = Path(path).resolve() if path is not None else None
        self._clock = clock
        self._random_bytes = random_bytes
        self._mutex = threading.RLock()
        self._lock = FileLock(self.path) if self.path is not None else None
        try:
            self._db = self._connect()
            self._replica = self._read_replica()
        except BaseException:
            self._unlock()
            raise

    @property
    def replica(self) -> bytes:
        """The 16 bytes by which servers know this file, drawn once and kept for good."""
        return self._replica

    def documents(self) -> list[DocumentId]:
        """Name every document kept here, sorted."""
        with self._reading() as connection:
            rows = connection.execute("SELECT name FROM doc").fetchall()
        return sorted(DocumentId(name) for (name,) in rows)

    def state(self, document: DocumentId) -> LocalState:
        """Give the client's copy of a document; raises CorruptDocument."""
        with self._reading() as connection:
            lineage, seq, last_cs = _place(connection, document)
            return LocalState(lineage, seq, last_cs, _updates(connection, document, lineage))

    def pending(self, document: DocumentId) -> tuple[Entry, ...]:
        """Give the edits that no server has acknowledged, in order; raises CorruptDocument."""
        with self._reading() as connection:
            lineage, _, _ = _place(connection, document)
            return _entries(connection, document, lineage)

    def push(
        self,
        document: DocumentId,
        update: bytes,
        *,
        base_seq: int,
        touched: Sequence[str] = (),
        values: Sequence[str] = (),
    ) -> Entry:
        """Keep an own edit; it is on disk (synchronous=FULL) when this returns."""
        with self._writing() as connection:
            lineage, seq, last_cs = _place(connection, document)
            entry = Entry(last_cs + 1, base_seq, tuple(touched), update, tuple(values))
            _put_place(connection, document, lineage, seq, entry.cs)
            _insert_state(connection, document, lineage, update)
            _insert_entry(connection, document, lineage, entry, self._clock())
        return entry

    def receive(self, document: DocumentId, update: bytes, seq: int) -> None:
        """Keep what the server sent, and that the state now reaches `seq`.

        Not waited for on the disk: what is lost by a power cut comes again from the server.
        """
        with self._writing(wait_for_disk=False) as connection:
            lineage, known_seq, last_cs = _place(connection, document)
            _put_place(connection, document, lineage, max(seq, known_seq), last_cs)
            _insert_state(connection, document, lineage, update)

    def acknowledge(self, document: DocumentId, cs: int) -> None:
        """Let go of the entries up to `cs`: the server has them on disk.

        Raises ReplicaReused when this file never gave out `cs`: then `renew_replica`, push again.
        """
        with self._writing() as connection:
            lineage, _, last_cs = _place(connection, document)
            if cs > last_cs:
                raise ReplicaReused(
                    f"{document}: the server has edit {cs} of this replica, {self._name} has made "
                    f"{last_cs}: the file is an older copy of another; draw a new replica id"
                )
            connection.execute(
                "DELETE FROM entry WHERE doc = ? AND lineage = ? AND cs <= ?",
                [document, lineage, cs],
            )

    def refuse(self, document: DocumentId, cs: int, code: str, message: str) -> None:
        """Move an entry to the refused ones: the server took it back, and says why."""
        with self._writing() as connection:
            lineage, _, _ = _place(connection, document)
            move_entries(connection, document, lineage, (cs, cs), (code, message))

    def refuse_from(self, document: DocumentId, cs: int, code: str, message: str) -> None:
        """Move the entries from `cs` on to the refused ones, and begin the document anew.

        The server never applied them, so nothing that holds them can be its copy: what stays is
        the entries before, and the rest comes from the server again.
        """
        with self._writing() as connection:
            lineage, _, last_cs = _place(connection, document)
            move_entries(connection, document, lineage, (cs, last_cs), (code, message))
            connection.execute(
                "DELETE FROM state WHERE doc = ? AND lineage = ?", [document, lineage]
            )
            for entry in _entries(connection, document, lineage):
                _insert_state(connection, document, lineage, entry.update)
            _put_place(connection, document, lineage, 0, last_cs)

    def refused(self, document: DocumentId) -> tuple[RefusedEdit, ...]:
        """Give the edits that the server did not accept, oldest first."""
        with self._reading() as connection:
            return read_refused(connection, document)

    def forget_refused(self, edit: int) -> None:
        """Forget a refused edit, once it was made again or given up by a person."""
        with self._writing() as connection:
            connection.execute("DELETE FROM refused WHERE id = ?", [edit])

    def set_lineage(self, document: DocumentId, lineage: bytes) -> bool:
        """Take over the lineage the server named; True when an earlier one was moved aside.

        A document made here takes the server's lineage over with all it has. Another lineage means
        another document under the same name: state and entries start empty, the old ones stay in
        `aside`. The counter of `cs` goes on in any case.
        """
        with self._writing() as connection:
            known, seq, last_cs = _place(connection, document)
            if known == lineage:
                return False
            if known == UNKNOWN_LINEAGE:
                _rename_lineage(connection, document, lineage)
                _put_place(connection, document, lineage, seq, last_cs)
                return False
            _put_place(connection, document, lineage, 0, last_cs)
            return True

    def aside(self, document: DocumentId) -> tuple[Aside, ...]:
        """Give what earlier lineages left behind; raises CorruptDocument."""
        with self._reading() as connection:
            current, _, _ = _place(connection, document)
            lineages = connection.execute(
                "SELECT lineage FROM state WHERE doc = ?1 UNION SELECT lineage FROM entry"
                " WHERE doc = ?1",
                [document],
            ).fetchall()
            return tuple(
                Aside(
                    lineage,
                    _updates(connection, document, lineage),
                    _entries(connection, document, lineage),
                )
                for (lineage,) in lineages
                if lineage != current
            )

    def discard_aside(self, document: DocumentId, lineage: bytes) -> None:
        """Forget an earlier lineage, once its edits were taken over or given up by a person."""
        with self._writing() as connection:
            current, _, _ = _place(connection, document)
            if lineage == current:
                raise StorageError(f"{document}: this lineage is in use, it is not aside")
            for table in ("state", "entry"):
                connection.execute(
                    f"DELETE FROM {table} WHERE doc = ? AND lineage = ?", [document, lineage]
                )

    def replace_state(self, document: DocumentId, state: bytes) -> None:
        """Put one update that holds the whole state in the place of many; entries stay."""
        with self._writing() as connection:
            lineage, _, _ = _place(connection, document)
            connection.execute(
                "DELETE FROM state WHERE doc = ? AND lineage = ?", [document, lineage]
            )
            _insert_state(connection, document, lineage, state)

    def renew_replica(self) -> bytes:
        """Draw a new replica id; entries stay and are to be pushed again under it."""
        replica = self._random_bytes(REPLICA_BYTES)
        with self._writing() as connection:
            connection.execute("UPDATE profile SET replica = ?", [replica])
        self._replica = replica
        return replica

    def close(self) -> None:
        """Close the file and release its lock; closing twice is harmless."""
        with self._mutex:
            self._db.close()
            self._unlock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _name(self) -> str:
        return str(self.path or "the outbox in memory")

    def _connect(self) -> Database:
        if self.path is None:
            return open_memory(outbox_migrations)
        return open_database(self.path, outbox_migrations, check_same_thread=False)

    def _read_replica(self) -> bytes:
        with self._writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO profile(one, replica) VALUES (1, ?)",
                [self._random_bytes(REPLICA_BYTES)],
            )
            replica: bytes = connection.execute("SELECT replica FROM profile").fetchone()[0]
        return replica

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._mutex, storage_errors(Path(self._name)):
            yield self._db.conn

    @contextmanager
    def _writing(self, *, wait_for_disk: bool = True) -> Iterator[sqlite3.Connection]:
        with self._mutex, storage_errors(Path(self._name)):
            connection = self._db.conn
            connection.execute(f"PRAGMA synchronous={'FULL' if wait_for_disk else 'NORMAL'}")
            with transaction(connection):
                yield connection


def _place(connection: sqlite3.Connection, document: DocumentId) -> tuple[bytes, int, int]:
    found: tuple[bytes, int, int] | None = connection.execute(
        "SELECT lineage, seq, last_cs FROM doc WHERE name = ?", [document]
    ).fetchone()
    return found or (UNKNOWN_LINEAGE, 0, 0)


def _put_place(
    connection: sqlite3.Connection, document: DocumentId, lineage: bytes, seq: int, last_cs: int
) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO doc(name, lineage, seq, last_cs) VALUES (?,?,?,?)",
        [document, lineage, seq, last_cs],
    )


def _insert_state(
    connection: sqlite3.Connection, document: DocumentId, lineage: bytes, update: bytes
) -> None:
    connection.execute(
        "INSERT INTO state(doc, lineage, crc, data) VALUES (?,?,?,?)",
        [document, lineage, crc32(update), update],
    )


def _insert_entry(
    connection: sqlite3.Connection, document: DocumentId, lineage: bytes, entry: Entry, at_ms: int
) -> None:
    connection.execute(
        "INSERT INTO entry(doc, lineage, cs, base_seq, touched, at_ms, crc, data, vals)"
        " VALUES (?,?,?,?,?,?,?,?,?)",
        [
            document,
            lineage,
            entry.cs,
            entry.base_seq,
            json.dumps(entry.touched, ensure_ascii=False),
            at_ms,
            crc32(entry.update),
            entry.update,
            json.dumps(entry.values, ensure_ascii=False),
        ],
    )


def _rename_lineage(connection: sqlite3.Connection, document: DocumentId, lineage: bytes) -> None:
    for table in ("state", "entry"):
        connection.execute(
            f"UPDATE {table} SET lineage = ? WHERE doc = ? AND lineage = ?",
            [lineage, document, UNKNOWN_LINEAGE],
        )


def _updates(
    connection: sqlite3.Connection, document: DocumentId, lineage: bytes
) -> tuple[bytes, ...]:
    rows = connection.execute(
        "SELECT data, crc FROM state WHERE doc = ? AND lineage = ? ORDER BY id", [document, lineage]
    )
    return tuple(_checked(document, data, crc) for data, crc in rows)


def _entries(
    connection: sqlite3.Connection, document: DocumentId, lineage: bytes
) -> tuple[Entry, ...]:
    rows = connection.execute(
        "SELECT cs, base_seq, touched, data, vals, crc FROM entry WHERE doc = ? AND lineage = ?"
        " ORDER BY cs",
        [document, lineage],
    )
    return tuple(
        Entry(
            cs,
            base_seq,
            tuple(json.loads(touched)),
            _checked(document, data, crc),
            tuple(json.loads(values)),
        )
        for cs, base_seq, touched, data, values, crc in rows
    )


def _checked(document: DocumentId, data: object, crc: int) -> bytes:
    if not isinstance(data, bytes) or crc32(data) != crc:
        raise CorruptDocument(
            f"{document}: an edit kept offline is damaged: keep a copy of the file, then open the "
            "document again from the server"
        )
    return data
