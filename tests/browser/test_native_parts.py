"""The Panel widgets and the Bokeh chart beside the board."""

import base64
import json
import os
import re
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Locator, Page, expect

from board_page import BoardPage, number_in
from browser_windows import Windows
from moim_process import MoimProcess, free_port

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]
CARDS_OF_CHART = """() => Bokeh.documents.flatMap(doc => [...doc._all_models.values()])
    .filter(model => model.type === "ColumnDataSource" && model.data.count !== undefined)
    .map(model => Object.fromEntries([...model.data.column].map((name, at) =>
        [name, [...model.data.column].reduce((sum, one, i) =>
            sum + (one === name ? model.data.count[i] : 0), 0)])))[0]"""


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MoimProcess]:
    """With a page worker, which the native parts need."""
    server = MoimProcess(tmp_path_factory.mktemp("moim"), free_port(), "--demo")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def own_demo(serve: Callable[..., MoimProcess]) -> MoimProcess:
    """With a page worker as well."""
    return serve("--demo")


def live(board: BoardPage) -> BoardPage:
    """Waits until the page's Panel session is embedded, in a dock that this opens."""
    switch = board.page.get_by_role("button", name=re.compile("Insights|분석"), exact=True)
    if switch.get_attribute("aria-pressed") == "false":
        switch.click()
    expect(board.page.locator('[data-native-state="live"]')).to_be_visible(timeout=20_000)
    return board


def region(page: Page, name: str) -> Locator:
    return page.locator(f'[data-native="{name}"]')


def field(board: BoardPage, label: str) -> Locator:
    return region(board.page, "settings").get_by_label(label)


def test_the_whole_page_weighs_at_most_three_megabytes(
    demo: MoimProcess, launch: str, windows: Windows
) -> None:
    person = windows.person(viewport={"width": 1440, "height": 900})
    window = windows.open("about:blank", person)
    network = person.new_cdp_session(window.page)
    sizes: list[int] = []
    network.send("Network.enable")
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    window.page.goto(launch)
    live(BoardPage(window))
    expect(region(window.page, "insight").locator("canvas").first).to_be_visible()
    assert 100_000 < sum(sizes) <= 3_000_000


@pytest.mark.same_people
def test_a_panel_text_field_filters_the_board(board: BoardPage) -> None:
    live(board)
    all_cards = board.cards.count()
    text = region(board.page, "filters").locator("input[type=text]").first
    text.press_sequentially("Safari")
    expect(board.cards).to_have_count(1)
    expect(board.cards.first).to_contain_text("Safari")
    text.fill("")
    expect(board.cards).to_have_count(all_cards)


@pytest.mark.same_people
def test_a_panel_label_button_filters_the_board(board: BoardPage) -> None:
    live(board)
    region(board.page, "filters").get_by_role("button", name="Security").click()
    expect(board.cards.filter(has_not_text="Security")).to_have_count(0)
    assert board.cards.count() > 0


@pytest.mark.same_people
def test_the_boards_own_filter_is_seen_by_panel(board: BoardPage) -> None:
    live(board)
    board.page.get_by_role("combobox", name="Filter cards").fill("Safari")
    text = region(board.page, "filters").locator("input[type=text]").first
    expect(text).to_have_value("Safari")


def last_writer(server: MoimProcess, path: str) -> str:
    """Who set a register last, as the database says."""
    with closing(sqlite3.connect(server.database)) as connection:
        ((actor,),) = connection.execute("SELECT actor FROM field WHERE path = ?", (path,))
    return str(actor)


def guest_id(board: BoardPage) -> str:
    """Who the browser is, as its cookie says: the fifth part of Tornado's signed value."""
    (cookie,) = (one for one in board.page.context.cookies() if one["name"] == "moim_guest")
    said = cookie["value"].strip('"').split("|")[4].partition(":")[2]
    return str(json.loads(base64.b64decode(said))["id"])


