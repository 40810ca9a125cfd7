"""Stories of a `World` that Hypothesis chooses, step by step, and shortens when one ends badly.

Nothing is left to chance: what the seeded stories draw in the background (delays, snapshots) is set
by steps of their own here and then stays, so that leaving a step out changes nothing else.
A failure prints the shortest story as Python, and `@reproduce_failure`, which goes on `machine` in
`tests/sync/test_devices.py`.
"""

import asyncio
import random
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from measures import Measures
from moim_sync.messages import Push
from simulated_devices import Device
from simulated_documents import NAMES, OpenDocument
from simulated_wires import MISHAPS, Fate, Mishap, Way
from simulation import World
from virtual_time import virtual_runner

T = TypeVar("T")
FRAMES = [(way, mishap) for way, mishaps in MISHAPS.items() for mishap in mishaps]
LUCK = st.sampled_from((0.1, 0.6, 0.95))


class Steady(random.Random):
    """Draws the same until it is told another number; bytes are always new ones."""

    def __init__(self) -> None:
        super().__init__(0)
        self.luck = 0.1

    def random(self) -> float:
        return self.luck


class StoryMachine(RuleBasedStateMachine):
    """One story; between its steps time stands still."""

    devices = Bundle("devices")

    def __init__(self, folder: Path, subject: OpenDocument, measures: Measures) -> None:
        super().__init__()
        self._measures = measures
        self._folder = tempfile.TemporaryDirectory(dir=folder)
        self._disk_luck = Steady()
        self._luck: dict[Device, Steady] = {}
        self._is_whole = True
        self._time = virtual_runner()
        self.world = World(Path(self._folder.name), subject, self._disk_luck)
        self._do(self.world.start())

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        """Let a step happen, and nothing after it."""
        try:
            return self._time.run(work)
        except BaseException:
            self._is_whole = False
            raise

    async def _come(self) -> Device:
        luck = Steady()
        one = self.world.add_device(luck)
        self._luck[one] = luck
        return one

    @initialize(target=devices)
    def two_devices_come(self) -> MultipleResults[Device]:
        return multiple(self._do(self._come()), self._do(self._come()))

    @rule(target=devices)
    @precondition(lambda self: len(self.world.devices) < len(NAMES))
    def another_device_comes(self) -> Device:
        return self._do(self._come())

    @rule(one=devices, times=st.sampled_from((1, 2, 30)), what=st.randoms(use_true_random=False))
    def edit(self, one: Device, times: int, what: random.Random) -> None:
        async def edit() -> None:
            for _ in range(times if one.is_open else 0):
                one.edit(what)

        self._do(edit())

    @rule(one=devices, what=st.randoms(use_true_random=False))
    def edit_and_be_heard(self, one: Device, what: random.Random) -> None:
        async def edit() -> None:
            if one.is_open:
                one.edit(what)
                await asyncio.sleep(0.3)

        self._do(edit())

    @rule(ones=st.tuples(devices, devices), kind=st.integers(0, 9), draw=st.integers(0, 99))
    def edit_unseen(self, ones: tuple[Device, Device], kind: int, draw: int) -> None:
        """Two people do the same thing to the same before either hears of the other."""

        async def edit() -> None:
            for one in ones:
                if one.is_open:
                    one.edit(random.Random(draw), kind)
            await asyncio.sleep(0.3)

        self._do(edit())

    @rule(one=devices)
    def undo(self, one: Device) -> None:
        self._at_once(lambda: one.undo() if one.is_open else None)

    @rule(one=devices, state=st.sampled_from(("board", "card", None)))
    def show(self, one: Device, state: str | None) -> None:
        self._at_once(lambda: one.show(state) if one.is_open else None)

    @rule(one=devices)
    def decide(self, one: Device) -> None:
        self._at_once(lambda: one.decide() if one.is_open else None)

    @rule(one=devices, edit=st.booleans())
    def role(self, one: Device, edit: bool) -> None:
        self._at_once(lambda: self.world.let(one, edit))

    @rule(one=devices, frame=st.sampled_from(FRAMES))
    def mishap(self, one: Device, frame: tuple[Way, Mishap]) -> None:
        self._at_once(lambda: self.world.mishap(one, *frame))

    @rule(
        one=devices,
        fate=st.sampled_from(("lost", "overtaken", "repeated")),
        what=st.randoms(use_true_random=False),
    )
    def push_suffers(self, one: Device, fate: Fate, what: random.Random) -> None:
        """An edit suffers on its way, and another one follows."""

        async def edit() -> None:
            if one.is_open:
                self.world.mishap(one, "up", (fate, Push))
                one.edit(what)
                await asyncio.sleep(0.3)
                one.edit(what)
                await asyncio.sleep(0.3)

        self._do(edit())

    @rule(one=devices)
    def close_tab(self, one: Device) -> None:
        self._do(one.close())

    @rule()
    def calm(self) -> None:
        self._do(self.world.calm())

    @rule(seconds=st.sampled_from((0.3, 0.001, 0.02, 3.0, 12.0, 60.0)))
    def wait(self, seconds: float) -> None:
        self._do(asyncio.sleep(seconds))

    @rule(turns=st.integers(1, 6))
    def let_run(self, turns: int) -> None:
        async def run() -> None:
            for _ in range(turns):
                await asyncio.sleep(0)

        self._do(run())

    @rule(one=devices)
    def go_on_or_off(self, one: Device) -> None:
        self._at_once(lambda: self.world.go(one))

    @rule(one=devices)
    def cut(self, one: Device) -> None:
        self._at_once(lambda: self.world.cut(one))

    @rule(one=devices, way=st.sampled_from(("up", "down")))
    def hold(self, one: Device, way: Way) -> None:
        self._at_once(lambda: self.world.hold(one, way))

    @rule(one=devices)
    def release(self, one: Device) -> None:
        self._at_once(lambda: self.world.release(one))

    @rule(one=devices)
    def reload(self, one: Device) -> None:
        self._do(self.world.reload(one))

    @rule(one=devices, number=LUCK)
    def luck(self, one: Device, number: float) -> None:
        self._luck[one].luck = number

    @rule(number=LUCK)
    def disk_luck(self, number: float) -> None:
        self._disk_luck.luck = number

    @rule()
    def disk_waits(self) -> None:
        self._at_once(self.world.disk_waits)

    @rule()
    def disk_is_full(self) -> None:
        self._at_once(self.world.disk_is_full)

    @rule()
    def disk_goes_on(self) -> None:
        self._at_once(self.world.disk_goes_on)

    @rule(skew_ms=st.sampled_from((0, -3_600_000, 3_600_000)))
    def clock_steps(self, skew_ms: int) -> None:
        self.world.clock_steps(skew_ms)

    @rule(pause_s=st.sampled_from((0.0, 0.5, 5.0)))
    def kill(self, pause_s: float) -> None:
        self._do(self._restart(self.world.kill(), pause_s))

    @rule(pause_s=st.sampled_from((0.0, 0.5, 5.0)))
    def stop(self, pause_s: float) -> None:
        self._do(self._restart(self.world.stop(), pause_s))

    async def _restart(self, end: Coroutine[Any, Any, None], pause_s: float) -> None:
        await end
        self.world.require_kept()
        await asyncio.sleep(pause_s)
        await self.world.start()

    @invariant()
    def what_was_told_is_true(self) -> None:
        self._at_once(self.world.require_kept)

    def teardown(self) -> None:
        try:
            if self._is_whole:
                self._do(self._end())
                self.world.hold_to_promises(self._measures)
        finally:
            self._time.run(self.world.close())
            self._time.close()
            self._folder.cleanup()

    async def _end(self) -> None:
        await self.world.calm()
        await self.world.kill()
        await self.world.heal()

    def _at_once(self, step: Callable[[], None]) -> None:
        """Do something on the loop, where the world expects to be."""

        async def work() -> None:
            step()

        self._do(work())
