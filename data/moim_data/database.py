"""A SQLite file as moim uses it: through sqlite-utils, in WAL mode, every commit on disk.

`open_database` gives a connection that is ready, migrated and proven writable, or a named error.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database, Migrations

from moim_data.connection import BUSY_TIMEOUT_MS, checkpoint, storage_errors, transaction
from moim_data.errors import CorruptDatabase, StorageError, StorageReadOnly

OnConnect = Callable[[sqlite3.Connection], None]

_HEADER = b"SQLite format 3\x00"


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
    check_header(path)
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


def require_ours(connection: sqlite3.Connection, path: Path, migrations: Migrations) -> None:
    """Look at a file without changing it; raises CorruptDatabase when it is not one of ours, whole.

    A file of an earlier version has fewer tables and passes; one of a later raises StorageError.
    """
    check_header(path)
    with closing(open_memory(migrations)) as pattern, storage_errors(path):
        _check_owner(connection, path, migrations, pattern)
        applied = f"SELECT count(*) FROM {migrations.migrations_table} WHERE migration_set = ?"
        try:
            (steps,) = connection.execute(applied, [migrations.name]).fetchone()
        except sqlite3.OperationalError as error:
            raise CorruptDatabase(f"{path} is empty: it holds no tables of moim") from error
        if steps == len(migrations.applied(pattern)):
            _check_tables(connection, path, pattern)


def _prepare(connection: sqlite3.Connection, path: Path, migrations: Migrations) -> Database:
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    pattern = open_memory(migrations)
    _check_owner(connection, path, migrations, pattern)
    connection.execute("PRAGMA journal_mode=WAL").fetchone()
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    db = Database(connection)
    if migrations.pending(db):
        migrations.apply(db)
        checkpoint(connection)  # the tables themselves must not live in the WAL alone
    _check_tables(connection, path, pattern)
    _check_writable(connection, migrations)
    pattern.close()
    return db


def check_header(path: Path) -> None:
    """Look at the first bytes, before SQLite does; raises CorruptDatabase, StorageError."""
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


def _check_writable(connection: sqlite3.Connection, migrations: Migrations) -> None:
    # BEGIN IMMEDIATE is granted on a file that cannot be written; a statement that writes is not,
    # even one that changes nothing.
    with transaction(connection):
        connection.execute(f"DELETE FROM {migrations.migrations_table} WHERE 0")


def _check_owner(
    connection: sqlite3.Connection, path: Path, migrations: Migrations, pattern: Database
) -> None:
    # Bare SQL: sqlite-utils stumbles over damaged names before it can be asked what is wrong.
    tables = {name for (name,) in connection.execute("SELECT tbl_name FROM sqlite_master")}
    if not tables and connection.execute("PRAGMA page_count").fetchone()[0] > 1:
        raise CorruptDatabase(f"{path} is damaged (no tables left): bring back a backup")
    if not tables - {migrations.migrations_table}:
        return  # new, or left by a process that ended before the first step
    if migrations.migrations_table not in tables:
        raise _foreign(path)
    _check_tables(connection, path, pattern, migrations.migrations_table)
    rows = connection.execute(
        f"SELECT name FROM {migrations.migrations_table} WHERE migration_set = ?",
        [migrations.name],
    ).fetchall()
    if not rows:
        raise _foreign(path)
    newer = {name for (name,) in rows} - {step.name for step in migrations.applied(pattern)}
    if newer:
        steps = ", ".join(sorted(map(str, newer)))
        raise StorageError(
            f"{path} was written by a newer moim ({steps} is unknown here): update moim, or name "
            "another file"
        )


def _check_tables(
    connection: sqlite3.Connection, path: Path, pattern: Database, table: str = "%"
) -> None:
    """Hold the tables to those of a fresh database: a flipped bit may lie in their names."""
    # Without indexes: a kill between sqlite-utils' table of steps and its index leaves none.
    schema = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name LIKE ?"
    missing = set(pattern.conn.execute(schema, [table])) - set(connection.execute(schema, [table]))
    if missing:
        names = ", ".join(sorted(str(name) for name, _ in missing))
        raise CorruptDatabase(
            f"{path} is damaged (not as expected: {names}): stop, keep a copy of the file and "
            "bring back a backup"
        )


def _foreign(path: Path) -> CorruptDatabase:
    return CorruptDatabase(
        f"{path} is a SQLite database of another program: name another file; this one was not "
        "changed"
    )
