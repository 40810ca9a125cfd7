"""One thread that tells watchers about changes, several changes at once."""

import threading
from collections.abc import Iterable
from typing import Protocol

COALESCE_S = 0.05
JOIN_TIMEOUT_S = 5.0


class Watched(Protocol):
    """Something that has watchers."""

    def notify_watchers(self) -> None:
        """Call every watcher; never raises."""


class Dispatcher:
    """Calls `notify_watchers` of whatever was marked, at most every `coalesce_s` seconds.

    Observers run inside somebody's edit; watchers read documents and take their time. So a mark is
    all that an edit leaves, and the calls are made here.
    """

    def __init__(self, name: str, coalesce_s: float = COALESCE_S) -> None:
        self._coalesce_s = coalesce_s
        self._condition = threading.Condition()
        self._marked: dict[Watched, None] = {}
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def mark(self, watched: Watched) -> None:
        """Have its watchers called soon; returns at once."""
        with self._condition:
            self._marked[watched] = None
            self._condition.notify()

    def close(self) -> None:
        """End the thread; what is marked is no longer told."""
        with self._condition:
            self._closed = True
            self._condition.notify()
        if threading.current_thread() is not self._thread:
            # not for ever: a watcher may wait for something that the caller holds
            self._thread.join(JOIN_TIMEOUT_S)

    def _run(self) -> None:
        while not self._closed:
            for watched in self._next_marked():
                watched.notify_watchers()
                del watched  # a document may be let go of while this thread waits

    def _next_marked(self) -> Iterable[Watched]:
        with self._condition:
            self._condition.wait_for(lambda: self._marked or self._closed)
            # what comes within this time is told in the same call
            self._condition.wait_for(lambda: self._closed, self._coalesce_s)
            marked, self._marked = self._marked, {}
            return () if self._closed else marked
