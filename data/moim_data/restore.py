"""Puts a backup in the place of a database, so that nobody's unsent edits are lost or doubled.

Whoever has seen later numbers than the backup holds must not go on as if nothing had happened: its
edits would build on what is not there, numbers would mean two things, and what the backup was
brought back to undo would come back with the first reconnect. So a document gets a new *lineage*,
unless the file that is replaced shows that nobody can have seen more of it: same lineage, same last
number, same content. Clients are told by the lineage (S4), set their copy and their unsent edits
aside, and begin with what is here.
"""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from moim_data.backup import copy_database, part_of, side_files, sync
from moim_data.check import CheckedDocument, check_database
from moim_data.connection import storage_errors, transaction
from moim_data.database import check_header, open_database
from moim_data.document_rows import renew_lineage
from moim_data.errors import CorruptDatabase, FileTaken, FoundDamaged, StorageError
from moim_data.lock import FileLock
from moim_data.migrations import store_migrations
from moim_data.set_aside import names_aside
from moim_data.sqlite_store import LINEAGE_BYTES
from moim_data.store import DocumentId


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has done."""

    kept_lineage: tuple[DocumentId, ...]
    """Documents that are as they were: their clients go on without noticing."""
    new_lineage: tuple[DocumentId, ...]
    """Documents whose clients set aside what they have and begin anew."""
    aside: Path | None
    """Where the former file is; None when there was none."""

    def lines(self) -> list[str]:
        """Say it to people."""
        lines = [f"restored {len(self.kept_lineage) + len(self.new_lineage)} documents"]
        if self.new_lineage:
            lines.append(
                f"{len(self.new_lineage)} of them may have been seen in a later state: whoever has "
                "them open gets this one, and keeps what was not sent aside"
            )
        if self.aside is not None:
            lines.append(f"the former file is kept as {self.aside}")
        return lines


def restore(
    backup: Path,
    database: Path,
    at: datetime,
    random_bytes: Callable[[int], bytes] = os.urandom,
) -> Restored:
    """Replace a database that nobody holds; the former file stays beside it under a new name.

    Until the last step, one rename, everything is as it was.

    Args:
        at: the time that the new name of the former file tells.
        random_bytes: draws lineages.

    Raises:
        StorageInUse: a process holds the database.
        FoundDamaged: the backup is not sound.
        StorageError: one of the files cannot be used, or a newer moim has written the backup.
    """
    backup, database = backup.resolve(), database.resolve()
    if backup == database:
        raise FileTaken(f"{backup} is the database itself: name a backup of it")
    with closing(FileLock(database)), part_of(database) as part:
        copy_database(backup, part)
        report = check_database(part)
        if not report.sound:
            raise FoundDamaged(report.told(f"{backup} is not sound: nothing was changed"))
        former = _former(database)
        kept = {one.document for one in report.documents if _is_known(one, former)}
        new = [one.document for one in report.documents if one.document not in kept]
        _prepare(part, new, random_bytes)
        aside = _replace(part, database, at)
    return Restored(tuple(sorted(kept)), tuple(sorted(new)), aside)


def _former(database: Path) -> dict[DocumentId, CheckedDocument]:
    """Give the documents that the present file surely holds whole."""
    if not database.exists():
        return {}
    try:
        report = check_database(database)
    except StorageError:  # a newer moim's, for one: it tells us nothing
        return {}
    if report.faults:
        return {}
    return {one.document: one for one in report.documents if not one.faults}


def _is_known(one: CheckedDocument, former: dict[DocumentId, CheckedDocument]) -> bool:
    """Whether whatever anybody has seen of a document is in the backup."""
    there = former.get(one.document)
    return there is not None and (one.lineage, one.seq, one.state) == (
        there.lineage,
        there.seq,
        there.state,
    )


def _prepare(part: Path, renewed: list[DocumentId], random_bytes: Callable[[int], bytes]) -> None:
    """Bring the copy's tables up to date and draw its lineages; it is one file at the end."""
    with (
        closing(open_database(part, store_migrations)) as db,
        storage_errors(part),
        transaction(db.conn),
    ):
        for document in renewed:
            renew_lineage(db.conn, document, random_bytes(LINEAGE_BYTES))
    sync(part)


def _replace(part: Path, database: Path, at: datetime) -> Path | None:
    """Put the copy in its place; give the new name of what was there."""
    with storage_errors(database):
        aside = _keep_former(database, at) if database.exists() else None
        if aside is None:
            _drop_side_files(database)
        part.replace(database)
        sync(database.parent)
    return aside


def _keep_former(database: Path, at: datetime) -> Path:
    """Give the present file a second name, so that there is never a moment without a database."""
    with suppress(CorruptDatabase):  # kept as it is, with its WAL: this may be why one restores
        _fold(database)
    aside = _link(database, at)
    for side in side_files(database):
        if side.exists():
            side.rename(aside.with_name(aside.name + side.name.removeprefix(database.name)))
    return aside


def _fold(database: Path) -> None:
    """Bring all commits into the file, whatever version of moim has written them."""
    check_header(database)  # SQLite removes a WAL that it finds beside what is no database
    with (
        storage_errors(database),
        closing(sqlite3.connect(database, isolation_level=None)) as connection,
    ):
        (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StorageError(f"{database} is being read by another program: end that one first")


def _drop_side_files(database: Path) -> None:
    """Remove what a database that is gone has left: it would be taken for a part of the new one."""
    for side in side_files(database):
        side.unlink(missing_ok=True)


def _link(database: Path, at: datetime) -> Path:
    for name in names_aside(database, at):
        aside = database.with_name(name)
        try:
            os.link(database, aside)
        except FileExistsError:
            continue
        return aside
    raise AssertionError("names never end")
