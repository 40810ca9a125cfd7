"""How soon somebody may try a password again after failing."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_REMEMBERED = 10_000
_FORGET_S = 3_600.0


@dataclass(slots=True)
class _Tries:
    count: int
    free_at_s: float
    last_at_s: float


class Throttle:
    """A few tries are free; each one more doubles the wait, up to a limit.

    Args:
        free: tries before the first wait.
        most_s: the longest wait.
        clock: seconds, monotonic.
    """

    def __init__(self, free: int, most_s: float, clock: Callable[[], float]) -> None:
        self._free = free
        self._most_s = most_s
        self._clock = clock
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def take(self, key: str) -> float:
        """Count a try and give 0, or give the seconds until the next one, which counts nothing.

        A try counts before anybody knows how it ends: many at once are many tries.
        """
        now_s = self._clock()
        tries = self._tries.get(key)
        if tries is None or now_s - tries.last_at_s > _FORGET_S:
            tries = self._tries[key] = _Tries(0, now_s, now_s)
        if now_s < tries.free_at_s:
            return tries.free_at_s - now_s
        tries.count += 1
        tries.last_at_s = now_s
        over = tries.count - self._free
        if over >= 0:
            tries.free_at_s = now_s + min(self._most_s, 2.0 ** min(over, 30))
        self._tries.move_to_end(key)
        if len(self._tries) > _REMEMBERED:
            self._tries.popitem(last=False)
        return 0.0

    def undo(self, key: str) -> None:
        """Take one try back: it has succeeded. Earlier ones of others still count."""
        tries = self._tries.get(key)
        if tries is not None:
            tries.count -= 1
            tries.free_at_s = self._clock()

    def forgive(self, key: str) -> None:
        """Forget the tries of somebody who has succeeded."""
        self._tries.pop(key, None)
