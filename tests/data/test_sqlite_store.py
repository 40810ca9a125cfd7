import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from pycrdt import Doc, Text
from sqlite_utils import Database

from data.store_contract import (
    DEADLINE_S,
    LAUNCH,
    OTHER,
    REPLICA,
    StoreContract,
    batch,
    opened,
    update,
)
from moim_data.errors import (
    CorruptDatabase,
    CorruptDocument,
    StorageBusy,
    StorageError,
    StorageFull,
    StorageInUse,
)
from moim_data.migrations import store_migrations
from moim_data.sqlite_store import SqliteStore
from moim_data.store import Append, DocumentId, FieldWrite, UpdateStore
from moim_data.writer import QueueLimits

_OPEN_AND_SAY = """
import os, sys
from moim_data.database import open_memory
from moim_data.migrations import store_migrations
from moim_data.sqlite_store import SqliteStore
open_memory(store_migrations)  # imports what it needs while it may
if os.getuid() == 0:  # nothing is read-only to root
    os.setgid(65534); os.setuid(65534)
try:
    SqliteStore(sys.argv[1])
except Exception as error:
    print(type(error).__name__, error)
"""
_HOLD = """
import sys
from moim_data.sqlite_store import SqliteStore
store = SqliteStore(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


class SqliteShelf:
    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self) -> UpdateStore:
        return SqliteStore(self.path)


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def shelf(self, path: Path) -> SqliteShelf:
        return SqliteShelf(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "모임 ?#.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path)) as store:
        yield store


def python(code: str, path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, str(path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def file_of_three(path: Path) -> None:
    with closing(SqliteStore(path)) as store:
        opened(store)
        store.append(batch(LAUNCH, 1, 3)).result(DEADLINE_S)


def test_commits_wait_for_the_disk_and_go_to_a_wal(store: SqliteStore) -> None:
    def pragmas(db: Database) -> list[object]:
        names = ("journal_mode", "synchronous", "wal_autocheckpoint")
        return [db.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    full = 2
    assert store._writer.call(pragmas).result(DEADLINE_S) == ["wal", full, 0]


def test_everything_queued_goes_into_one_commit(path: Path) -> None:
    statements: list[str] = []

    def trace(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(statements.append)

    with closing(SqliteStore(path, on_connect=trace)) as store:
        opened(store, LAUNCH)
        opened(store, OTHER)
        with ExitStack() as held:
            held.enter_context(store._writer._changed)  # nothing is taken meanwhile
            statements.clear()
            futures = [
                store.append(batch(document, seq, seq))
                for seq in range(1, 21)
                for document in (LAUNCH, OTHER)
            ]
        for future in futures:
            future.result(DEADLINE_S)
    assert statements.count("COMMIT") == 1
    assert sum(text.startswith("INSERT INTO upd") for text in statements) == 40


def test_an_idle_store_folds_its_wal_into_the_file(path: Path) -> None:
    with closing(SqliteStore(path, limits=QueueLimits(idle_s=0.01))) as store:
        opened(store)
        store.append(batch(LAUNCH, 1, 3)).result(DEADLINE_S)
        wal = path.with_name(path.name + "-wal")
        # The writer folds before it waits without a limit; the next job waits its turn after that.
        for _ in range(1000):
            if wal.stat().st_size == 0:
                break
            store._writer._thread.join(0.01)
        assert wal.stat().st_size == 0
        with closing(sqlite3.connect(path)) as other:
            assert other.execute("SELECT count(*) FROM upd").fetchone() == (3,)


def test_a_long_wal_is_folded_under_load(path: Path) -> None:
    limits = QueueLimits(wal_bytes=100_000, idle_s=60)
    with closing(SqliteStore(path, limits=limits)) as store:
        opened(store)
        for seq in range(1, 101):
            store.append(Append(LAUNCH, (update(seq, b"x" * 5000),))).result(DEADLINE_S)
        assert path.with_name(path.name + "-wal").stat().st_size < 250_000


def test_a_full_queue_refuses_by_name_and_goes_on_when_it_has_emptied(path: Path) -> None:
    with closing(SqliteStore(path, limits=QueueLimits(rows=10))) as store:
        opened(store)
        with store._writer._changed:  # nothing is taken meanwhile
            futures = [store.append(Append(LAUNCH, (update(seq),))) for seq in range(1, 9)]
        results = [future.exception(DEADLINE_S) for future in futures]
        refused = [error for error in results if error is not None]
        assert 1 <= len(refused) < 8
        assert all(isinstance(error, StorageBusy) for error in refused)
        seq = opened(store).seq
        assert seq == 8 - len(refused)
        store.append(Append(LAUNCH, (update(seq + 1),))).result(DEADLINE_S)


def test_one_flush_larger_than_the_queue_still_gets_through(path: Path) -> None:
    with closing(SqliteStore(path, limits=QueueLimits(rows=10))) as store:
        opened(store)
        store.append(batch(LAUNCH, 1, 100)).result(DEADLINE_S)
        assert opened(store).seq == 100


def test_a_second_opener_is_told_the_pid_of_the_holder(path: Path) -> None:
    process = python(_HOLD, path)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with pytest.raises(StorageInUse) as caught:
        SqliteStore(path)
    assert caught.value.pid == process.pid
    assert str(path) in str(caught.value)
    process.kill()
    process.communicate()


def test_a_killed_holder_leaves_no_lock(path: Path) -> None:
    process = python(_HOLD, path)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    process.kill()
    process.communicate()
    SqliteStore(path).close()


def test_a_store_that_could_not_open_leaves_no_lock(path: Path) -> None:
    path.write_bytes(b"not a database at all, but long enough to be read as one")
    for _ in range(2):
        with pytest.raises(CorruptDatabase, match="not a SQLite database"):
            SqliteStore(path)


def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE songs(name)")
    before = path.read_bytes()
    with pytest.raises(CorruptDatabase, match="another program"):
        SqliteStore(path)
    assert path.read_bytes() == before


def test_a_file_of_a_newer_moim_is_refused(path: Path) -> None:
    file_of_three(path)
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(
            "INSERT INTO _sqlite_migrations(migration_set, name, applied_at)"
            " VALUES ('moim_data.store', '99_future', '')"
        )
    with pytest.raises(StorageError, match="99_future"):
        SqliteStore(path)


def test_a_missing_folder_and_a_folder_as_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="does not exist: make it"):
        SqliteStore(tmp_path / "absent" / "moim.db")
    with pytest.raises(StorageError, match="is a folder"):
        SqliteStore(tmp_path)


@pytest.fixture
def foreign_folder() -> Iterator[Path]:
    """A folder that an unprivileged person can enter, outside pytest's own private one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        folder.chmod(0o755)


