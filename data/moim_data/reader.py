"""Threads that read beside the writer.

A document of 16 MB takes a third of a second to read and check. In WAL mode that needs no part of
the writer, so it happens in threads of its own, each with a connection that changes no data.
"""

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from moim_data.connection import open_beside, storage_errors

T = TypeVar("T")

_THREADS = 2


class Reader:
    """Runs reading jobs on the database, as many at once as there are threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()
        self._mutex = threading.Lock()
        self._connections: list[sqlite3.Connection] = []
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix=f"moim-reader {path.name}")

    def call(self, work: Callable[[sqlite3.Connection], T]) -> "Future[T]":
        """Run `work` outside any transaction; what it reads may be newer than this call."""
        return self._pool.submit(self._run, work)

    def close(self) -> None:
        """Finish what was given, then close the connections."""
        self._pool.shutdown()
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with storage_errors(self._path):
            return work(self._connection())

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._own, "connection"):
            self._own.connection = open_beside(self._path)
            with self._mutex:
                self._connections.append(self._own.connection)
        connection: sqlite3.Connection = self._own.connection
        return connection
