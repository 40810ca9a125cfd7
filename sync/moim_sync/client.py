"""The Python client of `/sync`: for notebooks, scripts and page workers.

Documents are edited from any thread and go on without a server: an edit is in the outbox, on disk,
when it returns; one daemon thread brings it to the server and brings what others do, another tells
watchers. Nothing leaves the outbox before the server has it on disk.
"""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from secrets import SystemRandom
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit, urlunsplit

from moim_data.documents.kinds import parse_document_id
from moim_data.outbox import Outbox
from moim_data.store import DocumentId
from moim_sync.client_connection import ClientConnection, Phase
from moim_sync.dispatcher import Dispatcher
from moim_sync.errors import DocumentClosed
from moim_sync.messages import Hello, Person
from moim_sync.protocol import PROTOCOL_VERSION
from moim_sync.shared_document import SharedDocument

Status = Literal["live", "syncing", "offline", "closed"]

PROGRAM = "moim-python"


class SyncClient:
    """Shared documents over one connection.

    Args:
        url: of the server (`http://localhost:5006`) or of its `/sync`.
        outbox: the file that keeps documents and unsent edits; None keeps them in memory only.
        name: the display name of a guest.
        headers: sent with the handshake, as a token or a cookie.
        socket_file: a Unix socket of this machine, where the server listens; `url` then only names
            what is asked for.
        clock: seconds since 1970, UTC.
        random: gives a number in [0, 1).

    Raises:
        StorageInUse: another process uses the outbox file.
        StorageError: it cannot be used; the message says why.
    """

    def __init__(
        self,
        url: str,
        *,
        outbox: Path | str | None,
        name: str | None = None,
        headers: Mapping[str, str] | None = None,
        socket_file: Path | None = None,
        clock: Callable[[], float] = time.time,
        random: Callable[[], float] | None = None,
    ) -> None:
        self.url = sync_url(url)
        self.headers = headers or {}
        self.clock = clock
        self.random = random or SystemRandom().random
        self._name = name or ""
        self._mutex = threading.Lock()
        self._documents: dict[str, SharedDocument] = {}
        self._users: dict[str, int] = {}
        self._closed = False
        self._outbox = Outbox(outbox, clock=lambda: int(clock() * 1000))
        self._dispatcher = Dispatcher("moim watchers")
        self._connection = ClientConnection(
            self.url,
            hello=self._hello,
            renew_replica=self._outbox.renew_replica,
            headers=self.headers,
            socket_file=socket_file,
            random=self.random,
        )

    def document(self, document_id: str, create: bool = False) -> SharedDocument:
        """Open a document; it can be used at once, from what is kept here, without a server.

        Every call is one user of it; it is closed when each has called `release`.

        Args:
            create: have the server make it when it has none.

        Raises:
            UnknownKind: the id is malformed.
            CorruptDocument: what is kept of it here is damaged.
            DocumentClosed: the client was closed.
        """
        key = parse_document_id(document_id)
        with self._mutex:
            if self._closed:
                raise DocumentClosed(f"{key}: the client was closed; connect again")
            self._users[key] = self._users.get(key, 0) + 1
            document = self._documents.get(key)
            if document is None:
                try:
                    document = self._documents[key] = self._load(key, create)
                except BaseException:
                    del self._users[key]
                    raise
                is_new = True
            else:
                is_new = False
        if is_new or document.ask_again(create):
            self._connection.open(document)
        return document

    def release(self, document: SharedDocument) -> None:
        """End one use of a document; after the last it is closed, once its edits are saved."""
        with self._mutex:
            self._users[document.id] = max(0, self._users.get(document.id, 0) - 1)
        self._close_if_unused(document)

    @property
    def status(self) -> Status:
        """`live`: all is sent and received; `syncing`: connected, not all; else why not."""
        phase = self._connection.phase
        if self._closed or phase in (Phase.STOPPED, Phase.CLOSED):
            return "closed"
        if phase is Phase.OFFLINE:
            return "offline"
        documents = self._all()
        done = all(
            (document.is_synced or document.refusal is not None) and document.pending == 0
            for document in documents
        )
        return "live" if done else "syncing"

    @property
    def stopped(self) -> tuple[int, str] | None:
        """Close code and reason when the server ended the connection for good, else None."""
        return self._connection.stopped

    @property
    def you(self) -> Person | None:
        """Who the server says this is; None before the first connection."""
        return self._connection.you

    @property
    def pending(self) -> int:
        """The number of edits, over all open documents, not yet on the server's disk."""
        return sum(document.pending for document in self._all())

    def wait_saved(self, timeout_s: float) -> None:
        """Wait until every edit of every open document is on the server's disk.

        Raises NotInTime (the edits stay in the outbox), DocumentRefused, ConnectionStopped.
        """
        deadline = time.monotonic() + timeout_s
        for document in self._all():
            document.wait_saved(max(0.0, deadline - time.monotonic()))

    def retry_now(self) -> None:
        """Try to connect at once instead of at the next interval."""
        self._connection.retry_now()

    def close(self) -> None:
        """Close documents, connection and outbox; unsent edits stay in the outbox file.

        Raises TransactionOpen inside a transaction.
        """
        for document in self._all():
            document.close()
        with self._mutex:
            if self._closed:
                return
            self._closed = True
        self._connection.close()
        self._dispatcher.close()
        self._outbox.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _load(self, document: DocumentId, create: bool) -> SharedDocument:
        return SharedDocument(
            document,
            self._outbox,
            create=create,
            wake=self._wake,
            changed=self._dispatcher.mark,
            saved=self._close_if_unused,
        )

    def _close_if_unused(self, document: SharedDocument) -> None:
        # its lock is taken before ours, here and everywhere
        if document.pending:
            return
        with self._mutex:
            if self._users.get(document.id) or self._documents.get(document.id) is not document:
                return
            self._users.pop(document.id, None)
            del self._documents[document.id]
        self._connection.leave(document)
        document.close()

    def _all(self) -> list[SharedDocument]:
        with self._mutex:
            return list(self._documents.values())

    def _wake(self) -> None:
        self._connection.wake()

    def _hello(self) -> Hello:
        return Hello(PROTOCOL_VERSION, PROGRAM, self._outbox.replica, self._name)


def sync_url(url: str) -> str:
    """Give the WebSocket address of `/sync` for a server's address.

    >>> sync_url("http://localhost:5006")
    'ws://localhost:5006/sync'
    >>> sync_url("https://plan.example.org/team/")
    'wss://plan.example.org/team/sync'
    """
    parts = urlsplit(url)
    schemes = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
    if parts.scheme not in schemes or not parts.netloc:
        raise ValueError(f"expected an address like http://localhost:5006, got {url!r}")
    path = parts.path.rstrip("/")
    if not path.endswith("/sync"):
        path += "/sync"
    return urlunsplit((schemes[parts.scheme], parts.netloc, path, "", ""))