@pytest.mark.parametrize("which", ["file", "folder"])
def test_a_file_or_folder_that_cannot_be_written_is_read_only(
    foreign_folder: Path, which: str
) -> None:
    path = foreign_folder / "moim.db"
    file_of_three(path)
    (foreign_folder / "moim.db.lock").chmod(0o666)
    foreign_folder.chmod(0o777 if which == "file" else 0o555)
    path.chmod(0o444 if which == "file" else 0o666)
    said, _ = python(_OPEN_AND_SAY, path).communicate(timeout=DEADLINE_S)
    assert said.startswith("StorageReadOnly")
    assert str(path) in said
    assert "make the file and its folder writable" in said


def test_a_lock_that_cannot_be_written_is_read_only(foreign_folder: Path) -> None:
    foreign_folder.chmod(0o555)
    said, _ = python(_OPEN_AND_SAY, foreign_folder / "moim.db").communicate(timeout=DEADLINE_S)
    assert said.startswith("StorageReadOnly")


def fill(store: SqliteStore, seq: int = 0) -> tuple[int, StorageError]:
    """Append until the disk is full; give the last number kept and the error."""
    while True:
        error = store.append(Append(LAUNCH, (update(seq + 1, b"x" * 20_000),))).exception(
            DEADLINE_S
        )
        if error is not None:
            assert isinstance(error, StorageError)
            return seq, error
        seq += 1


