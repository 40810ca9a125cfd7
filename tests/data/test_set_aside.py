"""A database file put out of the way is whole, under a new name, and nothing is lost."""

import os
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from moim_data.errors import CorruptDatabase, StorageInUse
from moim_data.set_aside import set_aside
from moim_data.sqlite_store import SqliteStore
from moim_data.store import Append, DocumentId, Update
from moim_process import PYTHONPATH

AT = datetime(2026, 11, 25, 10, 30, 5)
OPEN = DocumentId("open/a")
WRITE_AND_DIE = """
import os, signal, sys
from moim_data.sqlite_store import SqliteStore
from moim_data.store import Append, Update
store = SqliteStore(sys.argv[1])
store.open("open/a", create=True).result()
store.append(Append("open/a", (Update(1, 0, "ann", b"", 0, b"kept"),))).result()
os.kill(os.getpid(), signal.SIGKILL)
"""


def write(path: Path, payload: bytes = b"kept") -> None:
    store = SqliteStore(path)
    store.open(OPEN, create=True).result()
    store.append(Append(OPEN, (Update(1, 0, "ann", b"", 0, payload),))).result()
    store.close()


def written(path: Path) -> list[bytes]:
    store = SqliteStore(path)
    try:
        found = store.open(OPEN, create=False).result()
        return [] if found is None else list(found.updates)
    finally:
        store.close()


def test_the_file_has_a_new_name_that_tells_the_time_and_all_that_was_in_it(tmp_path: Path) -> None:
    write(tmp_path / "moim.db")
    aside = set_aside(tmp_path / "moim.db", AT)
    assert aside == tmp_path / "moim.2026-11-25T10-30-05.db"
    assert not (tmp_path / "moim.db").exists()
    assert written(aside) == [b"kept"]


def test_what_a_killed_process_left_in_the_wal_goes_along(tmp_path: Path) -> None:
    path = tmp_path / "moim.db"
    subprocess.run(
        [sys.executable, "-c", WRITE_AND_DIE, str(path)],
        env={"PYTHONPATH": PYTHONPATH},
        check=False,
    )
    assert (tmp_path / "moim.db-wal").stat().st_size > 0
    aside = set_aside(path, AT)
    assert aside is not None
    assert {file.name for file in tmp_path.iterdir()} == {aside.name, "moim.db.lock"}
    assert written(aside) == [b"kept"]


def test_a_name_that_is_taken_is_never_written_over(tmp_path: Path) -> None:
    for payload in (b"first", b"second", b"third"):
        write(tmp_path / "moim.db", payload)
        set_aside(tmp_path / "moim.db", AT)
    kept = {file.name: written(file) for file in sorted(tmp_path.glob("moim.2026*.db"))}
    assert kept == {
        "moim.2026-11-25T10-30-05.db": [b"first"],
        "moim.2026-11-25T10-30-05-2.db": [b"second"],
        "moim.2026-11-25T10-30-05-3.db": [b"third"],
    }


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert set_aside(tmp_path / "moim.db", AT) is None
    assert not (tmp_path / "moim.db").exists()


def test_a_file_in_use_stays_where_it_is(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "moim.db")
    with pytest.raises(StorageInUse, match=f"process {os.getpid()}"):
        set_aside(tmp_path / "moim.db", AT)
    assert not list(tmp_path.glob("moim.2026*"))
    store.close()


@pytest.mark.parametrize("kind", ["another program's", "no database"])
def test_a_file_that_is_not_ours_stays_where_it_is(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "moim.db"
    if kind == "no database":
        path.write_text("my thesis")
    else:
        with sqlite3.connect(path) as foreign:
            foreign.execute("CREATE TABLE mine (x)")
        foreign.close()
    before = path.read_bytes()
    with pytest.raises(CorruptDatabase):
        set_aside(path, AT)
    assert path.read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {"moim.db", "moim.db.lock"}
