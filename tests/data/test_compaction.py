import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.edit_logs import EditLog, contents
from moim_data import snapshots
from moim_data.compaction import build_snapshot
from moim_data.compactor import Compactor
from moim_data.errors import CompactionFailed, CorruptDocument
from moim_data.snapshot_process import SnapshotProcess
from moim_data.sqlite_store import COMPACT_AT_ROWS, SqliteStore
from moim_data.store import Append, DocumentId, StoredDocument, Update

BOARD = DocumentId("open/board")
DEADLINE_S = 50


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "moim.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path)) as store:
        read(store)
        yield store


def read(store: SqliteStore) -> StoredDocument:
    stored = store.open(BOARD, create=True).result(DEADLINE_S)
    assert stored is not None
    return stored


def seen(store: SqliteStore) -> dict[str, object]:
    stored = read(store)
    return contents(*([stored.snapshot] if stored.snapshot else []), *stored.updates)


def version(store: SqliteStore, seq: int) -> dict[str, object] | None:
    found = store.version(BOARD, seq).result(DEADLINE_S)
    return None if found is None else contents(*found.data)


def append(store: SqliteStore, first: int, updates: list[bytes]) -> None:
    rows = tuple(
        Update(seq, 0, "ann", b"r", seq, data) for seq, data in enumerate(updates, start=first)
    )
    store.append(Append(BOARD, rows, {b"r": first + len(rows) - 1})).result(DEADLINE_S)


def log(length: int = 60, seed: int = 1) -> list[bytes]:
    return EditLog(Random(seed), length).updates


@given(seed=st.integers(0, 2**32), length=st.integers(1, 80), cuts=st.lists(st.integers(1, 79)))
def test_a_compacted_log_loads_as_the_log_does(seed: int, length: int, cuts: list[int]) -> None:
    updates = log(length, seed) or [b"\x00\x00"]
    snapshot: list[bytes] = []
    start = 0
    for cut in [*sorted({cut for cut in cuts if cut < len(updates)}), len(updates)]:
        snapshot = [build_snapshot(snapshot + updates[start:cut])]
        start = cut
    assert contents(*snapshot) == contents(*updates)
    assert contents(*snapshot, *updates) == contents(*updates)


def test_a_log_with_a_gap_is_not_compacted(store: SqliteStore) -> None:
    document_log = log()
    del document_log[1]
    append(store, 1, document_log)
    with pytest.raises(CompactionFailed, match="gap"):
        store.compact(BOARD)
    assert read(store).updates == tuple(document_log)


def test_compaction_leaves_two_generations_and_the_rows_between_them(
    store: SqliteStore, path: Path
) -> None:
    updates = log(120)
    thirds = [updates[:20], updates[20:40], updates[40:]]
    first = 1
    for part in thirds:
        append(store, first, part)
        first += len(part)
        before = seen(store)
        assert store.compact(BOARD)
        assert seen(store) == before
        assert (read(store).seq, read(store).updates) == (first - 1, ())
    with closing(sqlite3.connect(path)) as other:
        generations = other.execute("SELECT upto_seq FROM snap ORDER BY upto_seq").fetchall()
        rows = other.execute("SELECT min(seq), max(seq) FROM upd").fetchone()
    assert generations == [(40,), (len(updates),)]
    assert rows == (41, len(updates))
    assert seen(store) == contents(*updates)


def test_versions_from_the_older_generation_on_are_given_and_earlier_ones_are_not(
    store: SqliteStore, path: Path
) -> None:
    updates = log(120)
    for part in (updates[:20], updates[20:40], updates[40:]):
        append(store, updates.index(part[0]) + 1, part)
        for seq in (1, 20):  # of the first, until the second generation takes its rows
            if part[0] is updates[0]:
                assert version(store, seq) == contents(*updates[:seq])
        assert store.compact(BOARD)
    for seq in (40, 41, 77, len(updates)):
        assert version(store, seq) == contents(*updates[:seq])
    assert [version(store, seq) for seq in (0, 1, 20, 39)] == [contents(), None, None, None]
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE snap SET sha = zeroblob(32) WHERE upto_seq = 40")
        assert version(store, 40) is None
        assert version(store, len(updates)) == contents(*updates)
        other.execute("DELETE FROM snap WHERE upto_seq = 40")
        assert version(store, 77) is None


def test_a_damaged_row_gives_no_version_that_needs_it(store: SqliteStore, path: Path) -> None:
    updates = log()
    append(store, 1, updates)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE upd SET data = zeroblob(length(data)) WHERE seq = 7")
    assert version(store, 6) == contents(*updates[:6])
    with pytest.raises(CorruptDocument):
        version(store, 7)


def test_numbers_and_replicas_go_on_after_compaction_and_restart(path: Path) -> None:
    updates = log()
    with closing(SqliteStore(path)) as store:
        read(store)
        append(store, 1, updates[:-1])
        assert store.compact(BOARD)
        assert store.compact(BOARD) is False
    with closing(SqliteStore(path)) as store:
        last = len(updates) - 1
        assert (read(store).seq, read(store).durable) == (last, {b"r": last})
        append(store, len(updates), updates[-1:])
        assert seen(store) == contents(*updates)


