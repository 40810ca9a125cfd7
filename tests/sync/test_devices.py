"""Random devices, networks, disks and servers in virtual time: copies are equal, nothing is lost.

Each seed is one story, told by `tests/simulation.py`. A seed that fails becomes a named test.
"""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from measures import Measures
from simulated_documents import Board, OpenDocument
from simulation import World
from virtual_time import run_virtually

SEED = 20261127
STEPS = 100


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: it is not the disk that is tried here."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


def tell(
    seed: int, folder: Path, measures: Measures, subject: OpenDocument, lives: int = 3
) -> None:
    """Live one story, and hold its end to what is promised."""
    print(f"seed {seed}, {subject.document}")
    folder.mkdir()

    async def live() -> World:
        world = World(seed, folder, subject)
        await world.live(lives, STEPS)
        return world

    world = run_virtually(live())
    contents = world.contents()
    edits = world.edits()
    marks = subject.marks(contents[0])
    measures.queue(len(edits & marks), len(edits))
    assert measures.quiet_point(map(digest, contents)), f"seed {seed}: unequal"
    assert edits == marks, f"seed {seed}: an edit is lost"
    assert subject.faults(contents[0]) == [], f"seed {seed}"


def digest(content: dict[str, object]) -> str:
    """The same for contents whose maps came in another order."""
    return json.dumps(content, sort_keys=True)


@pytest.mark.rule("A1", "A2", "P1", "P3", "B2", "H3", "H4")
@pytest.mark.parametrize("subject", [OpenDocument(), Board()], ids=["open", "board"])
@pytest.mark.parametrize("seed", range(SEED, SEED + 4))
def test_F4_F11_F13_F24_every_story_ends_with_equal_copies_and_every_edit_once(
    seed: int, folder: Path, measures: Measures, subject: OpenDocument
) -> None:
    tell(seed, folder / "story", measures, subject)


@pytest.mark.trust
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("subject", [OpenDocument(), Board()], ids=["open", "board"])
def test_F4_F11_F13_F24_hundreds_of_stories_end_so(
    folder: Path, measures: Measures, subject: OpenDocument
) -> None:
    for seed in range(SEED + 1000, SEED + 1120):
        tell(seed, folder / str(seed), measures, subject)
