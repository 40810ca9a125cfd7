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
def board(launch: str, windows: Windows) -> BoardPage:
    return BoardPage(windows.open(launch, **TALL)).ready()


@pytest.fixture
def other(launch: str, windows: Windows, board: BoardPage) -> BoardPage:
    """Another person at the same board, come after the first."""
    return BoardPage(windows.open(launch, **TALL)).ready()
