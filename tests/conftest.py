"""Servers and browsers for the tests; each cleans up after itself.

`serve` gives real `moim serve` processes, `windows` real Chromium windows that fail the test when
they ask another host for something or print to the console.
"""

import os
import shutil
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, Playwright, sync_playwright

from browser_windows import CHROMIUM_FLAGS, Windows
from demo_servers import Demos
from item_reports import REPORTS, failed, print_log_of_failed
from measures import Measures
from moim_process import MoimProcess, free_port

# One day for everybody: the demo is made around the server's today, people look at it from Seoul,
# and between 15:00 and 24:00 UTC theirs is another day than that of a machine in UTC.
os.environ["TZ"] = "Asia/Seoul"
time.tzset()

# A time limit of one example says how busy the machine is; pytest's timeout ends what hangs.
# The same examples in every run: what a random one finds becomes a case that stays (`@example`).
settings.register_profile("moim", deadline=None, derandomize=True)
settings.load_profile("moim")

MEASURES = pytest.StashKey[Measures]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs browser tests last: Playwright keeps an event loop running from the first one on."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keeps each phase's report, so that fixtures know at their end whether the test failed."""
    report = yield
    item.stash.setdefault(REPORTS, {})[report.when] = report
    return report


def pytest_configure(config: pytest.Config) -> None:
    """Starts the count of what the tests measure."""
    config.stash[MEASURES] = Measures()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells stability, consistency and queue reliability, where tests have measured them."""
    if lines := terminalreporter.config.stash[MEASURES].lines():
        terminalreporter.section("what was measured of the promises")
        terminalreporter.write("".join(f"{line}\n" for line in lines))


@pytest.fixture(scope="session")
def measures(pytestconfig: pytest.Config) -> Measures:
    """Where tests add what they have measured of the promises."""
    return pytestconfig.stash[MEASURES]


@pytest.fixture(autouse=True, scope="session")
def own_data_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps the outbox files of `moim.connect` out of the home folder of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("data_home")))
        yield


@pytest.fixture
def serve(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., MoimProcess]]:
    """Starts `moim serve` with the options given; `started=False` leaves the start to the test."""
    servers: list[MoimProcess] = []

    def make(*options: str, folder: Path | None = None, started: bool = True) -> MoimProcess:
        folder = folder or tmp_path_factory.mktemp("moim")
        server = MoimProcess(folder, free_port(), *options)
        servers.append(server)
        if started:
            server.start()
        return server

    yield make
    for server in servers:
        server.kill()
        print_log_of_failed(request.node, server)


@pytest.fixture(scope="session")
def demos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demos]:
    demos = Demos(tmp_path_factory)
    yield demos
    demos.close()


@pytest.fixture
def own_demo(request: pytest.FixtureRequest, demos: Demos) -> Iterator[MoimProcess]:
    """A server of its own with the demo's documents."""
    server = demos.take()
    yield server
    server.kill()
    print_log_of_failed(request.node, server)


@pytest.fixture
def demo(own_demo: MoimProcess) -> MoimProcess:
    """A server with the demo's documents; browser tests may share one, or have page workers."""
    return own_demo


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium_path() -> str:
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("chromium is not installed: `make browser` installs it on Debian")
    return path


@pytest.fixture(scope="session")
def chromium(playwright: Playwright, chromium_path: str) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def windows(
    request: pytest.FixtureRequest,
    chromium: Browser,
    playwright: Playwright,
    chromium_path: str,
    tmp_path: Path,
) -> Iterator[Windows]:
    """Opens Chromium windows, each a person of its own; checks them when the test has passed."""
    opened = Windows(chromium, playwright, chromium_path)
    yield opened
    try:
        if failed(request.node):
            opened.print_state(tmp_path)
        else:
            opened.assert_quiet()
    finally:
        opened.close()
