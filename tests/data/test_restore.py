"""`restore`: the state of a backup, the former file kept, and lineages that tell clients."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from pycrdt import Map

from data.crash_runner import Author, loaded
from data.database_files import EMPTY, OPEN, append, damage, database, make_empty
from moim_data.backup import back_up
from moim_data.check import check_database
from moim_data.errors import FileTaken, FoundDamaged, StorageInUse
from moim_data.restore import restore
from moim_data.sqlite_store import SqliteStore
from moim_data.store import DocumentId, StoredDocument
from moim_process import PYTHONPATH

__all__ = ["database"]

AT = datetime(2026, 11, 27, 20, 0, 0)
NEW = DocumentId("open/new")


@pytest.fixture
def backup(database: Path) -> Path:
    target = database.with_name("copy.db")
    back_up(database, target)
    return target


def stored(path: Path, document: DocumentId = OPEN) -> StoredDocument:
    with closing(SqliteStore(path)) as store:
        found = store.open(document, create=False).result()
        assert found is not None
        return found


def entries(path: Path) -> set[str]:
    return set(loaded(stored(path)).get("map", type=Map).to_py())


def go_on(path: Path, keys: tuple[str, ...] = ("31", "32")) -> None:
    with closing(SqliteStore(path)) as store:
        found = store.open(OPEN, create=False).result()
        assert found is not None
        append(store, OPEN, Author(), list(keys), found.seq + 1)


def test_the_state_of_the_backup_is_back_and_the_former_file_is_kept(
    database: Path, backup: Path
) -> None:
    go_on(database)
    done = restore(backup, database, AT)
    assert done.aside == database.with_name("moim.2026-11-27T20-00-00.db")
    assert entries(database) == {str(n) for n in range(1, 31)}
    assert entries(done.aside) == {str(n) for n in range(1, 33)}
    assert check_database(database).sound
    assert not list(database.parent.glob(".*"))


def test_F9_a_document_whose_later_state_somebody_may_have_seen_gets_a_new_lineage(
    database: Path, backup: Path
) -> None:
    before, empty = stored(database), stored(database, EMPTY)
    go_on(database)
    done = restore(backup, database, AT)
    assert (done.new_lineage, done.kept_lineage) == ((OPEN,), (EMPTY,))
    after = stored(database)
    assert after.lineage != before.lineage
    assert (after.seq, after.durable) == (before.seq, before.durable)
    assert stored(database, EMPTY).lineage == empty.lineage


def test_F9_a_history_of_its_own_gets_a_new_lineage_although_its_numbers_are_the_same(
    database: Path, backup: Path
) -> None:
    """Two copies of one file have gone on: number 32 is something else in each."""
    go_on(database, ("31", "32"))
    go_on(backup, ("31", "another"))
    assert restore(backup, database, AT).new_lineage == (OPEN,)


@pytest.mark.parametrize("present", ["absent", "damaged", "newer"])
def test_F9_every_lineage_is_new_when_nobody_can_say_what_was_seen(
    database: Path, backup: Path, present: str
) -> None:
    match present:
        case "absent":
            database.unlink()
        case "damaged":
            database.write_bytes(b"\0" * 9000)
        case "newer":
            with closing(sqlite3.connect(database, isolation_level=None)) as connection:
                connection.execute("UPDATE _sqlite_migrations SET name = '99' WHERE id = 1")
    done = restore(backup, database, AT)
    assert done.kept_lineage == ()
    assert (done.aside is None) is (present == "absent")
    assert check_database(database).sound


def test_a_file_in_use_is_not_replaced(database: Path, backup: Path) -> None:
    with closing(SqliteStore(database)), pytest.raises(StorageInUse):
        restore(backup, database, AT)
    assert not list(database.parent.glob("moim.2026*"))


def test_a_damaged_backup_changes_nothing(database: Path, backup: Path) -> None:
    make_empty(database, NEW)
    damage(backup)
    before = database.read_bytes()
    with pytest.raises(FoundDamaged):
        restore(backup, database, AT)
    assert database.read_bytes() == before
    names = {file.name for file in database.parent.iterdir()}
    assert names == {"moim.db", "moim.db.lock", "copy.db"}


def test_a_file_is_not_restored_from_itself(database: Path) -> None:
    with pytest.raises(FileTaken, match="itself"):
        restore(database, database, AT)


def test_the_wal_of_a_damaged_file_goes_along_with_it(database: Path, backup: Path) -> None:
    database.write_bytes(b"\0" * 9000)
    wal = database.with_name("moim.db-wal")
    wal.write_bytes(b"the last commits")
    done = restore(backup, database, AT)
    assert done.aside is not None
    assert done.aside.with_name(done.aside.name + "-wal").read_bytes() == b"the last commits"
    assert not wal.exists()
    assert entries(database) == {str(n) for n in range(1, 31)}


KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from moim_data import restore
left = int(sys.argv[3])
def stop(event, arguments):
    # Everything that changes names or files in the folder is announced to audit hooks.
    global left
    if event in ("os.rename", "os.link", "os.remove", "sqlite3.connect"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(stop)
restore.restore(Path(sys.argv[1]), Path(sys.argv[2]), datetime(2026, 11, 27, 20, 0, 0))
"""


@pytest.mark.timeout(240)
@pytest.mark.parametrize(
    "every",
    [
        pytest.param(4, id="every fourth step"),
        pytest.param(1, id="every step", marks=pytest.mark.trust),
    ],
)
def test_a_restore_killed_at_any_step_leaves_the_former_file_or_the_restored_one(
    database: Path, backup: Path, tmp_path: Path, every: int
) -> None:
    go_on(database)
    before, after = entries(database), entries(backup)
    outcomes = []
    for step in range(1, 100, every):
        folder = tmp_path / f"step-{step}"
        folder.mkdir()
        copy = folder / "moim.db"
        shutil.copy(database, copy)
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(backup), str(copy), str(step)],
            env={"PYTHONPATH": PYTHONPATH},
            check=False,
        )
        found = entries(copy)
        assert found in (before, after), step
        if found == after:
            (aside,) = folder.glob("moim.2026*.db")
            assert entries(aside) == before
        outcomes.append(found == after)
        if done.returncode == 0:
            break
    assert outcomes == sorted(outcomes), "once it is restored it stays so"
    assert outcomes[0] is False
    assert len(outcomes) > 8 // every
