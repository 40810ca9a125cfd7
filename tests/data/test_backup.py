"""A backup is whole, checked, private, and never in anybody's way."""

import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from pycrdt import Map

from data.crash_runner import Author, loaded
from data.database_files import OPEN, append, damage, database, write_document
from moim_data.backup import back_up
from moim_data.errors import FileTaken, FoundDamaged, StorageInUse
from moim_data.sqlite_store import SqliteStore
from trust.raw_rows import RawRows

__all__ = ["database"]


def keys(path: Path, document: str = OPEN) -> dict[str, float]:
    """What an independent reader finds in a file."""
    rows = RawRows(path)
    try:
        return dict(rows.document(document).get("map", type=Map).to_py() or {})
    finally:
        rows.close()


def test_a_backup_holds_what_the_file_holds_and_is_private(database: Path) -> None:
    target = database.with_name("copy.db")
    report = back_up(database, target)
    assert report.sound
    assert keys(target) == {str(n): 1.0 for n in range(1, 31)}
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    names = {file.name for file in database.parent.iterdir()}
    assert names == {"moim.db", "moim.db.lock", "copy.db"}


class Load(threading.Thread):
    """Keeps commits coming, and counts those that are on disk."""

    def __init__(self, store: SqliteStore, first: int) -> None:
        super().__init__(daemon=True)
        self.store = store
        self.kept = first - 1
        self.busy = threading.Event()
        self.stopping = threading.Event()
        self._author = Author()
        self._first = first

    def run(self) -> None:
        while not self.stopping.is_set():
            seq = self.kept + 1
            names = [f"load-{seq}", f"load-{seq + 1}"]
            append(self.store, OPEN, self._author, names, seq)
            self.kept = seq + 1
            self.busy.set()


@pytest.mark.rule("A2")
def test_F11_a_backup_under_load_is_a_sound_prefix_and_stops_no_commit(tmp_path: Path) -> None:
    path = tmp_path / "moim.db"
    write_document(path, updates=600, compact_at=(), value=lambda n: f"{n}" * 400)
    with closing(SqliteStore(path)) as store:
        assert store.open(OPEN, create=False).result() is not None
        load = Load(store, first=601)
        load.start()
        assert load.busy.wait(20)
        for number in range(3):
            before = load.kept
            back_up(path, tmp_path / f"copy-{number}.db")
            after = load.kept
            found = [key for key in keys(tmp_path / f"copy-{number}.db") if key[:4] == "load"]
            newest = max(int(key[5:]) for key in found)
            assert {int(key[5:]) for key in found} == set(range(601, newest + 1))
            assert before <= newest <= after + 2
            assert after > before, "commits went on"
        load.stopping.set()
        load.join(20)


def test_a_backup_is_never_written_over_a_file_that_is_there(database: Path) -> None:
    target = database.with_name("copy.db")
    target.write_text("precious")
    with pytest.raises(FileTaken, match="--force"):
        back_up(database, target)
    assert target.read_text() == "precious"
    back_up(database, target, overwrite=True)
    assert len(keys(target)) == 30


def test_a_backup_never_takes_the_place_of_the_database(database: Path) -> None:
    with pytest.raises(FileTaken, match="itself"):
        back_up(database, database, overwrite=True)


def test_a_backup_is_not_forced_over_a_file_in_use(database: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(SqliteStore(other)), pytest.raises(StorageInUse):
        back_up(database, other, overwrite=True)


def test_a_damaged_database_gives_no_backup_and_the_former_one_stays(database: Path) -> None:
    target = database.with_name("copy.db")
    back_up(database, target)
    former = target.read_bytes()
    damage(database)
    with pytest.raises(FoundDamaged, match="open/a: "):
        back_up(database, target, overwrite=True)
    assert target.read_bytes() == former
    names = {file.name for file in database.parent.iterdir()}
    assert names == {"moim.db", "moim.db.lock", "copy.db"}


def test_a_backup_can_be_served_as_it_is(database: Path) -> None:
    target = database.with_name("copy.db")
    back_up(database, target)
    with closing(SqliteStore(target)) as store:
        stored = store.open(OPEN, create=False).result()
        assert stored is not None
        assert len(loaded(stored).get("map", type=Map).to_py()) == 30
