"""Reads a document for `/api`, at a moment when memory holds exactly what is on disk."""

import asyncio
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, Self

from pycrdt import Array, Doc, Map, Text

from moim.api import Reading
from moim_data.documents.kinds import kind_of
from moim_data.documents.shape import shape_of
from moim_data.errors import StorageError
from moim_data.store import DocumentId
from moim_sync.errors import UnknownDocument
from moim_sync.hub import Hub
from moim_sync.room import Room

# Turning a document into values holds the GIL: 1 ms for 40 kB, 0.7 s for 10,000 cards. What would
# be felt by everybody else is done in another process.
_HERE_BYTES = 64 * 1024


class DocumentsReader:
    """Reads documents of a hub; an async context that owns the process for big ones."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._process: ProcessPoolExecutor | None = None

    async def read(self, document: DocumentId) -> Reading | None:
        """Give the document as it is on disk; None when there is none."""
        try:
            room = await self._hub.open(document, create=False)
        except UnknownDocument:
            return None
        lineage, seq, update = await committed(room)
        return Reading(lineage, seq, await self._content(document, update))

    async def __aenter__(self) -> Self:
        """Start nothing yet: most servers never need the process."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the process for big documents."""
        if self._process is not None:
            self._process.shutdown(wait=False, cancel_futures=True)

    async def _content(self, document: DocumentId, update: bytes) -> dict[str, Any]:
        if len(update) <= _HERE_BYTES:
            return content_of(document, update)
        if self._process is None:
            self._process = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._process, content_of, document, update)


async def committed(room: Room) -> tuple[bytes, int, bytes]:
    """Give lineage, sequence number and whole state, all of the same moment."""
    taken: asyncio.Future[tuple[bytes, int, bytes]] = asyncio.get_running_loop().create_future()

    def take() -> None:
        if taken.done():
            return
        try:
            taken.set_result((room.lineage, room.seq, room.difference(b"")))
        except StorageError as error:
            taken.set_exception(error)

    room.when_readable(take)
    return await taken


def content_of(document: DocumentId, update: bytes) -> dict[str, Any]:
    """Give root maps by name, texts as strings; a root of `open/*` as what it looks like."""
    doc: Doc[Any] = Doc()
    doc.apply_update(update)
    shape = shape_of(kind_of(document).name)
    if shape is not None:
        return {name: doc.get(name, type=Map).to_py() or {} for name in shape.roots}
    return {name: _untyped_root(doc, name) for name in sorted(doc.keys())}


def _untyped_root(doc: "Doc[Any]", name: str) -> Any:
    """An update does not say what a root is; the reading that shows something is the one."""
    return (
        doc.get(name, type=Map).to_py()
        or doc.get(name, type=Text).to_py()
        or doc.get(name, type=Array).to_py()
        or {}
    )
