"""Edits by index meet edits of real copies, in any order: everybody reads the same in the end."""

import asyncio
from typing import Any

from hypothesis import example, given, seed, settings
from hypothesis import strategies as st

from hub_rig import rig
from moim_sync.text_rebuilder import TextRebuilder
from text_story import Story

SPOTS = st.lists(
    st.tuples(st.integers(0, 1000), st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=3
)
STEPS = st.one_of(
    st.tuples(st.just("type"), st.integers(0, 1), SPOTS),
    st.tuples(st.just("meet"), st.integers(0, 1)),
    st.tuples(st.just("edit"), st.integers(0, 2), SPOTS, st.booleans()),
)


async def told(steps: list[Any], here_bytes: int) -> dict[str, int]:
    async with rig() as rigged:
        rigged.hub.rebuilder = TextRebuilder(rigged.store, here_bytes)
        story = await Story.begin(rigged)
        for deed, *details in steps:
            doing = getattr(story, deed)(*details)
            if doing is not None:
                await doing
        await story.end()
        return dict(rigged.hub.rebuilder.rebuilt)


@seed(20261127)
@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, min_size=4, max_size=24))
@example(
    [
        ("edit", 0, [(0, 0, 2)], True),
        ("type", 0, [(500, 2, 3)]),
        ("edit", 1, [(500, 3, 1), (1000, 0, 1)], False),
        ("meet", 0),
        ("edit", 1, [(0, 4, 2)], True),
        ("edit", 2, [(0, 4, 2), (900, 1, 0)], False),
    ]
)
def test_all_copies_read_the_same_and_what_was_meant(steps: list[Any]) -> None:
    asyncio.run(told(steps, 128 * 1024))


def test_a_rebuild_in_a_process_comes_to_the_same() -> None:
    steps = [
        ("type", 0, [(300, 1, 2)]),
        ("meet", 0),
        ("edit", 0, [(200, 2, 2), (1000, 0, 1)], False),
        ("type", 1, [(600, 3, 3)]),
        ("edit", 1, [(100, 3, 2)], True),
        ("meet", 1),
        ("edit", 2, [(0, 0, 3), (700, 1, 1)], True),
    ]
    assert asyncio.run(told(steps, 0)) == {"process": 3}
