"""A SQLite file as moim uses it: through sqlite-utils, in WAL mode, every commit on disk.

`open_database` gives a connection that is ready, migrated and proven writable, or one of the named
errors; `storage_errors` turns what SQLite says later into the same names.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database, Migrations

from moim_data.errors import (
    CorruptDatabase,
    StorageError,
    StorageFull,
    StorageReadOnly,
)

OnConnect = Callable[[sqlite3.Connection], None]

_HEADER = b"SQLite format 3\x00"
_ROOM_LEFT_BYTES = 64 * 1024
_BUSY_TIMEOUT_MS = 5_000


def open_database(
    path: Path,
    migrations: Migrations,
    *,
    check_same_thread: bool = True,
    on_connect: OnConnect | None = None,
) -> Database:
    """Open or make the file, in WAL with synchronous=FULL, and bring its tables up to date.

    Args:
        path: the file; its folder must exist.
        migrations: the tables this file must have.
        check_same_thread: False when the caller guards the connection with a lock of its own.
        on_connect: called with the bare connection before the first statement.

    Raises: CorruptDatabase, StorageReadOnly, StorageFull, StorageError.
    """
    _check_header(path)
    with storage_errors(path):
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=check_same_thread
        )
        try:
            if on_connect is not None:
                on_connect(connection)
            return _prepare(connection, path, migrations)
        except BaseException:
            connection.close()
            raise


def open_memory(migrations: Migrations) -> Database:
    """Open a database that is gone when closed; the caller guards it with a lock of its own."""
    db = Database(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False))
    migrations.apply(db)
    return db


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open a second connection that can only read, beside the one that writes."""
    with storage_errors(path):
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)


def checkpoint(db: Database) -> None:
    """Move the WAL into the file and empty it, unless somebody is reading: then do what can be."""
    db.conn.execute("PRAGMA busy_timeout=0")
    try:
        db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        db.conn.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")


@contextmanager
def transaction(db: Database) -> Iterator[None]:
    """Run a block in BEGIN IMMEDIATE .. COMMIT; anything raised undoes all of it."""
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.conn.execute("COMMIT")
    except BaseException:
        # SQLite has already rolled back by itself after some errors, a full disk among them.
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK")
        raise


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Raise errors of SQLite and of the file system as errors of moim_data that name the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise _named(error, path) from error
    except OSError as error:
        raise StorageError(
            f"{path} cannot be used ({error.strerror}): check the path and its permissions"
        ) from error


def means_damage(error: sqlite3.Error) -> bool:
    """Say whether SQLite found the file damaged, or text in it that is not UTF-8."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # Python's own complaint about text bears no code.
        return isinstance(error, sqlite3.OperationalError)
    return (code & 0xFF) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _prepare(connection: sqlite3.Connection, path: Path, migrations: Migrations) -> Database:
    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    db = Database(connection)
    _check_owner(db, path, migrations)
    connection.execute("PRAGMA journal_mode=WAL").fetchone()
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    with transaction(db):
        pass  # proves that the file can be written, before anybody relies on it
    migrations.apply(db)
    # The tables themselves must not live in the WAL alone.
    checkpoint(db)
    return db


def _check_header(path: Path) -> None:
    if path.is_dir():
        raise StorageError(f"{path} is a folder: name a file in it, such as {path / 'moim.db'}")
    try:
        with path.open("rb") as file:
            head = file.read(len(_HEADER))
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageReadOnly(
            f"{path} cannot be read ({error.strerror}): check its owner and permissions"
        ) from error
    if head and head != _HEADER:
        raise CorruptDatabase(
            f"{path} is not a SQLite database: name another file, or bring back a backup"
        )


def _check_owner(db: Database, path: Path, migrations: Migrations) -> None:
    if not db.table_names():
        return
    applied = {step.name for step in migrations.applied(db)}
    if not applied:
        raise CorruptDatabase(
            f"{path} is a SQLite database of another program: name another file; this one was "
            "not changed"
        )
    newer = applied - _names(migrations)
    if newer:
        raise StorageError(
            f"{path} was written by a newer moim ({', '.join(sorted(newer))} is unknown here): "
            "update moim, or name another file"
        )


def _names(migrations: Migrations) -> set[str]:
    # All steps are pending on an empty database: the public way to list them.
    return {step.name for step in migrations.pending(Database(memory=True))}


def _named(error: sqlite3.Error, path: Path) -> StorageError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _disk_is_full(path)):
        return StorageFull(
            f"no room left for {path} ({error}): free some space; edits are taken again at once"
        )
    if code == sqlite3.SQLITE_READONLY or (
        code == sqlite3.SQLITE_CANTOPEN and not os.access(path.parent, os.W_OK)
    ):
        return StorageReadOnly(
            f"{path} cannot be written ({error}): make the file and its folder writable"
        )
    if means_damage(error):
        return CorruptDatabase(
            f"{path} is damaged ({error}): stop, keep a copy of the file and bring back a backup"
        )
    return StorageError(f"{path}: SQLite says: {error} ({_code_name(error)})")


def _code_name(error: sqlite3.Error) -> str:
    return str(getattr(error, "sqlite_errorname", "no code"))


def _disk_is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _ROOM_LEFT_BYTES
    except OSError:
        return False
