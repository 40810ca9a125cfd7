"""Programs in JavaScript edit a text by index, late, while a real Yjs types in it."""

import random
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Any

import pytest

from hub_rig import rig
from peers.peer_process import NodeProcess
from text_story import Cut, Program, Story

pytestmark = pytest.mark.anyio


class YjsTypist:
    """Somebody with a copy in Yjs."""

    def __init__(self, node: NodeProcess) -> None:
        self._node = node

    def text(self) -> str:
        return str(self._node.tell("text"))

    def type(self, cut: Cut) -> bytes:
        return b64decode(self._node.tell("type", *cut))

    def state(self) -> bytes:
        return b64decode(self._node.tell("state"))

    def hear(self, update: bytes) -> None:
        self._node.tell("hear", b64encode(update).decode())


class JavaScriptProgram(Program):
    """One whose counts are those of JavaScript's strings."""

    def __init__(self, node: NodeProcess, version: int, text: str) -> None:
        super().__init__("utf16", version, text)
        self._node = node

    def operations(self, cuts: Sequence[Cut]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._node.tell("operations", self.text, cuts)
        return found


@pytest.mark.parametrize("seed", range(4))
async def test_late_edits_meet_those_of_yjs_and_all_read_the_same(seed: int) -> None:
    choose = random.Random(seed)
    with NodeProcess("notes_program.mjs") as node:
        async with rig() as rigged:
            story = await Story.begin(rigged)
            story.typists.append(YjsTypist(node))
            await story.meet(2)
            story.programs[0] = JavaScriptProgram(node, *await story.now())
            for _ in range(40):
                await one_deed(story, choose)
            await story.end()
            assert rigged.hub.rebuilder.rebuilt["here"] > 3


async def one_deed(story: Story, choose: random.Random) -> None:
    spots = [
        (choose.randrange(1001), choose.randrange(4), choose.randrange(4))
        for _ in range(choose.choice((1, 1, 2)))
    ]
    who = choose.randrange(3)
    deed = choose.choice(("type", "type", "edit", "edit", "meet"))
    if deed == "type":
        story.type(who, spots)
    elif deed == "meet":
        await story.meet(who)
    else:
        await story.edit(who, spots, choose.random() < 0.5)
