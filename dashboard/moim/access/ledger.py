"""The rows of accounts on disk, and who is told when they have changed.

Everything is also kept in memory, because every door asks at every step. A change is on disk before
it counts, and made by one task at a time.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

from moim_data.accounts import AccountRecords, Record, delete_record, load_records, put_record

T = TypeVar("T")


class Keeps(Protocol):
    """The file; see `SqliteStore.keep`."""

    def keep(self, work: Callable[[sqlite3.Connection], Any]) -> "Future[Any]":
        """Run `work` in a transaction; done means committed."""


def now_ms() -> int:
    """Milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


class Ledger:
    """Writes records, then tells everybody who watches.

    Args:
        clock: milliseconds since 1970, UTC: what ends by itself is written down with it.
    """

    def __init__(self, store: Keeps, clock: Callable[[], int] = now_ms) -> None:
        self.clock = clock
        self.lock = asyncio.Lock()
        """Held from looking to writing, so that nobody writes in between."""
        self._store = store
        self._watchers: list[Callable[[], None]] = []

    async def load(self) -> AccountRecords:
        """Give everything that is kept."""
        records: AccountRecords = await asyncio.wrap_future(self._store.keep(load_records))
        return records

    async def write(self, put: Sequence[Record] = (), delete: Sequence[Record] = ()) -> None:
        """Put and delete rows in one transaction. Raises StorageError."""

        def work(connection: sqlite3.Connection) -> None:
            for record in put:
                put_record(connection, record)
            for record in delete:
                delete_record(connection, record)

        await self.keep(work)

    async def keep(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do something with rows in a transaction; it may be done twice. Raises StorageError."""
        done: T = await asyncio.wrap_future(self._store.keep(work))
        return done

    def watch(self, notify: Callable[[], None]) -> None:
        """Call `notify` after each change, on the loop."""
        self._watchers.append(notify)

    def changed(self) -> None:
        """Tell everybody that what somebody may do has changed."""
        for notify in self._watchers:
            notify()