def test_a_full_file_keeps_what_was_acknowledged_and_goes_on_when_room_returns(
    path: Path,
) -> None:
    def limit(pages: int) -> Callable[[Database], object]:
        return lambda db: db.conn.execute(f"PRAGMA max_page_count={pages}").fetchone()

    with closing(SqliteStore(path)) as store:
        opened(store)
        store._writer.call(limit(200)).result(DEADLINE_S)
        seq, error = fill(store)
        assert isinstance(error, StorageFull)
        assert str(path) in str(error)
        assert opened(store).seq == seq
        store._writer.call(limit(10_000)).result(DEADLINE_S)
        store.append(batch(LAUNCH, seq + 1, seq + 2)).result(DEADLINE_S)
    with closing(SqliteStore(path)) as store:
        assert opened(store).seq == seq + 2


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "tiny"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if os.getuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a disk of 1 MB can be mounted by root only")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_keeps_what_was_acknowledged_and_goes_on_when_room_returns(
    tiny_disk: Path,
) -> None:
    path, ballast = tiny_disk / "moim.db", tiny_disk / "ballast"
    ballast.write_bytes(bytes(300_000))
    with closing(SqliteStore(path)) as store:
        opened(store)
        seq, error = fill(store)
        assert isinstance(error, StorageFull), error
        assert opened(store).seq == seq > 0
        ballast.unlink()
        more, error = fill(store, seq)
        assert isinstance(error, StorageFull), error
        assert more > seq
    with closing(SqliteStore(path)) as store:
        assert opened(store).seq == more


def test_a_snapshot_does_not_take_the_last_room_from_edits(tiny_disk: Path) -> None:
    with closing(SqliteStore(tiny_disk / "moim.db")) as store:
        opened(store)
        large = Doc({"text": Text("x" * 150_000)}).get_update()
        store.append(Append(LAUNCH, (update(1, large),))).result(DEADLINE_S)
        (tiny_disk / "ballast").write_bytes(bytes(250_000))
        with pytest.raises(StorageFull, match="edits are kept all the same"):
            store.compact(LAUNCH)
        store.append(batch(LAUNCH, 2, 2)).result(DEADLINE_S)
        assert opened(store).seq == 2


def test_a_disk_too_full_to_make_the_file_is_named(tiny_disk: Path) -> None:
    with suppress(OSError):
        (tiny_disk / "ballast").write_bytes(bytes(2_000_000))
    with pytest.raises(StorageFull):
        SqliteStore(tiny_disk / "moim.db")


def test_F4_a_clock_that_jumps_changes_no_order(path: Path) -> None:
    random_ = random.Random(4)
    now_ms = 1_700_000_000_000
    hour_ms = 3_600_000
    for _ in range(3):
        jumps = iter(lambda: now_ms + random_.randrange(-hour_ms, hour_ms), None)
        with closing(SqliteStore(path, clock=lambda jumps=jumps: next(jumps))) as store:
            seq = opened(store).seq
            for number in range(seq + 1, seq + 11):
                at_ms = now_ms + random_.randrange(-hour_ms, hour_ms)
                row = replace(update(number), at_ms=at_ms)
                store.append(Append(LAUNCH, (row,), {REPLICA: number})).result(DEADLINE_S)
    with closing(SqliteStore(path)) as store:
        assert opened(store).updates == tuple(b"update %d" % n for n in range(1, 31))
        assert opened(store).durable == {REPLICA: 30}


def test_a_file_of_each_older_version_opens_with_everything_in_it(tmp_path: Path) -> None:
    steps = [step.name for step in store_migrations.pending(Database(memory=True))]
    for step in steps[1:]:
        path = tmp_path / f"before_{step}.db"
        file_of_version_before(path, step)
        with closing(SqliteStore(path)) as store:
            stored = opened(store, create=False)
            assert (stored.seq, stored.updates) == (2, (b"update 1", b"update 2"))
            assert stored.fields == (
                () if step == steps[1] else (FieldWrite("cards/b/title", 2, "ann", 0),)
            )
            store.append(batch(LAUNCH, 3, 3)).result(DEADLINE_S)
            applied = store._writer.call(store_migrations.applied).result(DEADLINE_S)
        assert [entry.name for entry in applied] == steps


