"""Copies of a database file that are whole, checked, and never half there.

A copy is made by SQLite's online backup in one step: it shows one moment, and a server that writes
meanwhile is neither stopped nor slowed, because readers and the writer of a WAL do not wait for
each other. It is written under another name, read back whole, and takes its own name only then.
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from moim_data.check import CheckReport, check_database
from moim_data.connection import open_reader, storage_errors
from moim_data.errors import FileTaken, FoundDamaged, StorageError
from moim_data.lock import FileLock

_SIDE_FILES = ("-wal", "-shm", "-journal")


def back_up(database: Path, target: Path, *, overwrite: bool = False) -> CheckReport:
    """Write a checked copy (mode 0600) of a database, whether a server holds it or not.

    Raises:
        FileTaken: the target is there and not to be overwritten.
        StorageInUse: the target is a database that a process holds.
        FoundDamaged: the copy is not sound; it is not kept, nothing was overwritten.
        StorageError: one of the files cannot be used.
    """
    database, target = database.resolve(), target.resolve()
    with ExitStack() as stack:
        _require_free(database, target, overwrite, stack)
        part = stack.enter_context(part_of(target))
        copy_database(database, part)
        report = check_database(part)
        if not report.sound:
            raise FoundDamaged(report.told(f"{database}: a copy is not sound and was not kept"))
        _publish(part, target, overwrite)
    return report


def copy_database(source: Path, target: Path) -> None:
    """Copy what is committed at this moment into an empty file; it is on disk at the end.

    The copy needs no WAL beside it. Raises StorageError.
    """
    with closing(open_reader(source)) as reader, storage_errors(target):
        with closing(sqlite3.connect(target, isolation_level=None)) as writer:
            # All pages in one step: in several it would begin anew after each commit of others.
            reader.backup(writer)
            writer.execute("PRAGMA journal_mode=DELETE").fetchone()
        sync(target)


@contextmanager
def part_of(target: Path) -> Iterator[Path]:
    """Give an empty file (0600) beside the target; what is left of it at the end is removed."""
    with storage_errors(target.parent):
        descriptor, name = tempfile.mkstemp(".part", f".{target.name}.", target.parent)
    os.close(descriptor)
    part = Path(name)
    try:
        yield part
    finally:
        for file in (part, *side_files(part)):
            file.unlink(missing_ok=True)


def side_files(path: Path) -> list[Path]:
    """Name what SQLite may keep beside a file."""
    return [path.with_name(path.name + end) for end in _SIDE_FILES]


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _require_free(database: Path, target: Path, overwrite: bool, stack: ExitStack) -> None:
    if target == database:
        raise FileTaken(f"{target} is the database itself: name another file for its backup")
    if not target.exists():
        return
    if not overwrite:
        raise _taken(target)
    if target.with_name(target.name + ".lock").exists():
        lock = FileLock(target)
        stack.callback(lock.close)
    for side in side_files(target):
        # It would be taken for a part of the new file.
        if side.exists() and side.stat().st_size:
            raise FileTaken(
                f"{target} cannot be overwritten: {side.name} holds commits of the former file; "
                "name another file"
            )


def _publish(part: Path, target: Path, overwrite: bool) -> None:
    with storage_errors(target):
        if overwrite:
            part.replace(target)
        else:
            try:
                os.link(
                    part, target
                )  # unlike a rename, refuses a name that somebody took meanwhile
            except FileExistsError as error:
                raise _taken(target) from error
            except OSError as error:
                raise StorageError(
                    f"{target} cannot be made ({error.strerror}): name a file on another disk, or "
                    "add --force if nothing is there that should stay"
                ) from error
        sync(target.parent)


def _taken(target: Path) -> FileTaken:
    return FileTaken(
        f"{target} is there already: name another file, or add --force to overwrite it"
    )
