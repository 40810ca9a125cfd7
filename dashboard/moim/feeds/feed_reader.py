"""Finds what a feed shows at this moment, and has it written in a process of its own."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, Protocol

from moim.documents_reader import DocumentsReader
from moim.feeds.feed_content import Entry, packed
from moim_data.errors import CorruptDocument
from moim_data.store import DocumentId

log = logging.getLogger(__name__)

WORKSPACE: Final = DocumentId("workspace")
_WRITER: Final = 2
"""Goes up with what feeds look like, so that nobody keeps a file of the former look."""
_ROOTS: Final = {"calendar": "calendars", "project": "projects"}
May = Callable[[DocumentId], bool]


class Written(Protocol):
    """When documents were written; see `SqliteStore.last_written_ms`."""

    def last_written_ms(self, documents: Sequence[DocumentId]) -> "Future[int]":
        """Give the last time, in milliseconds since 1970."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """What a feed shows at one moment, not yet written."""

    shows: str
    name: str
    address: str
    documents: tuple[tuple[DocumentId, Entry], ...]
    left_out: tuple[DocumentId, ...]
    """Those that are damaged; only what a person takes part in may lack some."""
    etag: str
    written_ms: int


class FeedReader:
    """Reads what feeds show, as far as their people may."""

    def __init__(self, reader: DocumentsReader, store: Written) -> None:
        self._reader = reader
        self._store = store
        self._damaged: set[DocumentId] = set()
        """Those that the log was told of."""

    async def look(self, shows: str, may: May, address: str) -> FeedState | None:
        """Find what a feed shows; None when there is nothing of the kind.

        Args:
            may: whether the feed's person may read a document.
            address: of the server, as the reader knows it.

        Raises:
            CorruptDocument: the one document that it shows is damaged, or the workspace.
            StorageError, ReadingFailed: as DocumentsReader.read.
        """
        workspace = await self._workspace()
        listed = workspace if may(WORKSPACE) else {}
        documents: list[tuple[DocumentId, Entry]] = []
        left_out: list[DocumentId] = []
        versions: list[tuple[str, str, int]] = []
        for document in filter(may, _shown(shows, workspace)):
            try:
                standing = await self._standing(document)
            except CorruptDocument:
                if document == shows:
                    raise
                left_out.append(document)
                continue
            if standing is not None:
                documents.append((document, _entry(listed, document)))
                versions.append((document, standing[0].hex(), standing[1]))
        if not documents and not shows.startswith("person/"):
            return None
        name, entries = _person_name(shows, listed), [entry for _, entry in documents]
        seen = [_WRITER, shows, name, address, entries, versions, left_out]
        digest = hashlib.sha256(json.dumps(seen).encode()).hexdigest()[:32]
        read = [WORKSPACE, *(document for document, _ in documents)]
        return FeedState(
            shows=shows,
            name=name,
            address=address,
            documents=tuple(documents),
            left_out=tuple(left_out),
            etag=f'"{digest}"',
            written_ms=await asyncio.wrap_future(self._store.last_written_ms(read)),
        )

    async def write(self, state: FeedState) -> bytes:
        """Give the file; what came since the look may be in it. Raises as `look`."""
        states = []
        for document, entry in state.documents:
            found = await self._reader.state(document)
            if found is not None:
                states.append((document, entry, found[2]))
        data = packed(state.name, state.address, states, state.left_out)
        return await self._reader.in_process("moim.feeds.feed_content", state.shows, data)

    async def _standing(self, document: DocumentId) -> tuple[bytes, int] | None:
        """As DocumentsReader.standing; that a document is damaged is logged once."""
        try:
            standing = await self._reader.standing(document)
        except CorruptDocument as error:
            if document not in self._damaged:
                log.error("feeds cannot show %s: %s", document, error)
                self._damaged.add(document)
            raise
        self._damaged.discard(document)
        return standing

    async def _workspace(self) -> Mapping[str, Any]:
        reading = await self._reader.read(WORKSPACE)
        return {} if reading is None else dict(json.loads(reading.content)["data"])


def _shown(shows: str, workspace: Mapping[str, Any]) -> Iterator[DocumentId]:
    """Name the documents of a feed, but those that somebody has deleted."""
    if not shows.startswith("person/"):
        document = DocumentId(shows)
        if "deleted" not in _listed(workspace, document):
            yield document
        return
    for kind, root in _ROOTS.items():
        for slug in sorted(workspace.get(root, {})):
            if "deleted" not in workspace[root][slug]:
                yield DocumentId(f"{kind}/{slug}")


def _listed(workspace: Mapping[str, Any], document: str) -> Entry:
    kind, _, slug = document.partition("/")
    entry: Entry = workspace.get(_ROOTS[kind], {}).get(slug, {})
    return entry


def _entry(workspace: Mapping[str, Any], document: str) -> Entry:
    """Give what is shown of an entry: not its place among others, which may change."""
    entry = _listed(workspace, document)
    return {name: entry[name] for name in ("name", "colour") if name in entry}


def _person_name(shows: str, workspace: Mapping[str, Any]) -> str:
    kind, _, person = shows.partition("/")
    member = workspace.get("members", {}).get(person, {}) if kind == "person" else {}
    return str(member.get("name", ""))
