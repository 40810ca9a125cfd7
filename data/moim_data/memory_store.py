"""A store without a disk, for tests of rooms: it passes the same suite as the real one.

Beyond the port, a test can hold commits back (`hold`, `release`) and refuse them (`refuse`), to see
what a room says meanwhile. What was committed lives in a `MemoryDisk`, which outlasts the store.
"""

import os
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

from moim_data.change_rows import numbered
from moim_data.errors import StorageError
from moim_data.store import (
    Append,
    Conflict,
    DocumentId,
    FieldWrite,
    LoggedChange,
    LogPage,
    LogPlace,
    StoredDocument,
    StoredVersion,
    Update,
)

T = TypeVar("T")


@dataclass(slots=True)
class KeptDocument:
    """Everything kept of one document."""

    lineage: bytes
    updates: list[Update] = field(default_factory=list)
    durable: dict[bytes, int] = field(default_factory=dict)
    fields: dict[str, FieldWrite] = field(default_factory=dict)
    conflicts: dict[str, Conflict] = field(default_factory=dict)
    """Those that are not settled."""
    changes: dict[LogPlace, LoggedChange] = field(default_factory=dict)


@dataclass(slots=True)
class MemoryDisk:
    """What outlasts a store: hand the same one to the next store to see a restart."""

    documents: dict[DocumentId, KeptDocument] = field(default_factory=dict)


class MemoryStore:
    """An UpdateStore in memory; futures are done when `append` returns, unless held."""

    def __init__(
        self,
        disk: MemoryDisk | None = None,
        *,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.disk = disk or MemoryDisk()
        self._random_bytes = random_bytes
        self._held: list[tuple[Append, Future[None]]] | None = None
        self._refusal: StorageError | None = None
        self._closed = False

    def open(self, document: DocumentId, create: bool) -> "Future[StoredDocument | None]":
        """Give the document; None when absent and not to be made."""
        return _attempt(lambda: self._open(document, create))

    def version(self, document: DocumentId, seq: int) -> "Future[StoredVersion | None]":
        """Give a document as it was; nothing is ever let go of."""
        return _attempt(lambda: self._version(document, seq))

    def append(self, batch: Append) -> "Future[None]":
        """Keep a flush, at once or on `release`."""
        if self._held is None:
            return _attempt(lambda: self._append(batch))
        future: Future[None] = Future()
        future.set_running_or_notify_cancel()
        self._held.append((batch, future))
        return future

    def settle(self, document: DocumentId, conflict: str, action: str) -> "Future[None]":
        """Forget a conflict that was settled."""
        return _attempt(lambda: self._settle(document, conflict))

    def documents(self) -> "Future[list[DocumentId]]":
        """Name every document, sorted."""
        return _attempt(lambda: sorted(self.disk.documents))

    def changes(self, document: DocumentId, after: LogPlace, most: int) -> "Future[LogPage]":
        """Give the rows of a document's log after a place."""
        return _attempt(lambda: self._changes(document, after, most))

    def on_compaction_due(self, notify: Callable[[DocumentId], None]) -> None:
        """Nothing is ever due: there is no file to keep short."""

    def close(self) -> None:
        """Finish what is held."""
        self.release()
        self._closed = True

    @property
    def held(self) -> int:
        """How many appends wait for `release`."""
        return len(self._held or ())

    def hold(self) -> None:
        """Let appends wait for `release`, as if the disk were slow."""
        if self._held is None:
            self._held = []

    def release(self) -> None:
        """Commit what was held, in order."""
        held, self._held = self._held or [], None
        for batch, future in held:
            try:
                self._append(batch)
            except StorageError as error:
                future.set_exception(error)
            else:
                future.set_result(None)

    def drop(self) -> None:
        """Lose what was held and take nothing more, as a killed process does."""
        self._held = []
        self._closed = True

    def refuse(self, error: StorageError | None) -> None:
        """Answer every write with this error, as if the disk were full; None ends it."""
        self._refusal = error

    def _open(self, document: DocumentId, create: bool) -> StoredDocument | None:
        self._check_open()
        kept = self.disk.documents.get(document)
        if kept is None and not create:
            return None
        created = kept is None
        if kept is None:
            self._check_writable()
            kept = self.disk.documents[document] = KeptDocument(self._random_bytes(16))
        updates = tuple(update.data for update in kept.updates)
        return StoredDocument(
            document,
            kept.lineage,
            len(updates),
            None,
            updates,
            dict(kept.durable),
            created,
            tuple(kept.fields.values()),
            tuple(kept.conflicts.values()),
            bool(kept.changes) or not updates,
        )

    def _version(self, document: DocumentId, seq: int) -> StoredVersion | None:
        self._check_open()
        kept = self.disk.documents.get(document)
        if kept is None:
            raise StorageError(f"{document} does not exist")
        return StoredVersion(tuple(update.data for update in kept.updates[:seq]))

    def _append(self, batch: Append) -> None:
        self._check_open()
        self._check_writable()
        kept = self.disk.documents.get(batch.document)
        if kept is None:
            raise StorageError(f"{batch.document} does not exist: open it with create=True first")
        expected = len(kept.updates) + 1
        numbers = [update.seq for update in batch.updates]
        if numbers != list(range(expected, expected + len(numbers))):
            raise StorageError(f"expected updates from {expected} on, got {numbers[:3]}...")
        kept.updates.extend(batch.updates)
        for replica, cs in batch.durable.items():
            kept.durable[replica] = max(cs, kept.durable.get(replica, 0))
        kept.fields.update((write.path, write) for write in batch.fields)
        kept.conflicts.update((conflict.id, conflict) for conflict in batch.conflicts)
        kept.changes.update(numbered(batch.changes))

    def _changes(self, document: DocumentId, after: LogPlace, most: int) -> LogPage:
        self._check_open()
        changes = self.disk.documents[document].changes if document in self.disk.documents else {}
        places = sorted(place for place in changes if place > after)
        page = places[:most]
        rows = tuple(changes[place] for place in page)
        return LogPage(rows, page[-1] if page else after, len(places) > most)

    def _settle(self, document: DocumentId, conflict: str) -> None:
        self._check_open()
        self._check_writable()
        self.disk.documents[document].conflicts.pop(conflict, None)

    def _check_open(self) -> None:
        if self._closed:
            raise StorageError("the store is closed: open it again")

    def _check_writable(self) -> None:
        if self._refusal is not None:
            raise self._refusal


def _attempt(work: Callable[[], T]) -> "Future[T]":
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()
    try:
        future.set_result(work())
    except StorageError as error:
        future.set_exception(error)
    return future
