"""A project's log of changes, followed by the charts of one page process.

That the document has changed is the sign to look; what has changed is read from the log, so that a
chart never shows anything but what is on the hub's disk. One reading at a time, however fast edits
come, and all charts of a project share it. It is read off the session's thread, and not before a
chart asks.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from moim.binding import Watched
from moim.change_reader import ChangePage
from moim.errors import ReadingFailed
from moim.insights.flow.history import Column, History, HistoryReader

Read = Callable[[str], ChangePage]
"""Gives the page of the log after a place. Raises ReadingFailed."""
FROM_THE_BEGINNING = "0"


class FollowsHistory(Protocol):
    """Where charts have a project's history from."""

    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        """Call `notify`, from any thread, when there is more; gives a function that ends it."""

    def history(self, columns: Sequence[Column]) -> History | None:
        """Give what is known so far; None before all of it was read once."""


class ProjectLog:
    """The log of one project, read while somebody watches.

    Args:
        document: says when to look again.
        run: runs work in another thread.
    """

    def __init__(
        self, document: Watched, read: Read, run: Callable[[Callable[[], None]], object]
    ) -> None:
        self.document = document
        self._read = read
        self._run = run
        self._lock = threading.Lock()
        self._watchers: list[Callable[[], None]] = []
        self._stop: Callable[[], None] | None = None
        self._reading = False
        self._again = False
        self._known: History | None = None
        self._forget()

    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        """Call `notify`, from any thread, when there is more; gives a function that ends it."""
        with self._lock:
            self._watchers.append(notify)
            if self._stop is None:
                self._stop = self.document.watch(self._look)
        self._look()

        def end() -> None:
            with self._lock:
                if notify in self._watchers:
                    self._watchers.remove(notify)
                if self._watchers or self._stop is None:
                    return
                stop, self._stop = self._stop, None
                self._forget()
            stop()

        return end

    def history(self, columns: Sequence[Column]) -> History | None:
        """Give what is known so far; None before all of it was read once."""
        with self._lock:
            if not self._whole:
                return None
            known = self._known
            if known is None or known.columns != tuple(columns):
                known = self._known = self._reader.history(columns)
            return known

    def _forget(self) -> None:
        self._reader = HistoryReader()
        self._since = FROM_THE_BEGINNING
        self._lineage = ""
        self._whole = False
        self._known = None

    def _look(self) -> None:
        with self._lock:
            if self._reading:
                self._again = True
                return
            self._reading = True
        self._run(self._read_on)

    def _read_on(self) -> None:
        while True:
            with self._lock:
                since, self._again = self._since, False
            try:
                page = self._read(since)
            except ReadingFailed:
                page = None  # it is asked again with the next change, or when the hub is back
            with self._lock:
                more = page is not None and self._take(page, since)
                if not more and not self._again:
                    self._reading = False
                    break
        for notify in list(self._watchers):
            notify()

    def _take(self, page: ChangePage, since: str) -> bool:
        """Take an answer; True when there is more to read."""
        if since != self._since:
            return True  # forgotten meanwhile
        if self._lineage not in ("", page.lineage):
            self._forget()  # another document of this name, as a restored one
            return True
        self._lineage, self._since = page.lineage, page.next
        if page.changes:
            self._reader.add(page.changes)
            self._known = None
        self._whole = self._whole or not page.more
        return page.more
