"""When a delivery that was not taken is sent again, and other times of webhooks."""

from collections.abc import Callable
from typing import Final

RETRY_S: Final = (5, 30, 120, 600, 1_800, 7_200, 18_000, 36_000)
"""After the first failure, the second, and so on; the last for all that follow."""
GIVE_UP_S: Final = 5 * 86_400
"""A webhook is turned off when its oldest delivery has not been taken for so long."""
OVERLAP_HOURS: Final = 24
"""How long a secret that was replaced also signs, if nobody says otherwise."""
_JITTER: Final = 0.2


def pause_ms(failures: int, retry_after_s: int, random: Callable[[], float]) -> int:
    """Give how long to wait after a number of failures of one delivery.

    Args:
        failures: at least 1.
        retry_after_s: what the receiver asked for; it is never sent earlier.
        random: from 0 up to 1, so that receivers that failed together are not asked together.
    """
    pause_s = RETRY_S[min(failures, len(RETRY_S)) - 1] * (1 + _JITTER * (2 * random() - 1))
    return round(max(pause_s, retry_after_s) * 1000)
