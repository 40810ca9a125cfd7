"""Whatever was acknowledged is there after a kill, at each statement and at random moments."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from data import crash_runner
from data.crash_runner import DOCUMENTS, Author, compact_here, entries, flush
from measures import Measures
from moim_data.check import check_database
from moim_data.document_rows import document_crc
from moim_data.migrations import store_migrations
from moim_data.sqlite_store import SqliteStore
from moim_data.store import StoredDocument, Update
from moim_data.updates import update_crc

pytestmark = pytest.mark.timeout(240)
DEADLINE_S = 120
KILLS_PER_FILE = 25
"""A file grows with each, and is read whole after each."""
EVERY = [
    pytest.param(5, id="every fifth statement"),
    pytest.param(1, id="every statement", marks=pytest.mark.trust),
]
ROUNDS = [
    pytest.param(4, id="4 kills"),
    pytest.param(850, id="850 kills", marks=[pytest.mark.trust, pytest.mark.timeout(1500)]),
]


def run(*arguments: str) -> dict[str, Any]:
    process = subprocess.run(
        [sys.executable, crash_runner.__file__, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    assert process.returncode == 0, process.stderr
    answer: dict[str, Any] = json.loads(process.stdout)
    return answer


def killed_at_each(scenario: str, base: Path, folder: Path, every: int) -> Iterator[Path]:
    answer = run("statements", scenario, str(base), str(folder), str(every))
    assert answer["code"] == 0
    assert len(answer["places"]) > 30 // every
    for statement in answer["places"]:
        yield folder / str(statement)


def read(store: SqliteStore, place: int) -> StoredDocument:
    stored = store.open(DOCUMENTS[place], create=True).result(DEADLINE_S)
    assert stored is not None
    return stored


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: SIGKILL takes nothing from the page cache."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        (Path(name) / "killed").mkdir()
        yield Path(name)


@pytest.mark.rule("A1", "A2")
@pytest.mark.parametrize("every", EVERY)
def test_F11_an_append_killed_at_any_statement_keeps_what_was_acknowledged(
    folder: Path, every: int
) -> None:
    for place in killed_at_each("append", folder / "absent.db", folder / "killed", every):
        acknowledged = (place / "acknowledged").read_text().splitlines()
        with closing(SqliteStore(place / "moim.db")) as store:
            documents = [read(store, 0), read(store, 1)]
            found = set().union(*(entries(stored) for stored in documents))
            assert set(acknowledged) <= found, place
            for stored in documents:
                # Flushes are of two updates: half a flush is never there.
                assert stored.seq == len(entries(stored)) in (0, 2, 4), place
                assert stored.durable.get(crash_runner.REPLICA, 0) == stored.seq, place
                store.append(flush(stored.document, stored.seq + 1, ["later"], Author())).result(
                    DEADLINE_S
                )


@pytest.fixture
def compacted_twice(folder: Path) -> Path:
    path = folder / "base.db"
    author = Author()
    with closing(SqliteStore(path)) as store:
        read(store, 0)
        for first in (1, 11, 21):
            keys = [str(seq) for seq in range(first, first + 10)]
            store.append(flush(DOCUMENTS[0], first, keys, author)).result(DEADLINE_S)
            if first < 21:
                assert compact_here(store, DOCUMENTS[0])
    return path


@pytest.mark.parametrize("every", EVERY)
def test_F3_a_compaction_killed_at_any_statement_changes_no_document(
    folder: Path, compacted_twice: Path, every: int
) -> None:
    expected = {str(seq): 1.0 for seq in range(1, 31)}
    tails = set()
    for place in killed_at_each("compact", compacted_twice, folder / "killed", every):
        with closing(SqliteStore(place / "moim.db")) as store:
            stored = read(store, 0)
            assert entries(stored) == expected, place
            assert stored.seq == 30
            tails.add(len(stored.updates))
            assert compact_here(store, DOCUMENTS[0]) is (len(stored.updates) > 0)
            assert entries(read(store, 0)) == expected, place
    assert tails == {10, 0}


@pytest.fixture
def first_version(folder: Path) -> Path:
    """A file as the first version of the tables was written, with 30 updates of one document."""
    path = folder / "base.db"
    author = Author()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        store_migrations.apply(Database(connection), stop_before="2_last_writers")
        lineage = b"L" * 16
        head = (1, DOCUMENTS[0], "open", lineage)
        connection.execute(
            "INSERT INTO doc VALUES (?,?,?,?,1,31,'active',?)",
            [*head, document_crc(1, DOCUMENTS[0], "open", lineage)],
        )
        for seq in range(1, 31):
            row = Update(seq, 0, "ann", crash_runner.REPLICA, seq, author.set(str(seq)))
            connection.execute(
                "INSERT INTO upd VALUES (1,?,?,?,?,?,?,?)",
                [seq, 0, row.actor, row.replica, row.cs, update_crc(1, row), row.data],
            )
    return path


@pytest.mark.parametrize("every", EVERY)
def test_a_migration_killed_at_any_statement_is_completed_by_the_next_start(
    folder: Path, first_version: Path, every: int
) -> None:
    expected = {str(seq): 1.0 for seq in range(1, 31)}
    for place in killed_at_each("migrate", first_version, folder / "killed", every):
        with closing(SqliteStore(place / "moim.db")) as store:
            stored = read(store, 0)
            assert (stored.seq, entries(stored)) == (30, expected), place
            store.append(flush(stored.document, 31, ["later"], Author())).result(DEADLINE_S)
        assert check_database(place / "moim.db").sound, place


@pytest.mark.rule("A1", "A2")
@pytest.mark.parametrize("rounds", ROUNDS)
def test_F11_random_kills_under_load_lose_nothing_that_was_acknowledged(
    tmp_path: Path, measures: Measures, rounds: int
) -> None:
    snapshots = 0
    for seed in range(1, 1 + max(1, rounds // KILLS_PER_FILE)):
        folder = tmp_path / str(seed)
        folder.mkdir()
        kills = min(rounds, KILLS_PER_FILE)
        answer = run("kills", str(folder), str(seed), str(kills))
        measures.kills += kills
        measures.queue(answer["acknowledged"] - len(answer["lost"]), answer["acknowledged"])
        snapshots += answer["snapshots"]
        assert answer["lost"] == [], f"seed {seed}"
        assert answer["acknowledged"] > kills * 50, f"seed {seed}"
        shutil.rmtree(folder)
    assert snapshots > 0
