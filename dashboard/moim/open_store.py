"""A database file in use: its lock, its writer, its compaction, and what a new one starts with."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from moim.demo import prepare_workspace, seed_demo
from moim_data.compactor import Compactor
from moim_data.sqlite_store import SqliteStore


@asynccontextmanager
async def open_store(database: Path, *, demo: bool) -> AsyncIterator[SqliteStore]:
    """Give the store of a file, with a workspace in it; all is on disk when it is left.

    Args:
        demo: put the demo's documents in, if nothing has been written to the workspace yet.

    Raises:
        StorageError: the file cannot be used; the message says why and what to do.
    """
    store = SqliteStore(database)
    compactor = Compactor(store)
    compactor.__enter__()
    try:
        if await prepare_workspace(store) and demo:
            await seed_demo(store, date.today(), time.time_ns() // 1_000_000)
        yield store
    finally:
        # Both wait for threads of their own, which may be in the middle of a long write.
        await asyncio.to_thread(compactor.__exit__, None, None, None)
        await asyncio.to_thread(store.close)
