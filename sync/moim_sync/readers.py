"""Who waits to read a document until what is in memory is what is on disk."""

from collections.abc import Callable
from logging import Logger

from moim_data.store import DocumentId


class Readers:
    """Calls that wait for a room to be readable, in the order they came."""

    def __init__(self, document: DocumentId, log: Logger) -> None:
        self._document = document
        self._log = log
        self._waiting: list[Callable[[], None]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, read: Callable[[], None]) -> None:
        """Let a call wait."""
        self._waiting.append(read)

    def let_in(self) -> None:
        """Call all that wait; what one of them raises is logged and ends no other."""
        waiting, self._waiting = self._waiting, []
        for read in waiting:
            try:
                read()
            except Exception:  # noqa: BLE001  a fault of one must not stop the others
                self._log.exception("a reader of room %s failed", self._document)
