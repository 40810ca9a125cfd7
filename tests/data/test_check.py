"""`check_database`: whatever is damaged in a file is found, and a sound one is called sound."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from data.crash_runner import REPLICA
from data.database_files import EMPTY, OPEN, database, write_document
from moim_data.check import CheckReport, check_database
from moim_data.decoder import Decoder
from moim_data.errors import StorageError
from moim_data.sqlite_store import SqliteStore
from moim_data.store import Append, DocumentId, Update
from moim_data.updates import update_crc

__all__ = ["database"]

COVERED = [
    *[("doc", column) for column in ("name", "kind", "lineage", "crc")],
    *[("doc", column) for column in ("epoch", "next_seq", "state", "id")],
    *[("upd", c) for c in ("doc", "seq", "ts", "actor", "replica", "cs", "crc", "data")],
    *[("replica", column) for column in ("doc", "replica", "cs", "crc")],
    *[("snap", column) for column in ("doc", "upto_seq", "kind", "sha", "data")],
    *[("snap_part", column) for column in ("upto_seq", "part", "data")],
    *[("field", column) for column in ("doc",)],
]


def flipped(value: Any) -> Any:
    """The value with one bit changed."""
    match value:
        case int():
            return value ^ 64
        case str():
            return chr(ord(value[0]) ^ 1) + value[1:]
        case bytes():
            middle = len(value) // 2
            return value[:middle] + bytes([value[middle] ^ 4]) + value[middle + 1 :]
    raise AssertionError(value)


def flip(path: Path, table: str, column: str) -> None:
    """Flips a bit of one value in the middle of a table, of the document `open/a`."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        keys = "id" if table == "doc" else "doc"
        (document,) = connection.execute("SELECT id FROM doc WHERE name = ?", [OPEN]).fetchone()
        condition = f"{keys} = {document}"
        rows = connection.execute(f"SELECT * FROM {table} WHERE {condition}")
        names = [one[0] for one in rows.description]
        found = rows.fetchall()
        row = dict(zip(names, found[len(found) // 2], strict=True))
        exact = " AND ".join(f"{name} IS ?" for name in names)
        done = connection.execute(
            f"UPDATE {table} SET {column} = ? WHERE {exact}",
            [flipped(row[column]), *row.values()],
        )
        assert done.rowcount == 1


def change(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        assert connection.execute(statement, values).rowcount > 0


def document(report: CheckReport, name: str = OPEN) -> Any:
    return next(one for one in report.documents if one.document == name)


def test_a_sound_file_is_called_sound_and_counted(database: Path) -> None:
    report = check_database(database)
    assert report.sound, report.lines()
    found = document(report)
    assert (found.seq, found.updates, found.snapshots) == (30, 20, 2)
    assert document(report, EMPTY).seq == 0
    assert report.to_dict()["sound"] is True


def test_a_check_leaves_nothing_beside_the_file(database: Path) -> None:
    before = {file.name: file.read_bytes() for file in database.parent.iterdir()}
    check_database(database)
    assert {file.name: file.read_bytes() for file in database.parent.iterdir()} == before


@pytest.mark.parametrize(("table", "column"), COVERED, ids=lambda value: str(value))
def test_F5_a_flipped_bit_is_found_in_each_kind_of_row(
    database: Path, table: str, column: str
) -> None:
    flip(database, table, column)
    report = check_database(database)
    assert not report.sound
    assert report.lines()[-1].startswith(f"{database} is damaged")


@pytest.mark.parametrize("seq", [15, 30])
def test_a_row_that_is_gone_is_named(database: Path, seq: int) -> None:
    change(database, "DELETE FROM upd WHERE seq = ?", seq)
    (first, *_) = document(check_database(database)).faults
    assert first in (f"updates {seq} to {seq} are missing", "the log ends at 29, expected 30")


def test_a_damaged_older_snapshot_is_a_fault_although_the_document_can_be_read(
    database: Path,
) -> None:
    change(database, "UPDATE snap SET data = x'0000' WHERE upto_seq = 10")
    found = document(check_database(database))
    assert found.faults == ("the snapshot up to 10 is damaged",)
    assert found.state


def test_parts_that_a_killed_compaction_left_are_no_fault(database: Path) -> None:
    change(database, "INSERT INTO snap_part(doc, upto_seq, part, data) VALUES (1, 25, 3, x'00')")
    assert check_database(database).sound


def keep_one(path: Path, name: DocumentId, data: bytes) -> None:
    """Puts bytes into the log of a new document, whatever they are."""
    with closing(SqliteStore(path)) as store:
        store.open(name, create=True).result()
        update = Update(1, 0, "eve", REPLICA, 1, data)
        store.append(Append(name, (update,))).result()


def test_F7_an_update_that_cannot_be_decoded_is_a_fault_of_its_document_alone(
    database: Path,
) -> None:
    keep_one(database, DocumentId("open/broken"), b"\x01\x01\xff")
    report = check_database(database)
    assert document(report, "open/broken").faults
    assert not document(report).faults


DIES_OF_A_BOMB = """
import os, signal, sys
from pathlib import Path
from moim_data import decoder
real = decoder.decode_document
def decode(path, document):
    if document == "open/bomb":
        os.kill(os.getpid(), signal.SIGSEGV)
    return real(path, document)
decoder.decode_document = decode
decoder.main()
"""


def test_F6_a_document_that_kills_the_decoder_is_at_fault_and_the_next_is_decoded(
    database: Path,
) -> None:
    with Decoder(database, program=("-c", DIES_OF_A_BOMB)) as decoder:
        assert decoder.decode(OPEN).state
        assert "SIGSEGV" in decoder.decode(DocumentId("open/bomb")).fault
        assert decoder.decode(OPEN).state


def test_a_log_with_a_gap_in_its_content_is_a_fault(database: Path) -> None:
    """Rows and numbers may be whole, and still hold an edit without what it builds on."""
    path = database
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        (first, second) = connection.execute(
            "SELECT seq, data FROM upd WHERE seq IN (25, 26) ORDER BY seq"
        ).fetchall()
        for seq, data in ((first[0], second[1]), (second[0], second[1])):
            row = connection.execute(
                "SELECT ts, actor, replica, cs FROM upd WHERE seq = ?", [seq]
            ).fetchone()
            crc = update_crc(1, Update(seq, *row, data))
            connection.execute("UPDATE upd SET data = ?, crc = ? WHERE seq = ?", [data, crc, seq])
    assert any("gap" in fault for fault in document(check_database(path)).faults)


@pytest.mark.parametrize("size_bytes", [0, 20, 5000])
def test_a_file_that_is_no_database_of_ours_is_damaged(tmp_path: Path, size_bytes: int) -> None:
    path = tmp_path / "moim.db"
    path.write_bytes(b"x" * size_bytes)
    assert not check_database(path).sound


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="does not exist"):
        check_database(tmp_path / "moim.db")
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_use_is_checked_beside_its_holder(database: Path) -> None:
    with closing(SqliteStore(database)) as store:
        stored = store.open(DocumentId("open/new"), create=True).result()
        assert stored is not None
        assert check_database(database).sound
        assert len(check_database(database).documents) == 3


def states(report: CheckReport) -> dict[str, tuple[object, ...]]:
    return {one.document: (one.lineage, one.seq, one.state) for one in report.documents}


def flip_anywhere(path: Path, chance: random.Random) -> None:
    """Every second time where something stands: most of a small file is empty pages."""
    data = bytearray(path.read_bytes())
    filled = [at for at, byte in enumerate(data) if byte]
    at = chance.choice(filled) if chance.random() < 0.5 else chance.randrange(len(data))
    data[at] ^= 1 << chance.randrange(8)
    path.write_bytes(data)


def check_flips(
    path: Path, folder: Path, seed: int, count: int, said: Callable[[str], None] = print
) -> None:
    """A flipped bit anywhere is found, or has changed no document."""
    whole = states(check_database(path))
    chance = random.Random(seed)
    found = 0
    for number in range(count):
        damaged = folder / "flipped.db"
        shutil.copy(path, damaged)
        flip_anywhere(damaged, chance)
        try:
            report = check_database(damaged)
        except StorageError:
            found += 1
            continue
        found += not report.sound
        assert not report.sound or states(report) == whole, f"seed {seed}, flip {number}"
    said(f"{found} of {count} flipped bits found, the others changed nothing (seed {seed})")
    assert found


def test_F5_a_bit_flipped_anywhere_in_the_file_is_found_or_changes_nothing(
    database: Path, tmp_path: Path
) -> None:
    check_flips(database, tmp_path, seed=20261127, count=12)


@pytest.mark.trust
@pytest.mark.timeout(600)
def test_F5_three_hundred_bits_flipped_anywhere_are_found_or_change_nothing(
    tmp_path: Path,
) -> None:
    path = tmp_path / "moim.db"
    write_document(path)
    check_flips(path, tmp_path, seed=20261128, count=300)
