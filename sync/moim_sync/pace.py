"""How often a room may flush: flushing takes a fifth of the thread at most."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Pace:
    """The pauses between the flushes of one room.

    Work is counted in processor time: on a busy machine longer pauses would make everything later
    still. The time of the commit is gathering time already.

    Args:
        clock: seconds, monotonic.
        work_clock: seconds of processor time of this thread.
        window_s: the longest pause.
    """

    def __init__(
        self, clock: Callable[[], float], work_clock: Callable[[], float], window_s: float
    ) -> None:
        self._clock = clock
        self._work_clock = work_clock
        self._window_s = window_s
        self._began_s = 0.0
        self._work_s = 0.0
        self._next_s = 0.0

    def pause_s(self) -> float:
        """How long until the next flush may begin; 0 or less for now."""
        return self._next_s - self._clock()

    def begin(self) -> None:
        """A flush begins."""
        self._began_s = self._clock()
        self._work_s = 0.0

    @contextmanager
    def working(self) -> Iterator[None]:
        """Count what is done inside as work of the flush."""
        self._work_s -= self._work_clock()
        yield
        self._work_s += self._work_clock()

    def end(self) -> float:
        """The flush is over; gives the seconds that it took, the commit included."""
        self._next_s = self._began_s + self.period_s(self._work_s)
        return self._clock() - self._began_s

    def period_s(self, work_s: float) -> float:
        """How long after one flush began the next may, when the first took so much work."""
        return work_s + min(4 * work_s, self._window_s)
