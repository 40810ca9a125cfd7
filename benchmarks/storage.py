"""What the store keeps per second, and how long a commit takes.

    python benchmarks/storage.py [--folder PATH] [--seconds 3] [--documents 1,10] [--json]

*waited*: each document appends a batch and waits for its commit before the next, as a room does.
*queued*: batches are handed over without waiting, until the queue refuses; group commit does its
part. Rows are 60 bytes, the size of one card field. The peer is a plain SQLite connection (WAL,
synchronous=FULL, one transaction a batch) on the same file system in the same run.
"""

import argparse
import json
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from moim_data.errors import StorageBusy
from moim_data.sqlite_store import SqliteStore
from moim_data.store import Append, DocumentId, Update

BATCHES = (1, 10, 100)
ROW = b"\x01\x01" + bytes(range(58))
REPLICA = b"r" * 16


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; times are of one commit as its caller sees it."""

    way: str
    documents: int
    batch_rows: int
    rows_per_s: float
    p50_ms: float
    p99_ms: float


def figure(
    way: str, documents: int, rows: int, seconds: float, commits_s: Sequence[float]
) -> Figure:
    ordered = sorted(commits_s)
    return Figure(
        way,
        documents,
        rows,
        round(len(ordered) * rows / seconds),
        round(statistics.median(ordered) * 1000, 2),
        round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000, 2),
    )


def batches(document: DocumentId, rows: int) -> Iterator[Append]:
    seq = 1
    while True:
        updates = tuple(Update(seq + n, 0, "guest-1", REPLICA, seq + n, ROW) for n in range(rows))
        seq += rows
        yield Append(document, updates, {REPLICA: seq - 1})


def names(store: SqliteStore, way: str, documents: int, rows: int) -> list[DocumentId]:
    made = [DocumentId(f"open/{way}-{documents}-{rows}-{n}") for n in range(documents)]
    for document in made:
        store.open(document, create=True).result()
    return made


def waited(store: SqliteStore, documents: int, rows: int, seconds: float) -> Figure:
    commits_s: list[float] = []
    end_s = time.perf_counter() + seconds

    def room(document: DocumentId) -> None:
        for batch in batches(document, rows):
            began_s = time.perf_counter()
            if began_s > end_s:
                return
            store.append(batch).result()
            commits_s.append(time.perf_counter() - began_s)

    threads = [
        threading.Thread(target=room, args=[document])
        for document in names(store, "waited", documents, rows)
    ]
    began_s = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return figure("waited", documents, rows, time.perf_counter() - began_s, commits_s)


def queued(store: SqliteStore, rows: int, seconds: float) -> Figure:
    (document,) = names(store, "queued", 1, rows)
    commits_s: list[float] = []
    last: Future[None] | None = None
    began_s = time.perf_counter()
    for batch in batches(document, rows):
        handed_s = time.perf_counter()
        if handed_s > began_s + seconds:
            break
        future = store.append(batch)
        while isinstance(future.done() and future.exception(), StorageBusy):
            assert last is not None
            last.result()
            handed_s = time.perf_counter()
            future = store.append(batch)
        future.add_done_callback(
            lambda _, handed_s=handed_s: commits_s.append(time.perf_counter() - handed_s)
        )
        last = future
    if last is not None:
        last.result()
    return figure("queued", 1, rows, time.perf_counter() - began_s, commits_s)


def plain(path: Path, rows: int, seconds: float) -> Figure:
    commits_s: list[float] = []
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE log(seq INTEGER PRIMARY KEY, data BLOB)")
        began_s = time.perf_counter()
        while (handed_s := time.perf_counter()) < began_s + seconds:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO log(data) VALUES (?)", [[ROW]] * rows)
            connection.execute("COMMIT")
            commits_s.append(time.perf_counter() - handed_s)
        return figure("plain", 1, rows, time.perf_counter() - began_s, commits_s)


def measure(folder: Path, documents: Sequence[int], seconds: float) -> Iterator[Figure]:
    with closing(SqliteStore(folder / "moim.db")) as store:
        for count in documents:
            for rows in BATCHES:
                yield waited(store, count, rows, seconds)
        for rows in BATCHES:
            yield queued(store, rows, seconds)
    for rows in BATCHES:
        yield plain(folder / f"plain-{rows}.db", rows, seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="where to write; default: the temporary folder")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--documents", default="1,10")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    counts = [int(text) for text in options.documents.split(",")]
    if not options.json:
        print(f"{'way':8}{'documents':>10}{'batch':>7}{'rows/s':>10}{'p50 ms':>9}{'p99 ms':>9}")
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        for line in measure(Path(name), counts, options.seconds):
            if options.json:
                print(json.dumps(asdict(line)))
            else:
                print(
                    f"{line.way:8}{line.documents:>10}{line.batch_rows:>7}"
                    f"{line.rows_per_s:>10.0f}{line.p50_ms:>9.2f}{line.p99_ms:>9.2f}"
                )


if __name__ == "__main__":
    main()
