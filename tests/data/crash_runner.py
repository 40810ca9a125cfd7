"""Kills processes that write to a store. Run as a script, so that it forks before any thread is.

    crash_runner.py statements SCENARIO BASE FOLDER EVERY
                                                      a copy of BASE per SQL statement, or per so
                                                      many of them, each killed that much later
    crash_runner.py kills FOLDER SEED ROUNDS          SIGKILL at random moments under load, always
                                                      on the same file

A child tells what was acknowledged through a pipe or a file, which outlast it.
"""

import json
import os
import random
import select
import shutil
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from pycrdt import Doc, Map

from moim_data import snapshots
from moim_data.compaction import compact_file
from moim_data.compactor import Compactor
from moim_data.snapshot_process import decode_answer
from moim_data.sqlite_store import SqliteStore
from moim_data.store import Append, DocumentId, StoredDocument, Update

DOCUMENTS = tuple(DocumentId(f"open/{name}") for name in "abc")
COMPACTED = "compacted"
REPLICA = b"r" * 16
PATIENCE_S = 60
TELLING = threading.Lock()


def loaded(stored: StoredDocument) -> "Doc[Any]":
    document: Doc[Any] = Doc()
    for update in (() if stored.snapshot is None else (stored.snapshot,)) + stored.updates:
        document.apply_update(update)
    return document


def entries(stored: StoredDocument) -> dict[str, float]:
    return dict(loaded(stored).get("map", type=Map).to_py() or {})


class Author:
    """Makes real updates of one document, one key each."""

    def __init__(self) -> None:
        self._document: Doc[Any] = Doc()
        self._map = self._document.get("map", type=Map)

    def set(self, key: str) -> bytes:
        updates: list[bytes] = []
        subscription = self._document.observe(lambda event: updates.append(event.update))
        self._map[key] = 1
        self._document.unobserve(subscription)
        return updates[0]


def flush(document: DocumentId, seq: int, keys: list[str], author: Author) -> Append:
    updates = tuple(
        Update(seq + place, 0, "ann", REPLICA, seq + place, author.set(key))
        for place, key in enumerate(keys)
    )
    return Append(document, updates, {REPLICA: seq + len(keys) - 1})


def append_some(store: SqliteStore, acknowledge: Callable[[str], None]) -> None:
    for document in DOCUMENTS[:2]:
        author = Author()
        stored = store.open(document, create=True).result(PATIENCE_S)
        assert stored is not None
        for first in (1, 3):
            keys = [f"{document} {seq}" for seq in (first, first + 1)]
            future = store.append(flush(document, stored.seq + first, keys, author))
            future.result(PATIENCE_S)
            for key in keys:
                acknowledge(key)


def compact_here(store: SqliteStore, document: DocumentId) -> bool:
    """Compact without the process in between, which costs most of the time."""
    built = decode_answer(document, compact_file(store.path, document))
    if built is not None:
        store._keep(document, built)
    return built is not None


def compact_once(store: SqliteStore, acknowledge: Callable[[str], None]) -> None:
    compact_here(store, DOCUMENTS[0])


def only_open(store: SqliteStore, acknowledge: Callable[[str], None]) -> None:
    """Opening has brought the tables up to date."""


SCENARIOS = {"append": append_some, "compact": compact_once, "migrate": only_open}


def kill_at_each_statement(scenario: str, base: Path, folder: Path, every: int) -> None:
    """Leave `<n>/moim.db` and `<n>/acknowledged` for each kill; print where each one was."""
    statement = 1 - every
    places = []
    while True:
        statement += every
        places.append(statement)
        place = folder / str(statement)
        place.mkdir()
        if base.exists():
            shutil.copy(base, place / "moim.db")
        child = os.fork()
        if child == 0:
            run_until(place, SCENARIOS[scenario], statement)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            break
    print(json.dumps({"places": places, "code": os.waitstatus_to_exitcode(status)}))


