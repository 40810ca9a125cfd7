"""The documents of a database file for a command, whoever holds the file.

While a server holds it, the command is a client of that server over the socket beside the file;
else it takes the lock, and is its own server for as long as it runs. Either way an edit goes
through a room: limits, validation, sequence numbers, one COMMIT, and everybody who looks sees it.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Final

from moim.access.people import People
from moim.local_door import local_door, short_path, socket_file
from moim.open_store import open_store
from moim_data.deep_stack import STACK_BYTES
from moim_data.errors import StorageInUse
from moim_sync.client import SyncClient
from moim_sync.errors import NotInTime
from moim_sync.hub import Hub
from moim_sync.shared_document import SharedDocument

ANSWER_S: Final = 20.0
LOOK_AGAIN_S: Final = 2.0
"""A holder may be a command that is just ending: its lock is free soon."""
GUESTS_S: Final = 60.0
GUEST_LOOK_S: Final = 0.05
STOP_S: Final = GUESTS_S + 30.0
_URL: Final = "ws://localhost/sync"


@contextmanager
def reach(database: Path) -> Iterator[SyncClient]:
    """Give a client of the file's documents.

    Raises:
        StorageInUse: another process holds the file and does not answer on its socket.
        StorageError: the file cannot be used; the message says why.
    """
    ends_at = monotonic() + ANSWER_S
    with ExitStack() as stack:
        yield _first_that_answers(database, stack, ends_at)


def _first_that_answers(database: Path, stack: ExitStack, ends_at: float) -> SyncClient:
    """Hold the file or reach its holder; try again when the holder ended before it answered."""
    while True:
        with ExitStack() as attempt:
            holder = _holder_of(database, attempt)
            path = attempt.enter_context(short_path(socket_file(database)))
            client = attempt.enter_context(
                SyncClient(_URL, outbox=None, name="moim", socket_file=path)
            )
            if _answers(client, holder, ends_at):
                stack.push(attempt.pop_all())
                return client


def _holder_of(database: Path, attempt: ExitStack) -> StorageInUse | None:
    try:
        attempt.enter_context(_OwnHub(database))
    except StorageInUse as error:
        return error
    return None


def open_synced(client: SyncClient, document: str, *, create: bool = False) -> SharedDocument:
    """Open a document and wait for what is in it. Raises as `SharedDocument.wait_synced`."""
    shared = client.document(document, create=create)
    shared.wait_synced(ANSWER_S)
    return shared


def _answers(client: SyncClient, holder: StorageInUse | None, ends_at: float) -> bool:
    """Whether the client has the workspace; False when it is worth looking for the lock again.

    Raises:
        StorageInUse: the holder does not answer, and time is over.
    """
    left_s = max(0.0, ends_at - monotonic())
    shared = client.document("workspace", create=True)
    try:
        shared.wait_synced(left_s if holder is None else min(left_s, LOOK_AGAIN_S))
    except NotInTime as error:
        if holder is None:
            raise
        if monotonic() >= ends_at:
            raise holder from error
        return False
    return True


class _OwnHub:
    """A hub in a thread of this process, on the database's own socket."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._ready = threading.Event()
        self._error: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        before = threading.stack_size(STACK_BYTES // 4)
        try:
            self._thread = threading.Thread(target=self._run, name="moim hub", daemon=True)
            self._thread.start()
        finally:
            threading.stack_size(before)

    def __enter__(self) -> None:
        self._ready.wait()
        if self._error is not None:
            raise self._error

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(STOP_S)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001  told to the thread that waits
            self._error = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        async with open_store(self._database, demo=False) as store:
            hub = Hub(store)
            people = await People.load(store)
            async with hub:
                with local_door(self._database, hub, people):
                    self._ready.set()
                    await self._stop.wait()
                    await self._last_guest_gone(hub)
                    await hub.drain(0)

    async def _last_guest_gone(self, hub: Hub) -> None:
        """Let another command finish that came in while this one held the file."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GUESTS_S):
                while hub.sessions:  # noqa: ASYNC110  nobody is told of a session's end
                    await asyncio.sleep(GUEST_LOOK_S)