def spoil(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        assert other.execute(statement).rowcount == 1


@pytest.fixture
def compacted_twice(path: Path) -> Path:
    updates = log()
    with closing(SqliteStore(path)) as store:
        read(store)
        for first in (1, 11, 21):
            append(store, first, updates[first - 1 : first + 9])
            if first < 21:
                store.compact(BOARD)
    return path


FIRST_PART = "rowid = (SELECT min(rowid) FROM snap_part)"
NEWEST = "doc = 1 AND upto_seq = (SELECT max(upto_seq) FROM snap)"


def test_a_damaged_snapshot_gives_way_to_the_one_before(compacted_twice: Path) -> None:
    spoil(compacted_twice, f"UPDATE snap SET data = data || x'00' WHERE {NEWEST}")
    with closing(SqliteStore(compacted_twice)) as store:
        assert len(read(store).updates) == 20
        assert seen(store) == contents(*log()[:30])
        assert store.compact(BOARD)
        assert read(store).updates == ()
        assert seen(store) == contents(*log()[:30])


def test_a_snapshot_damaged_without_later_updates_is_written_anew(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        read(store)
        append(store, 1, log())
        store.compact(BOARD)
    spoil(path, f"UPDATE snap SET sha = x'00' WHERE {NEWEST}")
    with closing(SqliteStore(path)) as store:
        assert store.compact(BOARD)
        assert read(store).updates == ()
        assert seen(store) == contents(*log())


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "PART_BYTES", 100)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize(
    "damage",
    [
        f"DELETE FROM snap_part WHERE {FIRST_PART}",
        f"UPDATE snap_part SET data = data || x'00' WHERE {FIRST_PART}",
        f"UPDATE snap_part SET part = 99 WHERE {FIRST_PART}",
        f"UPDATE snap_part SET upto_seq = 0 WHERE {FIRST_PART}",
        "INSERT INTO snap_part SELECT doc, upto_seq, 99, data FROM snap_part LIMIT 1",
    ],
)
def test_a_snapshot_in_parts_loads_whole_or_not_at_all(path: Path, damage: str) -> None:
    updates = log()
    with closing(SqliteStore(path)) as store:
        read(store)
        append(store, 1, updates)
        store.compact(BOARD)
        assert seen(store) == contents(*updates)
        assert read(store).updates == ()
    spoil(path, damage)
    with closing(SqliteStore(path)) as store:
        assert read(store).snapshot is None
        assert seen(store) == contents(*updates)
        store.compact(BOARD)
        assert read(store).snapshot is not None
        assert seen(store) == contents(*updates)


@pytest.mark.usefixtures("small_parts")
def test_no_part_of_an_old_generation_stays(store: SqliteStore, path: Path) -> None:
    updates = log(200)
    for first in range(0, 60, 20):
        append(store, first + 1, updates[first : first + 20])
        store.compact(BOARD)
    with closing(sqlite3.connect(path)) as other:
        parts = set(other.execute("SELECT DISTINCT upto_seq FROM snap_part"))
    assert parts == {(40,), (60,)}


def test_two_damaged_snapshots_make_the_document_corrupt_not_shorter(
    compacted_twice: Path,
) -> None:
    with closing(sqlite3.connect(compacted_twice)) as other, other:
        other.execute("UPDATE snap SET data = x'0000'")
    with closing(SqliteStore(compacted_twice)) as store:
        error = store.open(BOARD, create=True).exception(DEADLINE_S)
    assert isinstance(error, CorruptDocument)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM upd WHERE seq = 25",
        "DELETE FROM upd WHERE seq = 30",
        "UPDATE upd SET data = data || x'00' WHERE seq = 25",
        "UPDATE upd SET seq = 31 WHERE seq = 30",
        "UPDATE doc SET next_seq = 30",
        "UPDATE doc SET next_seq = 1",
    ],
)
def test_a_missing_or_damaged_update_makes_the_document_corrupt(
    compacted_twice: Path, statement: str
) -> None:
    spoil(compacted_twice, statement)
    with closing(SqliteStore(compacted_twice)) as store:
        error = store.open(BOARD, create=True).exception(DEADLINE_S)
        assert isinstance(error, CorruptDocument)
        with pytest.raises(CompactionFailed):
            store.compact(BOARD)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("raise BaseException('panicked')", "panicked"),
        ("import sys; sys.exit(3)", "exit code 3"),
        ("print('half an answer')", "answered 15 bytes"),
        ("print('x' * 100)", "answer of the snapshot process is damaged"),
    ],
)
def test_a_process_that_dies_is_reported_and_leaves_the_log(
    store: SqliteStore, path: Path, program: str, said: str
) -> None:
    append(store, 1, log())
    store._snapshots = SnapshotProcess(path, program=("-c", program))
    with pytest.raises(CompactionFailed, match=said):
        store.compact(BOARD)
    assert read(store).updates == tuple(log())
    assert read(store).snapshot is None


