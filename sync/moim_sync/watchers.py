"""Who wants to be called when a document has changed."""

import logging
from collections.abc import Callable
from threading import Lock

from moim_data.store import DocumentId

log = logging.getLogger(__name__)


class Watchers:
    """Calls of other programs, from and to any thread."""

    def __init__(self, document: DocumentId) -> None:
        self._document = document
        self._lock = Lock()
        self._calls: list[Callable[[], None]] = []

    def add(self, notify: Callable[[], None]) -> Callable[[], None]:
        """Call `notify` from now on; gives what ends it."""
        with self._lock:
            self._calls.append(notify)

        def unwatch() -> None:
            with self._lock:
                if notify in self._calls:
                    self._calls.remove(notify)

        return unwatch

    def notify(self) -> None:
        """Call all; what one of them raises is logged and ends nothing."""
        with self._lock:
            calls = list(self._calls)
        for call in calls:
            try:
                call()
            except Exception:  # the rim: a fault of theirs must not stop the others
                log.exception("%s: a watcher failed", self._document)
