"""Database files for tests that look into them: real updates, snapshots in parts, all tables."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from data.crash_runner import REPLICA, Author, compact_here
from moim_data import snapshots
from moim_data.sqlite_store import SqliteStore
from moim_data.store import Append, DocumentId, FieldWrite, Update

OPEN = DocumentId("open/a")
EMPTY = DocumentId("open/empty")
WAIT_S = 60.0


def append(
    store: SqliteStore, document: DocumentId, author: Author, keys: list[str], seq: int
) -> None:
    """Keep one update a key, from number `seq` on."""
    updates = tuple(
        Update(seq + place, 0, "ann", REPLICA, seq + place, author.set(key))
        for place, key in enumerate(keys)
    )
    last = seq + len(keys) - 1
    fields = tuple(FieldWrite(f"map/{key}/value", last, "ann") for key in keys)
    store.append(Append(document, updates, {REPLICA: last}, fields)).result(WAIT_S)


def write_document(
    path: Path,
    document: DocumentId = OPEN,
    updates: int = 30,
    *,
    compact_at: tuple[int, ...] = (10, 20),
    value: Callable[[int], str] = str,
) -> None:
    """Make a document of so many updates, with a snapshot after some of them."""
    author = Author()
    with closing(SqliteStore(path)) as store:
        store.open(document, create=True).result(WAIT_S)
        first = 1
        for last in (*compact_at, updates):
            append(store, document, author, [value(n) for n in range(first, last + 1)], first)
            if last in compact_at:
                assert compact_here(store, document)
            first = last + 1


def damage(path: Path) -> None:
    """Change a row of the log behind the back of its checksum."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        done = connection.execute("UPDATE upd SET actor = 'eve' WHERE seq = 15")
        assert done.rowcount == 1


def make_empty(path: Path, document: DocumentId = EMPTY) -> None:
    with closing(SqliteStore(path)) as store:
        store.open(document, create=True).result(WAIT_S)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a document of 30 updates and two snapshots in parts, and one without any."""
    monkeypatch.setattr(snapshots, "PART_BYTES", 100)
    path = tmp_path / "moim.db"
    write_document(path)
    make_empty(path)
    return path
