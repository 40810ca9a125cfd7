"""The one thread that owns a database.

Everything that touches the file is a job handed to this thread. It takes all that is queued, puts
neighbouring writes, from whatever document, into one transaction (group commit, no timer: while one
group is being written, the next one gathers), and resolves the futures after the COMMIT. When a
group fails, each of its jobs is tried alone, so that one refused job costs the others nothing.

The queue is bounded. A job beyond the bound is refused with StorageBusy in its future: the caller
still has the data, stops reading its sockets and hands it over again.
"""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from sqlite_utils import Database

from moim_data.connection import checkpoint, fold, storage_errors, transaction
from moim_data.errors import StorageBusy, StorageError
from moim_data.reader import Reader

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How much may wait for the disk, and when the WAL is folded into the file."""

    rows: int = 20_000
    size_bytes: int = 16 * 1024 * 1024
    wal_bytes: int = 64 * 1024 * 1024
    idle_s: float = 0.5


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the disk at a moment."""

    rows: int
    size_bytes: int


@dataclass(slots=True)
class _Job:
    work: Callable[[Database], Any]
    future: "Future[Any]"
    rows: int
    size_bytes: int
    grouped: bool
    committed: Callable[[], None] | None = None
    result: Any = None
    error: BaseException | None = None


class Writer:
    """Runs jobs on the database in the order given; made with a function that opens it.

    Construction waits until the database is open and raises what opening raised.
    """

    def __init__(
        self,
        path: Path,
        connect: Callable[[], Database],
        reader: Reader,
        limits: QueueLimits | None = None,
    ) -> None:
        self._path = path
        self._connect = connect
        self._reader = reader
        self._limits = limits or QueueLimits()
        self._jobs: deque[_Job] = deque()
        self._changed = threading.Condition()
        self._rows = 0
        self._size_bytes = 0
        self._closing = False
        self._wal_limit_bytes = self._limits.wal_bytes
        self._folding = False
        opened: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(opened,), name=f"moim-writer {path.name}", daemon=True
        )
        self._thread.start()
        opened.result()

    def write(
        self,
        work: Callable[[Database], T],
        *,
        rows: int = 1,
        size_bytes: int = 0,
        committed: Callable[[], None] | None = None,
    ) -> "Future[T]":
        """Run `work` in a transaction shared with its neighbours; done means committed.

        `work` may run twice (the second time alone), so it must touch nothing but the database;
        what follows from it goes into `committed`, which runs once, in the writer thread.
        """
        return self._submit(work, rows, size_bytes, grouped=True, committed=committed)

    def call(self, work: Callable[[Database], T]) -> "Future[T]":
        """Run `work` alone and outside any transaction, after everything given before."""
        return self._submit(work, 0, 0, grouped=False)

    @property
    def waiting(self) -> Waiting:
        """What was handed over and is not on disk yet."""
        with self._changed:
            return Waiting(self._rows, self._size_bytes)

    def close(self) -> None:
        """Finish what is queued and close the database; closing twice is harmless."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _submit(
        self,
        work: Callable[[Database], T],
        rows: int,
        size_bytes: int,
        *,
        grouped: bool,
        committed: Callable[[], None] | None = None,
    ) -> "Future[T]":
        future: Future[T] = Future()
        # A running future cannot be cancelled: a waiter that gives up must not tear a hole.
        future.set_running_or_notify_cancel()
        with self._changed:
            refusal = self._refusal(rows, size_bytes)
            if refusal is None:
                self._jobs.append(_Job(work, future, rows, size_bytes, grouped, committed))
                self._rows += rows
                self._size_bytes += size_bytes
                self._changed.notify()
        if refusal is not None:
            future.set_exception(refusal)
        return future

    def _refusal(self, rows: int, size_bytes: int) -> StorageError | None:
        if self._closing:
            return StorageError(f"{self._path} is closed: open the store again")
        # A single job over the bound must still get through once the queue is empty.
        full = (rows and self._rows) and (
            self._rows + rows > self._limits.rows
            or self._size_bytes + size_bytes > self._limits.size_bytes
        )
        if not full:
            return None
        return StorageBusy(
            f"{self._path}: {self._rows} rows and {self._size_bytes} bytes wait for the disk: "
            "read no more until they are written, then hand this over again"
        )

    def _run(self, opened: "Future[None]") -> None:
        try:
            db = self._connect()
        except BaseException as error:  # noqa: BLE001 - raised again by __init__
            opened.set_exception(error)
            return
        opened.set_result(None)
        try:
            while (jobs := self._take()) is not None:
                for grouped, run in groupby(jobs, key=lambda job: job.grouped):
                    step = self._write if grouped else self._call
                    step(db, list(run))
                if self._wal_bytes() > self._wal_limit_bytes:
                    self._fold()
        finally:
            self._reader.close()
            db.close()

    def _take(self) -> list[_Job] | None:
        """Give everything queued, None at the end; fold the WAL when nothing comes for a while."""
        clean = not self._wal_bytes()
        while True:
            with self._changed:
                if not self._jobs and not self._closing:
                    self._changed.wait(None if clean else self._limits.idle_s)
                if self._jobs:
                    jobs = list(self._jobs)
                    self._jobs.clear()
                    return jobs
                if self._closing:
                    return None
            if not clean:
                self._fold()
                clean = True

    def _write(self, db: Database, jobs: list[_Job]) -> None:
        self._attempt(db, jobs)
        if jobs[0].error is not None and len(jobs) > 1:
            for job in jobs:
                self._attempt(db, [job])
        self._resolve(jobs)

    def _attempt(self, db: Database, jobs: list[_Job]) -> None:
        """Run the jobs in one transaction; when it fails, each of them bears the error."""
        error: BaseException | None = None
        try:
            with storage_errors(self._path), transaction(db.conn):
                for job in jobs:
                    job.result = job.work(db)
        except BaseException as caught:  # noqa: BLE001 - the future carries it
            error = caught
        for job in jobs:
            job.error = error

    def _call(self, db: Database, jobs: list[_Job]) -> None:
        for job in jobs:
            try:
                with storage_errors(self._path):
                    job.result = job.work(db)
            except BaseException as caught:  # noqa: BLE001 - the future carries it
                job.error = caught
            self._resolve([job])

    def _resolve(self, jobs: list[_Job]) -> None:
        with self._changed:
            self._rows -= sum(job.rows for job in jobs)
            self._size_bytes -= sum(job.size_bytes for job in jobs)
        for job in jobs:
            if job.error is None:
                if job.committed is not None:
                    job.committed()
                job.future.set_result(job.result)
            else:
                job.future.set_exception(job.error)

    def _wal_bytes(self) -> int:
        try:
            return self._path.with_name(self._path.name + "-wal").stat().st_size
        except OSError:
            return 0

    def _fold(self) -> None:
        """Have the WAL moved into the file by a reader, and the little that is left by us.

        Moving 64 MB takes a second, and commits need not wait for it: only for its end.
        """
        if not self._folding:
            self._folding = True
            folded = self._reader.call(fold)
            folded.add_done_callback(lambda _: self.call(self._end_folding))

    def _end_folding(self, db: Database) -> None:
        # Whatever ails the disk will meet the next commit; the WAL still holds everything.
        with suppress(sqlite3.Error):
            checkpoint(db.conn)
        # Somebody reading may have kept the WAL from being emptied: do not try at every commit.
        self._wal_limit_bytes = self._wal_bytes() + self._limits.wal_bytes
        self._folding = False
