"""Reads a document for `/api`, at a moment when memory holds exactly what is on disk."""

import asyncio
import sys
from dataclasses import dataclass

from moim.calendar_occurrences import Question, question_words
from moim.child_process import python_environment
from moim.document_content import content_json
from moim.errors import ReadingFailed
from moim_data.store import DocumentId
from moim_sync.errors import UnknownDocument
from moim_sync.hub import Hub
from moim_sync.room import Room

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
        try:
            room = await self._hub.open(document, create=False)
        except UnknownDocument:
            return None
        lineage, seq, update = await committed(room)
        if len(update) <= self._here_bytes:
            return Reading(lineage, seq, content_json(document, update))
        async with self._turns:
            content = await _read_elsewhere("moim.document_content", document, update)
            return Reading(lineage, seq, content)

    async def occurrences(self, document: DocumentId, question: Question) -> Reading | None:
        """Give what takes place in a calendar, always from a process; else as `read`."""
        try:
            room = await self._hub.open(document, create=False)
        except UnknownDocument:
            return None
        lineage, seq, update = await committed(room)
        async with self._turns:
            content = await _read_elsewhere(
                "moim.calendar_occurrences", document, update, question_words(question)
            )
            return Reading(lineage, seq, content)


async def _read_elsewhere(
    module: str, document: DocumentId, update: bytes, *arguments: str
) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, document, *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=python_environment(),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            content, _ = await process.communicate(update)
    except TimeoutError:
        raise ReadingFailed(f"{document}: not read within {_TIMEOUT_S:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
    if process.returncode:
        raise ReadingFailed(f"{document}: its reading process ended with {process.returncode}")
    return content


async def committed(room: Room) -> tuple[bytes, int, bytes]:
    """Give lineage, sequence number and whole state, all of the same moment."""
    taken: asyncio.Future[tuple[bytes, int, bytes]] = asyncio.get_running_loop().create_future()

    def take() -> None:
        if not taken.done():
            taken.set_result((room.lineage, room.seq, room.difference(b"")))

    room.when_readable(take)
    return await taken
