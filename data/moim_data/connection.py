"""A bare connection to SQLite: transactions, checkpoints, and what SQLite says as named errors.

Knows no sqlite-utils, whose import takes a second where pandas is installed: the compaction process
is started often and only reads.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from moim_data.errors import CorruptDatabase, StorageError, StorageFull, StorageReadOnly

BUSY_TIMEOUT_MS = 5_000

_DAMAGED = "{path} is damaged ({error}): stop, keep a copy of the file and bring back a backup"
_ROOM_LEFT_BYTES = 64 * 1024


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open a second connection that can only read, beside the one that writes."""
    with storage_errors(path):
        return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)


def open_beside(path: Path) -> sqlite3.Connection:
    """Open a connection that changes no data but may fold the WAL; any thread may close it."""
    with storage_errors(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA query_only=ON")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Open a connection that changes no data, and leaves no side files where it may remove them.

    Text that is not UTF-8 reads as replacement characters, so that damage can be looked at.
    """
    if not path.exists():
        raise StorageError(f"{path} does not exist: name the database file")
    writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    connection = open_beside(path) if writable else open_read_only(path)
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    connection.text_factory = lambda data: data.decode(errors="replace")
    return connection


def fold(connection: sqlite3.Connection) -> None:
    """Move as much of the WAL into the file as can be, in nobody's way."""
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


@contextmanager
def reading(connection: sqlite3.Connection) -> Iterator[None]:
    """See one state of the database throughout the block."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def checkpoint(connection: sqlite3.Connection) -> None:
    """Move the WAL into the file and empty it, unless somebody is reading: then do what can be."""
    connection.execute("PRAGMA busy_timeout=0")
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run a block in BEGIN IMMEDIATE .. COMMIT; anything raised undoes all of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has already rolled back by itself after some errors, a full disk among them.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Raise errors of SQLite and of the file system as errors of moim_data that name the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise _named(error, path) from error
    except UnicodeDecodeError as error:
        # SQLite quotes what it cannot understand, and Python cannot decode the quotation.
        raise CorruptDatabase(_DAMAGED.format(path=path, error="unreadable names")) from error
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
        return CorruptDatabase(_DAMAGED.format(path=path, error=error))
    return StorageError(f"{path}: SQLite says: {error} ({_code_name(error)})")


def _code_name(error: sqlite3.Error) -> str:
    return str(getattr(error, "sqlite_errorname", "no code"))


def _disk_is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _ROOM_LEFT_BYTES
    except OSError:
        return False
