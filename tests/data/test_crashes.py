"""Whatever was acknowledged is there after a kill, at each statement and at random moments."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from data import crash_runner
from data.crash_runner import DOCUMENTS, Author, compact_here, entries, flush
from moim_data.sqlite_store import SqliteStore
from moim_data.store import StoredDocument

pytestmark = pytest.mark.timeout(240)
ROUNDS = int(os.environ.get("MOIM_TEST_KILLS", "15"))
DEADLINE_S = 60


def run(*arguments: str) -> dict[str, Any]:
    process = subprocess.run(
        [sys.executable, crash_runner.__file__, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S * max(1, ROUNDS / 15),
    )
    assert process.returncode == 0, process.stderr
    answer: dict[str, Any] = json.loads(process.stdout)
    return answer


def killed_at_each(scenario: str, base: Path, folder: Path) -> Iterator[Path]:
    answer = run("statements", scenario, str(base), str(folder))
    assert answer["code"] == 0
    assert answer["statements"] > 8
    for statement in range(1, answer["statements"] + 1):
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


def test_an_append_killed_at_any_statement_keeps_what_was_acknowledged(folder: Path) -> None:
    for place in killed_at_each("append", folder / "absent.db", folder / "killed"):
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


def test_a_compaction_killed_at_any_statement_changes_no_document(
    folder: Path, compacted_twice: Path
) -> None:
    expected = {str(seq): 1.0 for seq in range(1, 31)}
    tails = set()
    for place in killed_at_each("compact", compacted_twice, folder / "killed"):
        with closing(SqliteStore(place / "moim.db")) as store:
            stored = read(store, 0)
            assert entries(stored) == expected, place
            assert stored.seq == 30
            tails.add(len(stored.updates))
            assert compact_here(store, DOCUMENTS[0]) is (len(stored.updates) > 0)
            assert entries(read(store, 0)) == expected, place
    assert tails == {10, 0}


@pytest.mark.rule("A1", "A2")
def test_random_kills_under_load_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    answer = run("kills", str(tmp_path), "1", str(ROUNDS))
    assert answer["lost"] == []
    assert answer["acknowledged"] > ROUNDS * 50
    assert answer["snapshots"] > 0
