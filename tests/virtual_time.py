"""An event loop whose clock jumps: nothing ever waits, and hours pass in a second.

When everything that can run has run, the clock goes to the next timer. What happens is therefore
decided by the program alone, and a story with the same seed happens again in the same order.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _NoWaiting(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Gives what is ready; where a loop would sleep, its clock is moved on instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None:
            raise RuntimeError("nothing will ever happen again: everything waits for something")
        self.now_s += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its `time()` starts at 0 and moves only from timer to timer."""

    def __init__(self) -> None:
        self._virtual = _NoWaiting()
        super().__init__(self._virtual)

    def time(self) -> float:
        """Seconds of the simulation."""
        return self._virtual.now_s


def virtual_runner() -> asyncio.Runner:
    """Give a runner of coroutines whose time goes on from the one to the next."""
    return asyncio.Runner(loop_factory=VirtualLoop)


def run_virtually(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in virtual time."""
    with virtual_runner() as runner:
        return runner.run(work)
