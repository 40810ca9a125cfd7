"""Stories of a `World` that one seed tells: who does what, how often, and what goes wrong when."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from moim_sync.messages import Push
from simulated_devices import Device
from simulated_documents import NAMES, OpenDocument
from simulated_wires import MISHAPS, Fate, Way
from simulation import World


class SeededStory:
    """A world of two to six devices, and the chance that moves it.

    Args:
        loses: whether single frames are lost or overtaken; who lost what is uncertain then.
    """

    def __init__(self, seed: int, folder: Path, subject: OpenDocument, loses: bool = True) -> None:
        self._loses = loses
        self.chance = random.Random(seed)
        self.world = World(folder, subject, self.chance)
        for _ in range(self.chance.randrange(2, len(NAMES) + 1)):
            self.world.add_device(self.chance)

    async def live(self, lives: int, steps: int) -> World:
        """Let things happen over so many lives of the server, then heal."""
        for _ in range(lives):
            await self.world.start()
            for _ in range(self.chance.randrange(steps // 4, steps)):
                await self._step()
            if self.chance.random() < 0.5:
                await self.world.calm()
            await self._end_server()
        await self.world.heal()
        await self.world.close()
        return self.world

    async def _step(self) -> None:
        one = self.chance.choice(self.world.devices)
        steps = _STEPS if one.is_open else _STEPS_OF_CLOSED
        what = self.chance.choices(list(steps), [weight for weight, _ in steps.values()])[0]
        done = _STEPS[what][1](self, one)
        if done is not None:
            await done
        for _ in range(self.chance.randrange(4)):
            await asyncio.sleep(0)

    def _edit(self, one: Device) -> None:
        for _ in range(self.chance.choice((1, 1, 1, 2, 30))):
            one.edit(self.chance)

    async def _wait(self, _: Device) -> None:
        await asyncio.sleep(self.chance.choice((0.001, 0.02, 0.3, 3.0, 12.0, 60.0)))

    def _hold(self, one: Device) -> None:
        self.world.hold(one, self.chance.choice(("up", "down")))

    def _mishap(self, one: Device) -> None:
        way: Way = self.chance.choice(("up", "down"))
        mishap = self.chance.choice(MISHAPS[way])
        if self._loses or mishap[0] == "repeated":
            self.world.mishap(one, way, mishap)

    async def _push_suffers(self, one: Device) -> None:
        """An edit suffers on its way, and another one follows."""
        fate: Fate = self.chance.choice(("lost", "overtaken", "repeated"))
        self.world.mishap(one, "up", (fate if self._loses else "repeated", Push))
        for _ in range(2):
            one.edit(self.chance)
            await asyncio.sleep(0.01)

    def _role(self, one: Device) -> None:
        self.world.let(one, self.chance.random() < 0.7)

    async def _restart(self, _: Device) -> None:
        await self._end_server()
        await asyncio.sleep(self.chance.choice((0.0, 0.5, 5.0)))
        await self.world.start()

    async def _end_server(self) -> None:
        await (self.world.kill() if self.chance.random() < 0.7 else self.world.stop())
        self.world.require_kept()


_STEPS: Mapping[str, tuple[int, Callable[[SeededStory, Device], Awaitable[None] | None]]] = {
    "edit": (30, SeededStory._edit),
    "wait": (12, SeededStory._wait),
    "go on or off": (8, lambda story, one: story.world.go(one)),
    "cut": (4, lambda story, one: story.world.cut(one)),
    "hold": (5, SeededStory._hold),
    "release": (8, lambda story, one: story.world.release(one)),
    "undo": (6, lambda _, one: one.undo()),
    "show": (3, lambda story, one: one.show(story.chance.choice(("board", "card", None)))),
    "decide": (3, lambda _, one: one.decide()),
    "mishap": (3, SeededStory._mishap),
    "push suffers": (2, SeededStory._push_suffers),
    "role": (3, SeededStory._role),
    "close": (1, lambda _, one: one.close()),
    "reload": (4, lambda story, one: story.world.reload(one)),
    "disk waits": (3, lambda story, _: story.world.disk_waits()),
    "disk is full": (2, lambda story, _: story.world.disk_is_full()),
    "disk goes on": (6, lambda story, _: story.world.disk_goes_on()),
    "clock steps": (
        2,
        lambda story, _: story.world.clock_steps(story.chance.choice((-3_600_000, 0, 3_600_000))),
    ),
    "restart": (1, SeededStory._restart),
}
"""What may happen, and how often."""
_STEPS_OF_CLOSED = {name: _STEPS[name] for name in ("wait", "role", "reload", "restart")}
