"""What most browser tests begin with: one or two people at the demo's board.

Tests marked `same_people` share a server and two people with those of their file, and load the
board anew: what a test has done on it is there for the next, which makes cards of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright

from board_page import BoardPage
from browser_windows import Window, Windows
from client_package import ClientPackage
from demo_servers import Demos
from example_page import build_example
from item_reports import failed
from moim_process import MoimProcess
from static_site import StaticSite

LAUNCH = "project/launch"
TALL: dict[str, Any] = {"viewport": {"width": 1680, "height": 1600}, "locale": "en-US"}


@pytest.fixture(scope="session")
def example_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaticSite]:
    """The page of `examples/board`, built from the packed client, on an origin of its own."""
    package = ClientPackage(tmp_path_factory.mktemp("package"))
    with StaticSite(build_example(package, tmp_path_factory.mktemp("example"))) as started:
        yield started


@dataclass(frozen=True, slots=True)
class SamePeople:
    """A server, and the windows of two people at its board."""

    server: MoimProcess
    windows: Windows
    two: list[Window]

    def at(self, address: str, count: int) -> list[Window]:
        """The windows of so many of them, on their way to an address; a closed one is another."""
        for number in range(count):
            if self.two[number].page.is_closed():
                self.two[number] = self.windows.open(address, **TALL)
            else:
                self.two[number].page.goto(address, wait_until="commit")
        return self.two[:count]

    def leave(self) -> None:
        """Shows nothing in any of them, and forgets what they printed."""
        for window in self.two:
            if not window.page.is_closed():
                window.page.goto("about:blank")
            window.printed.clear()


@pytest.fixture(scope="module")
def shared_server(demos: Demos) -> Iterator[MoimProcess]:
    """The server of the people of a file."""
    server = demos.take()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def same_people(
    shared_server: MoimProcess, chromium: Browser, playwright: Playwright, chromium_path: str
) -> Iterator[SamePeople]:
    windows = Windows(chromium, playwright, chromium_path)
    two = [windows.open("about:blank", **TALL) for _ in range(2)]
    yield SamePeople(shared_server, windows, two)
    windows.close()


def are_the_same(request: pytest.FixtureRequest) -> bool:
    return request.node.get_closest_marker("same_people") is not None


@pytest.fixture
def demo(request: pytest.FixtureRequest) -> MoimProcess:
    """The server: of the file's people where the test is marked so, else one of its own."""
    if are_the_same(request):
        shared: SamePeople = request.getfixturevalue("same_people")
        return shared.server
    own: MoimProcess = request.getfixturevalue("own_demo")
    return own


@pytest.fixture
def launch(demo: MoimProcess) -> str:
    """The address of the demo's board."""
    return f"{demo.url}/{LAUNCH}"


@pytest.fixture
def at_board(
    request: pytest.FixtureRequest, launch: str, windows: Windows, tmp_path: Path
) -> Iterator[list[BoardPage]]:
    """One or two people at the board; two windows load at once, which takes the time of one."""
    count = 2 if "other" in request.fixturenames else 1
    if not are_the_same(request):
        opened = [BoardPage(windows.open(launch, **TALL)) for _ in range(count)]
        yield [board.ready() for board in opened]
        return
    shared: SamePeople = request.getfixturevalue("same_people")
    yield [BoardPage(window).ready() for window in shared.at(launch, count)]
    if failed(request.node):
        shared.windows.print_state(tmp_path)
    else:
        shared.windows.assert_quiet()
    shared.leave()


@pytest.fixture
def board(at_board: list[BoardPage]) -> BoardPage:
    return at_board[0]


@pytest.fixture
def other(at_board: list[BoardPage]) -> BoardPage:
    """Another person at the same board."""
    return at_board[1]