def file_of_version_before(path: Path, step: str) -> None:
    """A file with two updates as the moim before this step would have left it."""
    from moim_data.document_rows import insert_document, take_numbers
    from moim_data.updates import insert_updates

    db = Database(sqlite3.connect(path, isolation_level=None))
    store_migrations.apply(db, stop_before=step)
    insert_document(db.conn, LAUNCH, b"l" * 16)
    two = Append(LAUNCH, (update(1), update(2)))
    row = take_numbers(db.conn, two)
    insert_updates(db.conn, row, two.updates)
    if step != "2_last_writers":
        written = "INSERT INTO field(doc, path, seq, actor) VALUES(?, 'cards/b/title', 2, 'ann')"
        db.conn.execute(written, [row])
    db.close()


def damaged_cells(path: Path) -> Iterator[tuple[str, str, int]]:
    """Every cell of every row that decides what a document is, with its row's place."""
    with closing(sqlite3.connect(path)) as connection:
        for table in ("doc", "upd", "replica", "snap"):
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
            count = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            yield from ((table, name, index) for name in names for index in range(count))


def test_a_change_in_any_cell_never_makes_a_document_absent_or_shorter(tmp_path: Path) -> None:
    source = tmp_path / "whole.db"
    file_of_three(source)
    with closing(SqliteStore(source)) as store:
        whole = opened(store)
    seen = set()
    for table, column, index in damaged_cells(source):
        path = tmp_path / f"{table}_{column}_{index}.db"
        path.write_bytes(source.read_bytes())
        change_cell(path, table, column, index)
        with closing(SqliteStore(path)) as store:
            future = store.open(LAUNCH, create=True)
            error = future.exception(DEADLINE_S)
            if error is None:
                found = future.result()
                assert found is not None
                # A number of a replica that is lost only makes its client send once more.
                assert found.durable in (whole.durable, {})
                assert replace(found, durable=whole.durable) == whole, (table, column, index)
            else:
                assert isinstance(error, CorruptDocument), (table, column, index, error)
                assert "bring back a backup" in str(error)
                seen.add((table, column))
    assert {("doc", "name"), ("doc", "lineage"), ("doc", "next_seq")} <= seen
    assert {("upd", "seq"), ("upd", "data"), ("upd", "crc"), ("replica", "cs")} <= seen


def change_cell(path: Path, table: str, column: str, index: int) -> None:
    keys = {"doc": "id", "upd": "seq", "replica": "replica", "snap": "upto_seq"}
    with closing(sqlite3.connect(path)) as connection, connection:
        rows = connection.execute(
            f"SELECT {keys[table]}, {column} FROM {table} ORDER BY {keys[table]}"
        ).fetchall()
        key, value = rows[index]
        changed: object
        if isinstance(value, int):
            changed = value + 1000
        elif isinstance(value, bytes):
            changed = bytes([value[0] ^ 4]) + value[1:] if value else b"?"
        else:
            changed = value[:-1] + chr(ord(value[-1]) ^ 1)
        connection.execute(
            f"UPDATE {table} SET {column} = ? WHERE {keys[table]} = ?", [changed, key]
        )


@pytest.mark.parametrize("seed", range(4))
def test_a_bit_flipped_anywhere_never_gives_an_empty_or_shorter_document(
    path: Path, seed: int, pristine: bytes
) -> None:
    random_ = random.Random(seed)
    for _ in range(75):
        image = bytearray(pristine)
        place = random_.randrange(0, len(image))
        image[place] ^= 1 << random_.randrange(8)
        path.write_bytes(image)
        check_forty_or_an_error(path, place)


def check_forty_or_an_error(path: Path, place: int) -> None:
    try:
        store = SqliteStore(path)
    except StorageError:
        return
    with closing(store):
        error = store.open(LAUNCH, create=True).exception(DEADLINE_S)
        if error is not None:
            assert isinstance(error, StorageError), (place, error)
            return
        stored = opened(store)
        assert (stored.seq, len(stored.updates)) == (40, 40), place
        # A number of a replica that is lost only makes its client send once more.
        assert stored.durable in ({REPLICA: 40}, {}), place


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("pristine") / "moim.db"
    with closing(SqliteStore(path)) as store:
        for document in (LAUNCH, OTHER, *(DocumentId(f"open/d{n}") for n in range(30))):
            opened(store, document)
        for document in (LAUNCH, OTHER):
            store.append(batch(document, 1, 40)).result(DEADLINE_S)
    return path.read_bytes()
