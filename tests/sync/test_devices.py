"""Devices, networks, disks, roles and servers in virtual time: copies are equal, nothing is lost.

Each seed is one story (`tests/seeded_stories.py`). Hypothesis chooses others and shortens one that
ends badly (`tests/story_machine.py`). A story that fails becomes a named test.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from measures import Measures
from seeded_stories import SeededStory
from simulated_documents import Board, OpenDocument
from story_machine import StoryMachine
from virtual_time import run_virtually

SEED = 20261127
LIVES, STEPS = 3, 100
promised = pytest.mark.rule(
    "A1", "A2", "P1", "P3", "B2", "H3", "H4", "E2", "G1", "G2", "C1", "C2", "C3", "R2", "R3"
)
both_subjects = pytest.mark.parametrize("subject", [OpenDocument(), Board()], ids=["open", "board"])
all_worlds = pytest.mark.parametrize(
    ("subject", "loses"),
    [(OpenDocument(), True), (Board(), True), (Board(), False)],
    ids=["open", "board", "board that loses no frame"],
)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory where there is one: it is not the disk that is tried here."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


def tell(number: int, folder: Path, measures: Measures, subject: OpenDocument, loses: bool) -> None:
    """Live one story of three lives, and hold its end to what is promised."""
    print(f"seed {number}, {subject.document}")
    folder.mkdir()

    async def live() -> None:
        world = await SeededStory(number, folder, subject, loses).live(LIVES, STEPS)
        world.hold_to_promises(measures)

    run_virtually(live())


def choose(
    folder: Path, measures: Measures, subject: OpenDocument, *, stories: int, steps: int
) -> None:
    """Let Hypothesis choose so many stories, always the same; it prints a bad one, shortened."""

    def machine() -> StoryMachine:
        return StoryMachine(folder, subject, measures)

    run_state_machine_as_test(
        seed(SEED)(machine),
        settings=settings(
            max_examples=stories,
            stateful_step_count=steps,
            database=None,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@promised
@all_worlds
@pytest.mark.parametrize("number", range(SEED, SEED + 4))
def test_F4_F11_F13_F18_F24_every_story_ends_with_equal_copies_and_every_edit_once(
    number: int, folder: Path, measures: Measures, subject: OpenDocument, loses: bool
) -> None:
    tell(number, folder / "story", measures, subject, loses)


@pytest.mark.trust
@pytest.mark.timeout(1200)
@all_worlds
def test_F4_F11_F13_F18_F24_a_hundred_stories_end_so(
    folder: Path, measures: Measures, subject: OpenDocument, loses: bool
) -> None:
    for number in range(SEED + 1000, SEED + 1040):
        tell(number, folder / str(number), measures, subject, loses)


@promised
@pytest.mark.timeout(400)
@both_subjects
def test_F4_F11_F13_F18_F24_no_chosen_story_loses_anything_on_its_way_or_at_its_end(
    folder: Path, measures: Measures, subject: OpenDocument
) -> None:
    choose(folder, measures, subject, stories=60, steps=30)


@pytest.mark.trust
@pytest.mark.timeout(1200)
@both_subjects
def test_F4_F11_F13_F18_F24_no_chosen_story_of_hundreds_does(
    folder: Path, measures: Measures, subject: OpenDocument
) -> None:
    choose(folder, measures, subject, stories=250, steps=60)
