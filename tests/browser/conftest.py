"""What most browser tests begin with: one or two people at the demo's board."""

from typing import Any

import pytest

from board_page import BoardPage
from browser_windows import Windows
from moim_process import MoimProcess

LAUNCH = "project/launch"
TALL: dict[str, Any] = {"viewport": {"width": 1680, "height": 1600}, "locale": "en-US"}


@pytest.fixture
def launch(demo: MoimProcess) -> str:
    """The address of the demo's board."""
    return f"{demo.url}/{LAUNCH}"


@pytest.fixture
def at_board(request: pytest.FixtureRequest, launch: str, windows: Windows) -> list[BoardPage]:
    """One or two people at the board; two windows load at once, which takes the time of one."""
    count = 2 if "other" in request.fixturenames else 1
    boards = [BoardPage(windows.open(launch, **TALL)) for _ in range(count)]
    return [board.ready() for board in boards]


@pytest.fixture
def board(at_board: list[BoardPage]) -> BoardPage:
    return at_board[0]


@pytest.fixture
def other(at_board: list[BoardPage]) -> BoardPage:
    """Another person at the same board."""
    return at_board[1]