def run_until(
    place: Path, scenario: Callable[[SqliteStore, Callable[[str], None]], None], statement: int
) -> None:
    left = statement

    def on_statement(sql: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def on_connect(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(on_statement)

    snapshots.PART_BYTES = 100  # so that there are parts to be killed between
    code = 1
    try:
        file = os.open(place / "acknowledged", os.O_CREAT | os.O_WRONLY)
        store = SqliteStore(place / "moim.db", on_connect=on_connect)
        scenario(store, lambda key: tell(file, key))
        store.close()
        code = 0
    finally:
        os._exit(code)


def kill_under_load(folder: Path, seed: int, rounds: int) -> None:
    """Print what the last child, which is not killed, found; fail when a round lost something."""
    random_ = random.Random(seed)
    acknowledged: set[str] = set()
    lost: set[str] = set()
    snapshots = 0
    for round_ in range(rounds + 1):
        last = round_ == rounds
        found, keys, snapshots = run_round(
            folder, round_, 0 if last else random_.randrange(1, 1200), random_.random() < 0.3
        )
        lost |= acknowledged - found
        acknowledged |= keys
    print(
        json.dumps(
            {"acknowledged": len(acknowledged), "lost": sorted(lost), "snapshots": snapshots}
        )
    )


def run_round(
    folder: Path, round_: int, want: int, compacted: bool
) -> tuple[set[str], set[str], int]:
    """Give the keys found at the start, those acknowledged, and the number of snapshots found.

    Args:
        folder: where the file is.
        round_: makes keys of rounds different.
        want: kill after so many acknowledgements, 0 for never.
        compacted: kill only after a compaction has ended as well.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        write_until_killed(folder / "moim.db", round_, writing, want)
    os.close(writing)
    lines: list[str] = []
    rest = b""
    head = ""
    while not head or len(lines) - 1 < want or (want and compacted and COMPACTED not in lines):
        if not select.select([reading], [], [], PATIENCE_S)[0]:
            break
        block = os.read(reading, 65536)
        if not block:
            break
        *whole, rest = (rest + block).split(b"\n")
        lines += [line.decode() for line in whole]
        head = head or next((line for line in lines if line.startswith("{")), "")
    if want:
        os.kill(child, signal.SIGKILL)
        while block := os.read(reading, 65536):
            *whole, rest = (rest + block).split(b"\n")
            lines += [line.decode() for line in whole]
    os.close(reading)
    os.waitpid(child, 0)
    told = json.loads(head)
    return set(told["found"]), set(lines) - {COMPACTED, head}, told["snapshots"]


def write_until_killed(path: Path, round_: int, writing: int, want: int) -> None:
    code = 1
    try:
        store = SqliteStore(path)
        with Compactor(TellingStore(store, writing), rest_factor=0):
            places = tell_what_is_there(store, writing)
            if want:
                write_forever(store, places, round_, writing)
        store.close()
        code = 0
    finally:
        os._exit(code)


def tell_what_is_there(store: SqliteStore, writing: int) -> dict[DocumentId, int]:
    found: set[str] = set()
    places: dict[DocumentId, int] = {}
    snapshots = 0
    for document in DOCUMENTS:
        stored = store.open(document, create=True).result(PATIENCE_S)
        assert stored is not None
        found |= set(entries(stored))
        places[document] = stored.seq
        snapshots += stored.snapshot is not None
    tell(writing, json.dumps({"found": sorted(found), "snapshots": snapshots}))
    return places


def write_forever(
    store: SqliteStore, places: dict[DocumentId, int], round_: int, writing: int
) -> None:
    authors = {document: Author() for document in DOCUMENTS}
    count = 0
    while True:
        waiting: list[tuple[Future[None], list[str]]] = []
        for document in DOCUMENTS:
            keys = [f"{round_} {count + place}" for place in range(1 + count % 7)]
            batch = flush(document, places[document] + 1, keys, authors[document])
            future = store.append(batch)
            waiting.append((future, keys))
            count += len(keys)
            places[document] += len(keys)
        for future, keys in waiting:
            future.result(PATIENCE_S)
            tell(writing, *keys)


class TellingStore:
    """A store that tells when a compaction has ended."""

    def __init__(self, store: SqliteStore, writing: int) -> None:
        self._writing = writing
        self._store = store
        self.on_compaction_due = store.on_compaction_due
        self.stop_compacting = store.stop_compacting

    def compact(self, document: DocumentId) -> bool:
        done = self._store.compact(document)
        tell(self._writing, COMPACTED)
        return done


def tell(writing: int, *lines: str) -> None:
    # A long write to a pipe is not one piece: two threads must not write at once.
    with TELLING:
        os.write(writing, "".join(f"{line}\n" for line in lines).encode())


if __name__ == "__main__":
    if sys.argv[1] == "statements":
        kill_at_each_statement(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5]))
    else:
        kill_under_load(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
