"""How views reach a document that several threads share."""

import threading
from collections.abc import Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from pycrdt import Doc


class Access(Protocol):
    """A document, the lock that every use of it takes, and the way to write to it.

    `Doc(allow_multithreading=True)` alone is not safe: its `transaction()` joins the open
    transaction of another thread. The lock is re-entrant and held for the whole of a transaction.
    """

    @property
    def doc(self) -> "Doc[Any]":
        """The document; touch it under the lock only."""

    @property
    def lock(self) -> AbstractContextManager[object]:
        """A re-entrant lock around every read."""

    def transaction(self, origin: Hashable = None) -> AbstractContextManager[object]:
        """Take the lock and open a transaction, or join the one this thread has open."""


class LocalAccess:
    """A document nobody else has: for seeds, imports and tests."""

    def __init__(self, doc: "Doc[Any] | None" = None) -> None:
        self.doc: Doc[Any] = Doc() if doc is None else doc
        self.lock = threading.RLock()

    @contextmanager
    def transaction(self, origin: Hashable = None) -> Iterator[None]:
        """Take the lock and open a transaction, or join the open one."""
        with self.lock, self.doc.transaction(origin):
            yield
