"""What tests of the Python client do with documents: set, read, wait."""

import threading
from collections.abc import Callable
from typing import Any

from pycrdt import Map

from moim_data.outbox import Outbox
from moim_data.store import DocumentId
from moim_sync.client import SyncClient
from moim_sync.client_presence import PresentPerson
from moim_sync.messages import Granted, Limits
from moim_sync.shared_document import SharedDocument

WAIT_S = 10.0

Connect = Callable[..., SyncClient]


def shared(outbox: Outbox, document: str = "open/a") -> SharedDocument:
    """A document that no connection carries."""
    return SharedDocument(
        DocumentId(document), outbox, create=True, wake=lambda: None, changed=lambda _: None
    )


def set_value(document: SharedDocument, key: str, value: object) -> None:
    with document.transaction():
        document.doc.get("data", type=Map)[key] = value


def values(document: SharedDocument) -> dict[str, Any]:
    with document.lock:
        return document.doc.get("data", type=Map).to_py() or {}


def wait_until(
    document: SharedDocument, condition: Callable[[], bool], timeout_s: float = WAIT_S
) -> None:
    """Wait for a change that makes the condition true."""
    happened = threading.Event()

    def look() -> None:
        if condition():
            happened.set()

    unwatch = document.watch(look)
    look()
    assert happened.wait(timeout_s), values(document)
    unwatch()


def states(person: PresentPerson) -> list[dict[str, Any]]:
    return [dict(state) for state in person.states]


def granted(document: SharedDocument) -> None:
    """Let a document that no connection carries think that a server has granted it."""
    document.granted(Granted(7, document.id, "open", b"l" * 16, "editor", 0, 0), Limits())
    document.synced(b"\x00\x00")


def wait_closed(document: SharedDocument) -> None:
    """Ends with DocumentClosed: a watcher hears nothing of a closed document, a waiter does."""
    document._wait(lambda: False, WAIT_S, "to be closed")
