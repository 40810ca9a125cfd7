"""The chart cells of a page: one Panel session for all of them."""

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

import moim
from board_page import BoardPage, number_in
from browser_windows import Windows
from moim.workspace import Workspace
from moim_process import MoimProcess

pytestmark = [pytest.mark.browser, pytest.mark.trust, pytest.mark.timeout(150)]
CARDS_DRAWN = """() => Bokeh.documents.flatMap(doc => [...doc._all_models.values()])
    .filter(model => model.type === "ColumnDataSource" && model.data.count !== undefined)
    .map(model => [...model.data.count].reduce((sum, one) => sum + one, 0))"""
TITLE_COLOURS = """() => Bokeh.documents.flatMap(doc => [...doc._all_models.values()])
    .filter(model => model.type === "Title").map(model => model.text_color)"""
WATCH_EMPTINESS = """name => {
    const region = document.querySelector(`[data-native="${name}"]`);
    window.wasEmpty = false;
    const look = () => {
        window.wasEmpty ||= !region.querySelector(":scope > :not(.native-to-come)");
    };
    new MutationObserver(look).observe(region, {childList: true});
}"""


@pytest.fixture
def demo(serve: Callable[..., MoimProcess]) -> MoimProcess:
    """A server with a page worker."""
    return serve("--demo")


@pytest.fixture
def ws(demo: MoimProcess) -> Iterator[Workspace]:
    """Somebody else, in Python."""
    with moim.connect(demo.url, name="Script", outbox=None) as connected:
        yield connected


@pytest.fixture
def home(demo: MoimProcess, windows: Windows) -> Page:
    window = windows.open(f"{demo.url}/page/home", viewport={"width": 1440, "height": 1600})
    return window.page


def cell(page: Page, cell_id: str) -> Locator:
    return page.locator(f'[data-moim="cell"][data-id="{cell_id}"]')


def expect_drawn(page: Page, cell_id: str) -> None:
    expect(cell(page, cell_id).locator("canvas").first).to_be_visible(timeout=20_000)


def test_a_chart_cell_follows_an_edit_of_somebody_else_within_a_second(
    home: Page, ws: Workspace
) -> None:
    expect_drawn(home, "who")
    (before,) = home.evaluate(CARDS_DRAWN)
    ws.project("launch").cards.add("Counted at once", "Backlog")
    entered = time.monotonic()
    while home.evaluate(CARDS_DRAWN) != [before + 1]:
        assert time.monotonic() < entered + 1, "the chart did not follow within a second"


def test_another_chart_comes_and_goes_while_the_first_one_stays(home: Page, ws: Workspace) -> None:
    expect_drawn(home, "who")
    home.evaluate(WATCH_EMPTINESS, "chart:who")
    page = ws.page("home")
    other = page.cells.add("chart", before="board", project="website", chart="people")
    expect_drawn(home, other.id)
    assert len(home.evaluate(CARDS_DRAWN)) == 2
    page.cells.delete(other.id)
    expect(cell(home, other.id)).to_have_count(0)
    home.wait_for_function(f"() => ({CARDS_DRAWN})().length === 1")
    expect_drawn(home, "who")
    assert home.evaluate("window.wasEmpty") is False


def test_a_cell_shows_the_chart_of_the_project_it_is_given(home: Page, ws: Workspace) -> None:
    expect_drawn(home, "who")
    counts = {
        name: sum(len(row["members"]) or 1 for row in ws.project(name).cards.records())
        for name in ("launch", "website")
    }
    assert home.evaluate(CARDS_DRAWN) == [counts["launch"]] != [counts["website"]]
    ws.page("home").cells["who"].project = "website"
    home.wait_for_function(
        f"count => ({CARDS_DRAWN})().join() === String(count)", arg=counts["website"]
    )


def test_a_chart_whose_project_is_gone_says_so_in_place_and_the_page_goes_on(
    home: Page, ws: Workspace
) -> None:
    expect_drawn(home, "who")
    page = ws.page("home")
    page.cells["who"].project = "never-made"
    expect(cell(home, "who").get_by_text("not in the workspace any more")).to_be_visible()
    expect(cell(home, "days")).to_be_visible()
    page.cells["who"].project = "launch"
    expect_drawn(home, "who")


def test_charts_follow_the_pages_theme(home: Page) -> None:
    expect_drawn(home, "who")
    (light,) = home.evaluate(TITLE_COLOURS)
    home.get_by_role("button", name="Use the dark theme").first.click()
    home.wait_for_function(
        f"was => {{ const now = ({TITLE_COLOURS})(); return now.length === 1 && now[0] !== was }}",
        arg=light,
    )
    expect_drawn(home, "who")


def test_charts_come_back_after_their_worker_was_killed(
    demo: MoimProcess, home: Page, ws: Workspace, windows: Windows
) -> None:
    expect_drawn(home, "who")
    (before,) = home.evaluate(CARDS_DRAWN)
    windows.allow_server_away()
    os.kill(number_in(demo.text().rpartition("page worker 0 (pid ")[2]), signal.SIGKILL)
    expect(home.locator('[data-native-state="waiting"]')).to_be_attached(timeout=10_000)
    expect(cell(home, "who").get_by_role("status")).to_be_visible()
    ws.project("launch").cards.add("While it was away", "Backlog")
    expect(home.locator('[data-native-state="live"]')).to_be_attached(timeout=20_000)
    home.wait_for_function(f"count => ({CARDS_DRAWN})().join() === String(count)", arg=before + 1)
    expect_drawn(home, "who")
    BoardPage(windows.opened[0]).expect_pill("saved")
