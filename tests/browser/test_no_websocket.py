"""A browser behind a proxy that knows no WebSocket: the page works, over long polling."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from board_page import BoardPage
from browser.conftest import LAUNCH, TALL
from browser_windows import Windows
from moim_process import MoimProcess
from upgrade_proxy import UpgradeProxy

pytestmark = [pytest.mark.browser, pytest.mark.trust, pytest.mark.timeout(150)]


@pytest.fixture
def proxy(demo: MoimProcess, windows: Windows) -> Iterator[UpgradeProxy]:
    windows.allow_server_away()  # what Chromium prints of each attempt at a WebSocket
    with UpgradeProxy(demo.port) as started:
        yield started


@pytest.fixture
def behind(proxy: UpgradeProxy, windows: Windows) -> BoardPage:
    """Somebody at the board, behind the proxy."""
    board = BoardPage(windows.open(f"{proxy.url}/{LAUNCH}", **TALL)).ready()
    expect_transport(board, "Long polling, slower")
    return board


@pytest.fixture
def direct(demo: MoimProcess, windows: Windows, behind: BoardPage) -> BoardPage:
    """Somebody else, whose way is free."""
    board = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", **TALL)).ready()
    expect_transport(board, "WebSocket")
    return board


def transport(page: Page) -> Locator:
    return page.locator(".kv > div").filter(has_text="Connection over").locator("dd")


def expect_transport(board: BoardPage, name: str, timeout_s: float = 15) -> None:
    board.pill.click()
    expect(transport(board.page)).to_have_text(name, timeout=timeout_s * 1000)
    board.page.keyboard.press("Escape")
    expect(transport(board.page)).to_have_count(0)


@pytest.mark.rule("T1")
def test_edits_are_saved_and_live_both_ways(
    demo: MoimProcess, proxy: UpgradeProxy, behind: BoardPage, direct: BoardPage
) -> None:
    column = behind.columns()[0]
    card = behind.add_card(column, "Over long polling 🙂")
    direct.expect_title(card, "Over long polling 🙂", timeout_s=2)
    direct.rename(card, "Answered over a WebSocket")
    behind.expect_title(card, "Answered over a WebSocket", timeout_s=2)
    for person in (behind, direct):
        person.expect_pill("saved")
    assert demo.document(LAUNCH)["data"]["cards"][card]["title"] == "Answered over a WebSocket"
    assert proxy.upgrades >= 2
    assert any(path.startswith("/sync/poll?") for path in proxy.paths)


def test_people_are_seen_and_gone_within_a_second(behind: BoardPage, direct: BoardPage) -> None:
    expect(direct.faces).to_have_count(1)
    expect(behind.faces).to_have_count(1)
    behind.page.close()
    expect(direct.faces).to_have_count(0, timeout=1000)


def test_edits_made_while_the_server_is_away_arrive(
    demo: MoimProcess, behind: BoardPage, direct: BoardPage
) -> None:
    demo.kill()
    card = behind.add_card(behind.columns()[0], "Written without a server")
    behind.expect_pill("offline", timeout_s=15)
    demo.start()
    behind.expect_pill("saved", timeout_s=15)
    direct.expect_title(card, "Written without a server")
    expect_transport(behind, "Long polling, slower")


def test_sixty_edits_in_a_row_arrive_in_their_order(demo: MoimProcess, behind: BoardPage) -> None:
    column = behind.columns()[0]
    titles = [f"Row {number}" for number in range(60)]
    behind.column(column).get_by_role("button", name="Add card", exact=True).click()
    field = behind.column(column).locator(".quick-add input")
    for title in titles:
        field.fill(title)
        field.press("Enter")
    ends_at = time.monotonic() + 20
    while len(saved := rows(demo)) < len(titles):
        assert time.monotonic() < ends_at, f"{len(saved)} of {len(titles)} edits were saved"
        behind.page.wait_for_timeout(50)
    assert saved == titles


def rows(demo: MoimProcess) -> list[str]:
    """Titles of the cards that were added in a row, in the order of their column."""
    cards = demo.document(LAUNCH)["data"]["cards"].values()
    placed = [(card["place"].partition("|")[2], card.get("title", "")) for card in cards]
    return [title for _, title in sorted(placed) if title.startswith("Row ")]


@pytest.mark.rule("T1")
def test_a_websocket_that_is_swallowed_holds_nobody_up(demo: MoimProcess, windows: Windows) -> None:
    windows.allow_server_away()
    with UpgradeProxy(demo.port, "swallows") as proxy:
        board = BoardPage(windows.open(f"{proxy.url}/{LAUNCH}", **TALL)).ready(timeout_s=10)
        card = board.add_card(board.columns()[0], "In spite of it")
        board.expect_pill("saved")
        expect_transport(board, "Long polling, slower")
        assert card in demo.document(LAUNCH)["data"]["cards"]
        board.page.close()


@pytest.mark.rule("T1")
def test_a_websocket_is_taken_as_soon_as_one_gets_through(
    demo: MoimProcess, windows: Windows, proxy: UpgradeProxy
) -> None:
    board = BoardPage(windows.open(f"{proxy.url}/{LAUNCH}", **TALL)).ready()
    column = board.columns()[0]
    before = board.add_card(column, "Before")
    proxy.way = "passes"
    demo.kill()  # a lost connection begins anew, and looks for a WebSocket soon
    demo.start()
    expect_transport(board, "WebSocket", timeout_s=15)
    after = board.add_card(column, "After")
    board.expect_pill("saved")
    assert {before, after} <= demo.document(LAUNCH)["data"]["cards"].keys()
