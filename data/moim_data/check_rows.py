"""Every row of a document held to its checksum, and its numbers to one another.

More than a server looks at when it opens a document: also rows that a snapshot covers, and the
generations that would be needed only if the newest were damaged.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moim_data.document_rows import ACTIVE, document_crc
from moim_data.snapshots import FULL_STATE, read_generation
from moim_data.store import DocumentId, Update
from moim_data.updates import replica_crc, update_crc

_OWNED = ("upd", "replica", "snap", "snap_part", "field", "conflict", "change")
"""Tables whose rows belong to a row of `doc`."""
_MOST_FAULTS = 20


@dataclass(slots=True)
class RowsOfDocument:
    """What lies in the file of one document, before anything is decoded."""

    document: DocumentId
    lineage: bytes = b""
    seq: int = 0
    updates: int = 0
    snapshots: int = 0
    faults: list[str] = field(default_factory=list)
    unnamed: bool = False
    """True when its own row is damaged, so that nobody knows which document this is."""


def read_rows(connection: sqlite3.Connection, row: int) -> RowsOfDocument:
    """Look at all rows of the document with this row id; inside a reading transaction."""
    found = connection.execute(
        "SELECT name, kind, lineage, crc, epoch, next_seq, state FROM doc NOT INDEXED WHERE id = ?",
        [row],
    ).fetchone()
    rows = _head(row, *found)
    for look in (_snapshots, _log, _replicas, _fields):
        try:
            rows.faults += look(connection, row, rows)
        except sqlite3.DatabaseError as error:
            rows.faults.append(f"SQLite cannot read it: {error}")
    del rows.faults[_MOST_FAULTS:]
    return rows


def faults_of_orphans(connection: sqlite3.Connection) -> list[str]:
    """Name rows whose document is not in the list of documents."""
    faults = []
    there = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    for table in _OWNED:
        if table not in there:  # a file of an earlier version
            continue
        (count,) = connection.execute(
            f"SELECT count(*) FROM {table} WHERE doc NOT IN (SELECT id FROM doc NOT INDEXED)"
        ).fetchone()
        if count:
            faults.append(f"{count} rows of {table} belong to a document that is not there")
    return faults


def _head(
    row: int,
    name: Any,
    kind: Any,
    lineage: Any,
    crc: Any,
    epoch: Any,
    next_seq: Any,
    state: Any,
) -> RowsOfDocument:
    rows = RowsOfDocument(DocumentId(str(name)))
    if document_crc(row, name, kind, lineage) != crc or not isinstance(lineage, bytes):
        rows.unnamed = True
        rows.faults.append("its row in the list of documents is damaged")
    else:
        rows.lineage = lineage
    if epoch != 1 or state != ACTIVE:
        rows.faults.append(f"expected epoch 1 and state {ACTIVE}, found {epoch!r} and {state!r}")
    if isinstance(next_seq, int) and next_seq >= 1:
        rows.seq = next_seq - 1
    else:
        rows.faults.append(f"its next number is {next_seq!r}, expected 1 or more")
    return rows


def _snapshots(connection: sqlite3.Connection, row: int, rows: RowsOfDocument) -> Iterator[str]:
    places = connection.execute(
        "SELECT upto_seq, kind FROM snap WHERE doc = ? ORDER BY upto_seq", [row]
    ).fetchall()
    rows.snapshots = len(places)
    for upto_seq, kind in places:
        if read_generation(connection, row, upto_seq) is None or kind != FULL_STATE:
            yield f"the snapshot up to {upto_seq} is damaged"
        elif upto_seq > rows.seq:
            yield f"there is a snapshot up to {upto_seq}, but the last number is {rows.seq}"


def _log(connection: sqlite3.Connection, row: int, rows: RowsOfDocument) -> Iterator[str]:
    (oldest,) = connection.execute("SELECT min(upto_seq) FROM snap WHERE doc = ?", [row]).fetchone()
    expected = None
    for *values, crc in connection.execute(
        "SELECT seq, ts, actor, replica, cs, data, crc FROM upd WHERE doc = ? ORDER BY seq", [row]
    ):
        seq = values[0]
        if not isinstance(seq, int) or not _is_good_update(row, values, crc):
            yield f"update {seq} is damaged"
            expected = expected + 1 if expected else None
            rows.updates += 1
            continue
        if expected is None and not rows.updates:
            # The log begins where the older of two snapshots ends.
            expected = seq if isinstance(oldest, int) and seq <= oldest + 1 else 1
        if expected is not None and seq != expected:
            yield f"updates {expected} to {seq - 1} are missing"
        expected = seq + 1
        rows.updates += 1
    if expected is None:
        expected = rows.seq + 1 if rows.updates else (oldest or 0) + 1
    if expected != rows.seq + 1:
        yield f"the log ends at {expected - 1}, expected {rows.seq}"


def _is_good_update(row: int, values: list[Any], crc: object) -> bool:
    try:
        return update_crc(row, Update(*values)) == crc
    except TypeError:  # a flipped type byte turns a blob into text or a number
        return False


def _replicas(connection: sqlite3.Connection, row: int, rows: RowsOfDocument) -> Iterator[str]:
    for replica, cs, crc in connection.execute(
        "SELECT replica, cs, crc FROM replica WHERE doc = ?", [row]
    ):
        if replica_crc(row, replica, cs) != crc:
            yield "what a replica has saved is damaged"


def _fields(connection: sqlite3.Connection, row: int, rows: RowsOfDocument) -> Iterator[str]:
    wrong = connection.execute(
        "SELECT count(*) FROM field WHERE doc = ? AND NOT (typeof(seq) = 'integer'"
        " AND seq BETWEEN 1 AND ? AND typeof(path) = 'text' AND typeof(actor) = 'text')",
        [row, rows.seq],
    ).fetchone()[0]
    if wrong:
        yield f"the last writers of {wrong} registers are damaged"
