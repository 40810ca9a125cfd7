"""`restore`: the state of a backup, the former file kept, and lineages that tell clients."""

import sqlite3
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
