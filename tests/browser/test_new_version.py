"""A new version of the server: its pages are taken whole, and open pages of the old one go on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from board_page import BoardPage
from browser.conftest import LAUNCH, TALL
from browser_windows import Windows
from calendar_page import CalendarPage
from moim_process import MoimProcess
from offline_page import build_of, builds_kept, expect_builds_kept, expect_kept
from own_build import OwnBuild
from shell_page import ShellPage

pytestmark = [pytest.mark.browser, pytest.mark.trust, pytest.mark.timeout(180)]
OLD, NEW = '"Add card"', '"Add one card"'


@pytest.fixture
def build(tmp_path: Path) -> OwnBuild:
    return OwnBuild(tmp_path)


@pytest.fixture
def server(build: OwnBuild, tmp_path: Path) -> Iterator[MoimProcess]:
    """A server of the old version."""
    with build.server(tmp_path, "--demo", "--workers", "0") as started:
        yield started


@pytest.fixture
def person(server: MoimProcess, windows: Windows) -> BrowserContext:
    return windows.person(**TALL)


@pytest.fixture
def old(server: MoimProcess, windows: Windows, person: BrowserContext) -> BoardPage:
    """A window of the old version, whose build is kept."""
    board = BoardPage(windows.open(f"{server.url}/{LAUNCH}", person)).ready()
    expect_kept(board.page, "workspace", LAUNCH)
    expect(add_buttons(board.page, "Add card").first).to_be_visible()
    windows.allow_server_away()
    return board


def add_buttons(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def upgrade(server: MoimProcess, build: OwnBuild) -> None:
    server.stop()
    build.say(OLD, NEW)
    server.start()


def test_the_new_version_is_taken_at_the_next_visit_and_opens_without_the_server(
    server: MoimProcess, build: OwnBuild, windows: Windows, person: BrowserContext, old: BoardPage
) -> None:
    first = build_of(old.page)
    upgrade(server, build)
    old.page.reload()
    expect(add_buttons(old.page, "Add one card").first).to_be_visible()
    second = build_of(old.page)
    assert second != first
    expect_builds_kept(old.page, {second})
    server.stop()
    again = BoardPage(windows.open(f"{server.url}/{LAUNCH}", person)).ready()
    expect(add_buttons(again.page, "Add one card").first).to_be_visible()
    assert build_of(again.page) == second


def test_a_page_of_the_old_version_goes_on_with_files_that_no_server_has_any_more(
    server: MoimProcess, build: OwnBuild, windows: Windows, person: BrowserContext, old: BoardPage
) -> None:
    first = build_of(old.page)
    upgrade(server, build)
    new = BoardPage(windows.open(f"{server.url}/{LAUNCH}", person)).ready()
    second = build_of(new.page)
    expect_builds_kept(new.page, {first, second})
    old.expect_pill("saved")
    assert not list(build.static.glob(calendar_code(old.page)))
    ShellPage(old.window).go("calendar", "팀 일정")
    expect(CalendarPage(old.window).events.first).to_be_visible()
    old.page.close()
    new.page.reload()
    expect_builds_kept(new.page, {second})


def calendar_code(page: Page) -> str:
    """The name of the file that draws calendars in the build that a page runs."""
    names: list[str] = page.evaluate(
        "build => caches.open(build).then(cache => cache.keys()).then(all => all.map(r => r.url))",
        build_of(page),
    )
    (name,) = (name for name in names if "calendar_view" in name)
    return name.rsplit("/", 1)[1]


def test_a_version_that_cannot_be_kept_whole_is_not_kept_at_all(
    server: MoimProcess, build: OwnBuild, windows: Windows, person: BrowserContext, old: BoardPage
) -> None:
    first = build_of(old.page)
    server.stop()
    build.say(OLD, NEW)
    (missing,) = build.static.glob("markdown-*.js")
    missing.unlink()
    server.start()
    old.expect_pill("saved")
    failed = old.page.evaluate(
        """async () => {
          const registration = await navigator.serviceWorker.ready;
          const found = new Promise(resolve => registration.addEventListener("updatefound", () => {
            const worker = registration.installing;
            worker.addEventListener("statechange", () => {
              if (worker.state !== "installing") resolve(worker.state);
            });
          }));
          await registration.update();
          return await found;
        }"""
    )
    assert failed == "redundant"
    assert builds_kept(old.page) == [first]
    server.stop()
    again = BoardPage(windows.open(f"{server.url}/{LAUNCH}", person)).ready()
    expect(add_buttons(again.page, "Add card").first).to_be_visible()
    assert build_of(again.page) == first
