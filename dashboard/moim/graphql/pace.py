"""Long lists, given so that others have their turn."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, TypeVar, cast

T = TypeVar("T")

TURN_S: Final = 0.005
"""For which one list may keep the event loop; what is answered meanwhile waits as long."""
SHORT: Final = 20
"""A list that nobody has to wait for."""


def paced(things: list[T], clock: Callable[[], float] = time.perf_counter) -> list[T]:
    """Give a list whose fields are resolved in turns with everything else that goes on here.

    The execution takes what it gives one by one, and resolves each before it takes the next.
    """
    return things if len(things) <= SHORT else cast(list[T], _in_turns(things, clock))


async def _in_turns(things: list[Any], clock: Callable[[], float]) -> AsyncIterator[Any]:
    began_s = clock()
    for one in things:
        if clock() - began_s > TURN_S:
            await asyncio.sleep(0)
            began_s = clock()
        yield one
