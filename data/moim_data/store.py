"""Where the updates of documents are kept.

A room loads a document once (`open`), then hands over what it applied, flush by flush (`append`).
The future that `append` returns is done when everything in it is on disk: only then may anyone be
told.
Any store passes the suite in `tests/data/store_contract.py`.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import NewType, Protocol

DocumentId = NewType("DocumentId", str)
"""`workspace` or `<kind>/<slug>`; made by `moim_data.documents.kinds.parse_document_id`."""


@dataclass(frozen=True, slots=True)
class Update:
    """One row of the log: a Yjs V1 update as it was applied, with its place in the order."""

    seq: int
    at_ms: int
    actor: str
    replica: bytes
    cs: int
    data: bytes


@dataclass(frozen=True, slots=True)
class FieldWrite:
    """The last writer of a register, `path` being `root/id/field`."""

    path: str
    seq: int
    actor: str
    at_ms: int = 0
    """When it was taken in, since 1970, UTC; 0 where an earlier moim wrote it."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that did not stay, for the person who had set it (sync/PROTOCOL.md C1)."""

    id: str
    path: str
    strategy: str
    seq: int
    at_ms: int
    loser: str
    """Whose value did not stay."""
    winner: str
    winner_name: str
    mine: str
    """The loser's value as JSON; empty where it is not known."""
    theirs: str


@dataclass(frozen=True, slots=True)
class LoggedChange:
    """What a register was set to, for history; the former value is that of the earlier row."""

    seq: int
    at_ms: int
    """When the server took it, since 1970, UTC; a label, never an order."""
    actor: str
    path: str
    """`root/id/field`, `info/field`; `root/id` for an entity made or taken out. Empty: the rows
    from here on hold everything; what stood before is told as if it had been made now."""
    value: str
    """As JSON, `null` for what is gone; empty for what is not kept: texts, and what is long."""


@dataclass(frozen=True, slots=True)
class Append:
    """What one flush of one document adds, written in one transaction or not at all."""

    document: DocumentId
    updates: tuple[Update, ...]
    durable: Mapping[bytes, int] = field(default_factory=dict)
    """The highest `cs` per replica that these rows hold."""
    fields: tuple[FieldWrite, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    changes: tuple[LoggedChange, ...] = ()
    """In the order of their numbers."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as it was found: newest good snapshot, then the later updates in order."""

    document: DocumentId
    lineage: bytes
    """16 bytes, drawn when the document was made and kept for its life."""
    seq: int
    """The highest sequence number ever given out; 0 for a new document."""
    snapshot: bytes | None
    updates: tuple[bytes, ...]
    durable: Mapping[bytes, int]
    created: bool = False
    """True when this call made the document."""
    fields: tuple[FieldWrite, ...] = ()
    """The last writer of every register that was written."""
    conflicts: tuple[Conflict, ...] = ()
    """Those that nobody has settled, oldest first."""
    has_log: bool = True
    """False for a document that was written before there was a log of changes."""


@dataclass(frozen=True, slots=True, order=True)
class LogPlace:
    """A place between two rows of a document's log of changes: after this one."""

    seq: int = 0
    n: int = 0
    """Which of the rows of its number, from 1; 0: before the first of them."""


@dataclass(frozen=True, slots=True)
class LogPage:
    """Some rows of a log of changes."""

    changes: tuple[LoggedChange, ...]
    next: LogPlace
    """Where the next page begins."""
    more: bool
    """False when there was nothing further on disk."""


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """A document as it was after some sequence number: updates to apply in order."""

    data: tuple[bytes, ...]
    """A snapshot first, where there is one."""

    @property
    def size_bytes(self) -> int:
        """Sum of the updates' sizes."""
        return sum(map(len, self.data))


class UpdateStore(Protocol):
    """The port between a room and what is kept. All methods are called from any one thread."""

    def open(self, document: DocumentId, create: bool) -> "Future[StoredDocument | None]":
        """Give the document; None when absent and not to be made.

        The future raises CorruptDocument when rows exist that cannot be read, StorageReadOnly or
        StorageFull when the document cannot be made.
        """

    def version(self, document: DocumentId, seq: int) -> "Future[StoredVersion | None]":
        """Give a document as it was after update `seq`, which is on disk.

        None when the log does not reach back so far: compaction lets go of what is old. The future
        raises CorruptDocument when its rows cannot be read, StorageError when there is no such
        document.
        """

    def append(self, batch: Append) -> "Future[None]":
        """Keep a flush. Done means committed with synchronous=FULL; order per document is kept.

        The first update bears the document's next sequence number, the others follow without gaps.
        The future raises StorageBusy (too much waits for the disk: stop reading, hand the batch
        over again), StorageFull, StorageReadOnly or StorageError; then nothing of it is kept, and
        later batches of the document are refused until it has been handed over again.
        """

    def settle(self, document: DocumentId, conflict: str, action: str) -> "Future[None]":
        """Keep that a conflict is settled, and how; nothing happens when it is not known."""

    def documents(self) -> "Future[list[DocumentId]]":
        """Name every document, sorted."""

    def changes(self, document: DocumentId, after: LogPlace, most: int) -> "Future[LogPage]":
        """Give the rows of a document's log after a place, `most` at a time, oldest first."""

    def on_compaction_due(self, notify: Callable[[DocumentId], None]) -> None:
        """Call `notify` (from a thread of the store) when a document's tail wants a snapshot."""

    def close(self) -> None:
        """Finish what is queued, then release the file and its lock."""
