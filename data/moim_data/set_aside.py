"""Puts a database file out of the way, whole and under a new name, so that one can begin anew.

Nothing is deleted and nothing overwritten: the WAL is folded into the file, and the file is renamed
over an empty one that was made under a name nobody had.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

from moim_data.connection import storage_errors
from moim_data.database import open_database
from moim_data.errors import StorageError
from moim_data.lock import FileLock
from moim_data.migrations import store_migrations


def set_aside(path: Path, at: datetime) -> Path | None:
    """Rename a database of moim; give its new path, None when there is no such file.

    Args:
        at: the time that the new name tells.

    Raises:
        StorageInUse: another process holds it; CorruptDatabase: it is damaged or not ours;
        StorageError. The file is then where it was.
    """
    path = path.resolve()
    lock = FileLock(path)
    try:
        if not path.exists():
            return None
        _fold(path)
        with storage_errors(path):
            aside = _reserve(path, at)
            path.replace(aside)
        return aside
    finally:
        lock.close()


def _fold(path: Path) -> None:
    """Bring all commits into the file itself: who closes it last takes the WAL away."""
    open_database(path, store_migrations).close()
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        raise StorageError(f"{path} is being read by another program: end that one first")


def _reserve(path: Path, at: datetime) -> Path:
    """Make an empty file under the first free name."""
    for name in names_aside(path, at):
        try:
            os.close(os.open(path.with_name(name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            continue
        return path.with_name(name)
    raise AssertionError("names never end")


def names_aside(path: Path, at: datetime) -> Iterator[str]:
    """Give names that tell the time, without end: the first that nobody has is to be taken."""
    stem = f"{path.stem}.{at:%Y-%m-%dT%H-%M-%S}"
    yield stem + path.suffix
    for number in count(2):
        yield f"{stem}-{number}{path.suffix}"
