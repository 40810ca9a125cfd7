"""Reads a document for `/api`, at a moment when memory holds exactly what is on disk."""

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from moim.calendar_occurrences import Question, question_words
from moim.child_process import python_environment
from moim.document_content import content_json
from moim.errors import ReadingFailed
from moim_data.store import DocumentId
from moim_sync.errors import UnknownDocument
from moim_sync.hub import Hub
from moim_sync.room import Room

T = TypeVar("T")

_HERE_BYTES = 64 * 1024
_PROCESSES = 2
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Reading:
    """A document at one moment."""

    lineage: bytes
    seq: int
    content: bytes
    """A JSON object: `{"digest": ..., "data": ...}`, data being root maps by name, or what takes
    place."""


class DocumentsReader:
    """Reads documents of a hub; big ones in processes, a few at a time."""

    def __init__(self, hub: Hub, here_bytes: int = _HERE_BYTES) -> None:
        self._hub = hub
        self._here_bytes = here_bytes
        self._turns = asyncio.Semaphore(_PROCESSES)

    async def read(self, document: DocumentId) -> Reading | None:
        """Give the document as it is on disk; None when there is none.

        Raises:
            CorruptDocument, StorageError: it cannot be read now.
            ReadingFailed: the process for big documents failed.
        """
        state = await self.state(document)
        if state is None:
            return None
        lineage, seq, update = state
        if len(update) <= self._here_bytes:
            return Reading(lineage, seq, content_json(document, update))
        content = await self.in_process("moim.document_content", document, update)
        return Reading(lineage, seq, content)

    async def occurrences(self, document: DocumentId, question: Question) -> Reading | None:
        """Give what takes place in a calendar, always from a process; else as `read`."""
        state = await self.state(document)
        if state is None:
            return None
        lineage, seq, update = state
        content = await self.in_process(
            "moim.calendar_occurrences", document, update, question_words(question)
        )
        return Reading(lineage, seq, content)

    async def state(self, document: DocumentId) -> tuple[bytes, int, bytes] | None:
        """Give lineage, sequence number and whole state as on disk; None when there is none."""
        room = await self._room(document)
        return None if room is None else await committed(room)

    async def standing(self, document: DocumentId) -> tuple[bytes, int] | None:
        """Give lineage and sequence number as on disk, which costs no encoding."""
        room = await self._room(document)
        if room is None:
            return None
        return await _when_readable(room, lambda: (room.lineage, room.seq))

    async def in_process(self, module: str, name: str, data: bytes, *arguments: str) -> bytes:
        """Have a module make something of `data`, in a process, when it is its turn.

        Raises:
            ReadingFailed: it ended badly or took too long; the message bears `name`.
        """
        async with self._turns:
            return await _read_elsewhere(module, name, data, *arguments)

    async def _room(self, document: DocumentId) -> Room | None:
        try:
            return await self._hub.open(document, create=False)
        except UnknownDocument:
            return None


async def _read_elsewhere(module: str, name: str, data: bytes, *arguments: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, name, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=python_environment(),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            content, _ = await process.communicate(data)
    except TimeoutError:
        raise ReadingFailed(f"{name}: not read within {_TIMEOUT_S:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise ReadingFailed(f"{name}: its reading process ended with {process.returncode}")
    return content


async def committed(room: Room) -> tuple[bytes, int, bytes]:
    """Give lineage, sequence number and whole state, all of the same moment."""
    return await _when_readable(room, lambda: (room.lineage, room.seq, room.difference(b"")))


async def _when_readable(room: Room, read: Callable[[], T]) -> T:
    taken: asyncio.Future[T] = asyncio.get_running_loop().create_future()

    def take() -> None:
        if not taken.done():
            taken.set_result(read())

    room.when_readable(take)
    return await taken