@pytest.mark.same_people
def test_the_settings_form_edits_the_project_for_everybody(
    demo: MoimProcess, board: BoardPage, other: BoardPage
) -> None:
    live(board)
    live(other)
    field(board, "Name").fill("Launch 2.1 🚀")
    field(board, "Name").press("Enter")
    expect(other.page.get_by_role("heading", name="Launch 2.1 🚀", exact=True)).to_be_visible()
    expect(field(other, "Name")).to_have_value("Launch 2.1 🚀")
    workspace = demo.document("workspace")["data"]
    assert workspace["projects"]["launch"]["name"] == "Launch 2.1 🚀"
    assert last_writer(demo, "projects/launch/name") == guest_id(board)


@pytest.mark.same_people
def test_the_prefix_field_renumbers_the_cards_and_refuses_what_is_none(board: BoardPage) -> None:
    live(board)
    prefix = field(board, "Prefix of card numbers")
    prefix.fill("GO")
    prefix.press("Enter")
    expect(board.cards.first).to_contain_text(re.compile(r"GO-\d+"))
    prefix.fill("far too long for this")
    prefix.press("Enter")
    expect(prefix).to_have_value("GO")


@pytest.mark.same_people
def test_the_chart_follows_an_edit_of_somebody_else_within_a_second(
    board: BoardPage, other: BoardPage
) -> None:
    live(board)
    expect(region(board.page, "insight").locator("canvas").first).to_be_visible()
    before = board.page.evaluate(CARDS_OF_CHART)["Backlog"]
    backlog = other.columns()[0]
    other.column(backlog).get_by_role("button", name="Add card", exact=True).click()
    line = other.column(backlog).locator(".quick-add input")
    line.fill("Counted at once")
    line.press("Enter")
    expect(other.column(backlog).get_by_text("Counted at once")).to_be_visible()
    entered = time.monotonic()
    while board.page.evaluate(CARDS_OF_CHART)["Backlog"] != before + 1:
        assert time.monotonic() < entered + 1, "the chart did not follow within a second"


@pytest.mark.same_people
def test_a_project_made_a_moment_ago_gets_its_native_parts(board: BoardPage) -> None:
    live(board)
    nav = board.page.locator("nav.side")
    nav.get_by_role("button", name="New project", exact=True).click()
    nav.get_by_role("textbox", name="Project name").fill("Made just now")
    nav.get_by_role("textbox", name="Project name").press("Enter")
    expect(board.page).not_to_have_url(re.compile("/project/launch"))
    expect(field(board, "Name")).to_have_value("Made just now", timeout=20_000)


def test_native_parts_come_back_after_their_worker_was_killed(
    demo: MoimProcess, board: BoardPage, windows: Windows
) -> None:
    live(board)
    board.page.get_by_role("combobox", name="Filter cards").fill("oes on")
    windows.allow_server_away()
    worker = number_in(demo.text().rpartition("page worker 0 (pid ")[2])
    os.kill(worker, signal.SIGKILL)
    expect(board.page.locator('[data-native-state="waiting"]')).to_be_attached(timeout=10_000)
    card = board.add_card(board.columns()[0], "The board goes on")
    board.expect_pill("saved")
    live(board)
    text = region(board.page, "filters").locator("input[type=text]").first
    expect(text).to_have_value("oes on")  # the new session takes over what the page shows
    text.press("Home")
    text.press_sequentially("g")
    expect(board.cards).to_have_count(1)
    assert board.order(board.columns()[0]) == [card]


def test_native_parts_come_back_after_the_server_was_killed(
    demo: MoimProcess, board: BoardPage, windows: Windows
) -> None:
    live(board)
    windows.allow_server_away()
    demo.kill()
    expect(board.page.locator('[data-native-state="waiting"]')).to_be_attached(timeout=10_000)
    demo.start()
    live(board)
    expect(region(board.page, "insight").locator("canvas").first).to_be_visible()


def test_the_chart_speaks_korean_in_a_korean_page(launch: str, windows: Windows) -> None:
    window = windows.open(launch, locale="ko-KR", viewport={"width": 1680, "height": 900})
    board = live(BoardPage(window).ready())
    expect(region(board.page, "settings").get_by_label("이름")).to_be_visible()