def test_an_update_the_decoder_panics_on_costs_the_process_only(store: SqliteStore) -> None:
    append(store, 1, [b"\x01\x01\x01\x00\xff\xff"])
    with pytest.raises(CompactionFailed, match="the log is complete"):
        store.compact(BOARD)
    assert len(read(store).updates) == 1


class Announced:
    """Collects what a store announces; `wait` gives the first."""

    def __init__(self) -> None:
        self.documents: list[DocumentId] = []
        self._heard = threading.Event()

    def __call__(self, document: DocumentId) -> None:
        self.documents.append(document)
        self._heard.set()

    def wait(self) -> DocumentId:
        assert self._heard.wait(DEADLINE_S)
        return self.documents[0]


def small_updates(count: int) -> list[bytes]:
    return [b"\x00\x00"] * count


def test_a_long_tail_is_announced_once_per_length(store: SqliteStore) -> None:
    announced = Announced()
    store.on_compaction_due(announced)
    append(store, 1, small_updates(COMPACT_AT_ROWS - 1))
    assert announced.documents == []
    append(store, COMPACT_AT_ROWS, small_updates(COMPACT_AT_ROWS - 1))
    assert announced.documents == [BOARD]
    append(store, 2 * COMPACT_AT_ROWS - 1, small_updates(COMPACT_AT_ROWS))
    assert announced.documents == [BOARD, BOARD]


def test_a_heavy_tail_is_announced(store: SqliteStore) -> None:
    announced = Announced()
    store.on_compaction_due(announced)
    append(store, 1, [bytes(2**20)])
    assert announced.wait() == BOARD


def test_a_long_tail_found_at_opening_is_announced(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        read(store)
        append(store, 1, small_updates(COMPACT_AT_ROWS))
    with closing(SqliteStore(path)) as store:
        announced = Announced()
        store.on_compaction_due(announced)
        read(store)
        assert announced.documents == [BOARD]


def wait_until(condition: Callable[[], bool]) -> None:
    tick = threading.Event()
    for _ in range(DEADLINE_S * 50):
        if condition():
            return
        tick.wait(0.02)
    raise AssertionError("did not come true in time")


def test_a_compactor_keeps_tails_short_and_reports_failures(
    store: SqliteStore, caplog: pytest.LogCaptureFixture
) -> None:
    updates = log(1500)
    with Compactor(store, rest_factor=0):
        append(store, 1, updates)
        wait_until(lambda: read(store).snapshot is not None)
    assert seen(store) == contents(*updates)
    assert len(read(store).updates) == 0

    store._snapshots = SnapshotProcess(store.path, program=("-c", "import sys; sys.exit(3)"))
    with Compactor(store, rest_factor=0):
        append(store, len(updates) + 1, small_updates(COMPACT_AT_ROWS))
        wait_until(lambda: "exit code 3" in caplog.text)
    assert str(BOARD) in caplog.text


class SlowStore:
    """A store whose compactions wait to be let go."""

    def __init__(self) -> None:
        self.started: list[DocumentId] = []
        self.begun = threading.Semaphore(0)
        self.let_go = threading.Semaphore(0)
        self.announce: Callable[[DocumentId], None] = lambda document: None

    def on_compaction_due(self, notify: Callable[[DocumentId], None]) -> None:
        self.announce = notify

    def compact(self, document: DocumentId) -> bool:
        self.started.append(document)
        self.begun.release()
        assert self.let_go.acquire(timeout=DEADLINE_S)
        return True

    def stop_compacting(self) -> None:
        self.let_go.release(1000)


def test_F13_a_slow_compaction_gathers_one_more_however_often_it_is_due() -> None:
    store = SlowStore()
    with Compactor(store, rest_factor=0):
        store.announce(BOARD)
        assert store.begun.acquire(timeout=DEADLINE_S)
        for _ in range(1000):
            store.announce(BOARD)
        store.let_go.release()
        assert store.begun.acquire(timeout=DEADLINE_S)
        store.announce(DocumentId("open/last"))
        store.let_go.release()
        assert store.begun.acquire(timeout=DEADLINE_S)
    assert store.started == [BOARD, BOARD, "open/last"]


def test_closing_the_store_ends_a_process_that_hangs(store: SqliteStore, path: Path) -> None:
    append(store, 1, log())
    store._snapshots = SnapshotProcess(path, program=("-c", "import signal; signal.pause()"))
    errors: list[CompactionFailed] = []

    def compact() -> None:
        try:
            store.compact(BOARD)
        except CompactionFailed as error:
            errors.append(error)

    thread = threading.Thread(target=compact)
    thread.start()
    wait_until(lambda: store._snapshots._child is not None)
    store.close()
    thread.join(DEADLINE_S)
    assert "SIGKILL" in str(errors[0])
