"""Hands a room's flushes to the store, again and again while it refuses."""

import asyncio
from collections.abc import Callable
from itertools import chain, repeat
from typing import Final

from anyio import sleep

from moim_data.errors import StorageBusy, StorageError
from moim_data.store import Append, UpdateStore

RETRY_S: Final = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
"""Pauses between tries; the last one repeats."""


class Committer:
    """One flush at a time: nothing is given to the store before what came earlier is on disk.

    Args:
        clock: seconds, monotonic.
        patience_s: how long a refused flush is tried again.
        refused: told of each refusal that is more than a moment's.
        accepted: told of each commit.
    """

    def __init__(
        self,
        store: UpdateStore,
        clock: Callable[[], float],
        patience_s: float,
        refused: Callable[[StorageError], None],
        accepted: Callable[[], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._patience_s = patience_s
        self._refused = refused
        self._accepted = accepted

    async def commit(self, batch: Append) -> None:
        """Return when the batch is on disk.

        Raises:
            StorageError: the store refused for `patience_s`; nothing of the batch is kept.
        """
        give_up_s = self._clock() + self._patience_s
        for pause_s in chain(RETRY_S, repeat(RETRY_S[-1])):
            try:
                await asyncio.wrap_future(self._store.append(batch))
            except StorageError as error:
                if self._clock() > give_up_s:
                    raise
                if not isinstance(error, StorageBusy):
                    self._refused(error)
            else:
                self._accepted()
                return
            await sleep(pause_s)
