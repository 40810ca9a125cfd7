"""Rebuilds documents as they were, for edits by index: small ones here, large ones in processes.

pycrdt holds the GIL for as long as it works, so what takes long happens in a process of its own: a
board of 2,000 cards takes some 15 ms, and as much again to be freed. How much waits is bounded, in
all and of each document; what is too much is refused and can be asked again.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from moim_data.documents.text_operations import TextOperations
from moim_data.errors import DataError
from moim_data.snapshot_process import environment
from moim_data.store import DocumentId, StoredVersion, UpdateStore
from moim_data.text_rebuild import TextPlace, decode_answer, encode_task, rebuilt_update
from moim_sync.errors import RebuildFailed, TooBusy, VersionForgotten
from moim_sync.live_document import let_pass

HERE_BYTES: Final = 128 * 1024
HERE_UPDATES: Final = 200
"""Up to so much is rebuilt here: some 3 ms at most."""
PROCESSES: Final = 2
MOST_WAITING: Final = 24
MOST_OF_A_DOCUMENT: Final = 8
TIMEOUT_S: Final = 60.0


class TextRebuilder:
    """Rebuilds documents of one store.

    Args:
        here_bytes: documents up to this size are rebuilt in this process.
    """

    def __init__(self, store: UpdateStore, here_bytes: int = HERE_BYTES) -> None:
        self.rebuilt: Counter[str] = Counter()
        """How often it was done, by where: `here` or `process`."""
        self._store = store
        self._here_bytes = here_bytes
        self._turns = asyncio.Semaphore(PROCESSES)
        self._waiting: Counter[DocumentId] = Counter()

    async def update(
        self,
        document: DocumentId,
        seq: int,
        place: TextPlace,
        operations: TextOperations,
        client_id: int,
    ) -> bytes | None:
        """Give what operations on version `seq` come to; see `rebuilt_update` for the rest.

        Raises:
            VersionForgotten: the log does not reach so far back.
            TooBusy: too much waits.
            RebuildFailed: it failed, here or in the process.
            StorageError: the log cannot be read now.
        """
        with self._place_in_line(document):
            version = await asyncio.wrap_future(self._store.version(document, seq))
            if version is None:
                raise VersionForgotten(f"{document}: version {seq} is not kept any more")
            if self._is_small(version):
                self.rebuilt["here"] += 1
                with _failures_named(document):
                    return rebuilt_update(version, place, operations, client_id)
            async with self._turns:
                self.rebuilt["process"] += 1
                task = encode_task(version, place, operations, client_id)
                return _decoded(document, await _answered(document, task))

    def _is_small(self, version: StoredVersion) -> bool:
        return version.size_bytes <= self._here_bytes and len(version.data) <= HERE_UPDATES

    @contextmanager
    def _place_in_line(self, document: DocumentId) -> Iterator[None]:
        full = self._waiting.total() >= MOST_WAITING
        if full or self._waiting[document] >= MOST_OF_A_DOCUMENT:
            raise TooBusy(f"{document}: too many edits of old versions; try again in a moment")
        self._waiting[document] += 1
        try:
            yield
        finally:
            self._waiting[document] -= 1
            if not self._waiting[document]:
                del self._waiting[document]


@contextmanager
def _failures_named(document: DocumentId) -> Iterator[None]:
    try:
        yield
    except DataError:
        raise
    except BaseException as error:  # a panic of pycrdt is no `Exception`
        let_pass(error)
        raise RebuildFailed(f"{document}: it cannot be rebuilt: {error!r}") from error


async def _answered(document: DocumentId, task: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "moim_data.text_rebuild"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment(),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(TIMEOUT_S):
            answer, _ = await process.communicate(task)
    except TimeoutError:
        raise RebuildFailed(f"{document}: not rebuilt within {TIMEOUT_S:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        message = f"{document}: its rebuilding process ended with {process.returncode}"
        raise RebuildFailed(message)
    return answer


def _decoded(document: DocumentId, answer: bytes) -> bytes | None:
    try:
        return decode_answer(answer)
    except ValueError as error:
        raise RebuildFailed(f"{document}: its rebuilding process answered: {error}") from error
