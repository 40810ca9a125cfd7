"""Random devices, networks, disks and servers in virtual time: copies are equal, nothing is lost.

Each seed is one story, told by `tests/simulation.py`. A seed that fails becomes a named test.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from measures import Measures
from simulation import World, doubled
from virtual_time import run_virtually

SEED = 20261127


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: it is not the disk that is tried here."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


def tell(seed: int, folder: Path, measures: Measures, lives: int = 3, steps: int = 100) -> None:
    """Live one story, and hold its end to what is promised."""
    print(f"seed {seed}")
    folder.mkdir()

    async def live() -> World:
        world = World(seed, folder)
        await world.live(lives, steps)
        return world

    world = run_virtually(live())
    contents = world.contents()
    edits = world.edits()
    measures.queue(len(edits & set(contents[0]["made"])), len(edits))
    assert measures.quiet_point(map(str, map(sorted_content, contents))), f"seed {seed}: unequal"
    assert edits == set(contents[0]["made"]), f"seed {seed}: an edit is lost"
    assert not doubled(contents[0], edits), f"seed {seed}: an edit is there twice"


def sorted_content(found: dict[str, object]) -> object:
    """The same for contents whose maps came in another order."""
    return [
        sorted(value.items(), key=str) if isinstance(value, dict) else value
        for value in found.values()
    ]


@pytest.mark.rule("A1", "A2", "P1", "P3", "B2", "H3", "H4")
@pytest.mark.parametrize("seed", range(SEED, SEED + 8))
def test_F4_F11_F13_F24_every_story_ends_with_equal_copies_and_every_edit_once(
    seed: int, folder: Path, measures: Measures
) -> None:
    tell(seed, folder / "story", measures)


@pytest.mark.trust
@pytest.mark.timeout(1200)
def test_F4_F11_F13_F24_hundreds_of_stories_end_so(folder: Path, measures: Measures) -> None:
    for seed in range(SEED + 1000, SEED + 1240):
        tell(seed, folder / str(seed), measures)
