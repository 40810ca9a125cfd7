"""Keeps the tails of documents short while a store is in use.

One document at a time, and resting nine times as long as the last one took: compaction never takes
more than a tenth of a core, however fast a document grows.
"""

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from moim_data.errors import StorageError
from moim_data.store import DocumentId

_log = logging.getLogger(__name__)


class CompactingStore(Protocol):
    """A store whose documents can be compacted."""

    def on_compaction_due(self, notify: Callable[[DocumentId], None]) -> None:
        """Call `notify` when a document's tail wants a snapshot."""

    def compact(self, document: DocumentId) -> bool:
        """Write a snapshot; blocks. True when there is a new one."""

    def stop_compacting(self) -> None:
        """End the compaction that runs, and refuse others; what is kept is not touched."""


class Compactor:
    """Compacts what the store announces, in a thread of its own, between `with` and its end.

    A failure is logged with the document's id and leaves the log as it was; the document is tried
    again when it is announced again.
    """

    def __init__(
        self,
        store: CompactingStore,
        *,
        rest_factor: float = 9.0,
        timer_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._rest_factor = rest_factor
        self._timer_s = timer_s
        self._due: dict[DocumentId, None] = {}
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="moim-compactor", daemon=True)

    def __enter__(self) -> Self:
        self._store.on_compaction_due(self._announce)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._store.stop_compacting()
        self._thread.join()

    def _announce(self, document: DocumentId) -> None:
        with self._changed:
            self._due[document] = None
            self._changed.notify()

    def _run(self) -> None:
        while (document := self._next()) is not None:
            started_s = self._timer_s()
            try:
                self._store.compact(document)
            except StorageError as error:
                if not self._stopping:
                    _log.error("no snapshot of %s: %s", document, error)
            self._rest((self._timer_s() - started_s) * self._rest_factor)

    def _next(self) -> DocumentId | None:
        with self._changed:
            self._changed.wait_for(lambda: self._due or self._stopping)
            if self._stopping:
                return None
            document = next(iter(self._due))
            del self._due[document]
            return document

    def _rest(self, duration_s: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping, timeout=duration_s)
