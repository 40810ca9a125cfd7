"""The tour of `docs/tour.md`, taken step by step: one method for each numbered step."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

import moim
from board_page import BoardPage
from browser.conftest import LAUNCH, TALL
from browser.test_native_parts import CARDS_OF_CHART, live
from browser_windows import Windows
from moim.workspace import Workspace
from moim_process import ROOT, MoimProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]
STEP = re.compile(r"^\d+\. \*\*(.+?)\.\*\*", re.MULTILINE)
LIMIT_S = 60


def steps_of_the_page() -> list[str]:
    """The names of the steps as methods are called: `Drag a card` is `drag_a_card`."""
    names = STEP.findall((ROOT / "docs" / "tour.md").read_text("utf-8"))
    return [name.lower().replace(" ", "_") for name in names]


class Tour:
    """Somebody on the tour; the methods stand in the order of the page."""

    one: BoardPage
    two: BoardPage
    ws: Workspace

    def __init__(self, server: MoimProcess, windows: Windows) -> None:
        self._server = server
        self._windows = windows
        self._second = windows.person(**TALL)

    def start_the_server(self) -> None:
        self._server.start()

    def open_two_windows(self) -> None:
        url = f"{self._server.url}/{LAUNCH}"
        self.one = BoardPage(self._windows.open(url, **TALL)).ready()
        self.two = live(BoardPage(self._windows.open(url, self._second)).ready())
        expect(self.two.page.locator('[data-native="insight"] canvas').first).to_be_visible()

    def open_a_notebook(self) -> None:
        self.ws = moim.connect(self._server.url, name="Notebook", outbox=None)
        assert set(self.ws.project("launch").cards) >= set(self.one.order(self.one.columns()[0]))

    def drag_a_card_slowly(self) -> None:
        source, target = self.one.columns()[:2]
        self._dragged = self.one.order(source)[0]
        spot = self.one.end_of(target)
        self.one.grab(self._dragged)
        self.one.page.mouse.move(spot.x, spot.y, steps=40)
        self._ghost = self.two.page.locator(f'[data-moim="ghost"][data-id="{self._dragged}"]')
        expect(self.two.column(target).locator(self._ghost)).to_be_visible()
        assert self._ghost.inner_text().strip()

    def let_it_go(self) -> None:
        target = self.one.columns()[1]
        before = self.two.page.evaluate(CARDS_OF_CHART)["Backlog"]
        self.one.page.mouse.up()
        dropped = time.monotonic()
        while self.two.page.evaluate(CARDS_OF_CHART)["Backlog"] != before - 1:
            assert time.monotonic() < dropped + 1, "the chart did not follow within a second"
        expect(self._ghost).to_have_count(0)
        expect(self.two.column(target).locator(f'[data-id="{self._dragged}"]')).to_be_visible()
        self.one.expect_pill("saved")

    def kill_the_server(self) -> None:
        self._windows.allow_server_away()
        self._server.kill()

    def edit_in_both_windows(self) -> None:
        first, second = self.one.columns()[:2]
        self._mine = self.one.add_card(first, "Written in the first window")
        self._theirs = self.two.add_card(second, "둘째 창에서 쓴 카드")
        for window in (self.one, self.two):
            window.expect_pill("offline", timeout_s=15)
            expect(window.pill).to_contain_text(re.compile(r"[1-9]\d* waiting"))

    def close_the_second_window(self) -> None:
        self.two.page.close()

    def start_the_server_again(self) -> None:
        self._server.start()
        self.one.expect_pill("saved", timeout_s=20)
        expect(self.one.pill).not_to_contain_text("waiting")

    def open_the_second_window_again(self) -> None:
        again = self._windows.open(f"{self._server.url}/{LAUNCH}", self._second)
        self.two = BoardPage(again).ready()
        self.two.expect_pill("saved", timeout_s=20)
        self.two.expect_title(self._theirs, "둘째 창에서 쓴 카드")
        self.one.expect_title(self._theirs, "둘째 창에서 쓴 카드")
        self.expect_all_equal()

    def expect_all_equal(self) -> None:
        saved = self._server.document(LAUNCH)
        for window in (self.one, self.two):
            window.expect_like(saved)
        cards = self.ws.project("launch").cards
        deadline = time.monotonic() + 10
        while not {self._mine, self._theirs} <= set(cards):
            assert time.monotonic() < deadline, "the notebook did not get both cards"
            time.sleep(0.02)
        titles = {card: cards[card].title for card in cards}
        assert titles == self.two.titles() == self.one.titles()
        assert self._server.document(LAUNCH)["digest"] == saved["digest"]


@pytest.fixture
def tour(serve: Callable[..., MoimProcess], windows: Windows) -> Iterator[Tour]:
    tour = Tour(serve("--demo", started=False), windows)
    yield tour
    if hasattr(tour, "ws"):
        tour.ws.close()


def test_every_step_of_the_page_is_taken_in_its_order() -> None:
    taken = [name for name in vars(Tour) if not name.startswith(("_", "expect_"))]
    assert taken == steps_of_the_page()


def test_the_tour_ends_with_everything_saved_and_equal_within_a_minute(tour: Tour) -> None:
    began = time.monotonic()
    for step in steps_of_the_page():
        getattr(tour, step)()
    assert time.monotonic() - began < LIMIT_S
