"""Looks at a whole database file: is everything in it as it was written?

Beside a server or without one; nothing is changed. The file as SQLite sees it, then every row with
its checksum, and last each document the way a server reads it, decoded in a process of its own.
Not covered: the registers' last writers and labels of time, which bear no checksum, and the last
commits of a damaged WAL, which SQLite itself leaves out without a word.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from moim_data.check_rows import RowsOfDocument, faults_of_orphans, read_rows
from moim_data.connection import open_reader, reading
from moim_data.database import require_ours
from moim_data.decoder import Decoder
from moim_data.errors import CorruptDatabase
from moim_data.migrations import store_migrations
from moim_data.store import DocumentId

_MOST_FAULTS = 20


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """What was found of one document; sound when it has no faults."""

    document: DocumentId
    lineage: bytes
    seq: int
    updates: int
    """Rows of the log, those that a snapshot covers included."""
    snapshots: int
    state: str
    """SHA-256 of its decoded state, in hex; empty when it could not be decoded."""
    faults: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give what `moim check --json` prints of it."""
        return {
            "document": self.document,
            "lineage": self.lineage.hex(),
            "seq": self.seq,
            "updates": self.updates,
            "snapshots": self.snapshots,
            "faults": list(self.faults),
        }


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was found in a file."""

    path: Path
    documents: tuple[CheckedDocument, ...]
    faults: tuple[str, ...]
    """Of the file as a whole."""

    @property
    def sound(self) -> bool:
        """True when nothing is wrong anywhere."""
        return not self.faults and not any(one.faults for one in self.documents)

    def to_dict(self) -> dict[str, Any]:
        """Give what `moim check --json` prints."""
        return {
            "file": str(self.path),
            "sound": self.sound,
            "faults": list(self.faults),
            "documents": [one.to_dict() for one in self.documents],
        }

    def lines(self) -> list[str]:
        """Give the report for people: every fault, and a last line that says how it stands."""
        lines = self._told_faults()
        updates = sum(one.updates for one in self.documents)
        whole = f"{len(self.documents)} documents, {updates} updates"
        if self.sound:
            return [*lines, f"{self.path} is sound: {whole}"]
        return [
            *lines,
            f"{self.path} is damaged ({len(lines)} faults in {whole}): keep a copy of it, then "
            "bring back a backup with `moim restore`",
        ]

    def told(self, what: str) -> str:
        """Give the faults under a first line that says what follows from them."""
        return "\n  ".join([what, *self._told_faults()])

    def _told_faults(self) -> list[str]:
        return [
            *self.faults,
            *(f"{one.document}: {fault}" for one in self.documents for fault in one.faults),
        ]


def check_database(path: Path) -> CheckReport:
    """Check a file; damage of any kind is in the report.

    Raises:
        StorageError: it is not there, cannot be read, or a newer moim has written it.
    """
    try:
        with closing(open_reader(path)) as connection:
            require_ours(connection, path, store_migrations)
            faults = _integrity(connection)
            documents, row_faults = _documents(connection)
            faults += row_faults
    except CorruptDatabase as error:
        return CheckReport(path, (), (str(error),))
    with Decoder(path) as decoder:
        checked = tuple(_decoded(one, decoder) for one in documents)
    return CheckReport(path, checked, tuple(faults))


def _integrity(connection: sqlite3.Connection) -> list[str]:
    try:
        rows = connection.execute(f"PRAGMA integrity_check({_MOST_FAULTS})").fetchall()
    except sqlite3.DatabaseError as error:
        return [f"SQLite cannot read it: {error}"]
    return [f"SQLite: {text}" for (text,) in rows if text != "ok"]


def _documents(connection: sqlite3.Connection) -> tuple[list[RowsOfDocument], list[str]]:
    try:
        numbers = connection.execute("SELECT id FROM doc NOT INDEXED ORDER BY id").fetchall()
        found = []
        for (row,) in numbers:
            with reading(connection):
                found.append(read_rows(connection, row))
        with reading(connection):
            return found, faults_of_orphans(connection)
    except sqlite3.DatabaseError as error:
        return [], [f"the list of documents cannot be read: {error}"]


def _decoded(rows: RowsOfDocument, decoder: Decoder) -> CheckedDocument:
    checked = CheckedDocument(
        rows.document, rows.lineage, rows.seq, rows.updates, rows.snapshots, "", tuple(rows.faults)
    )
    if rows.unnamed:
        return checked
    decoded = decoder.decode(rows.document)
    if not decoded.fault:
        return replace(checked, state=decoded.state)
    return replace(checked, faults=(*checked.faults, decoded.fault))
