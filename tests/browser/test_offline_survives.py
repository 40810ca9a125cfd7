"""What is edited without a server outlives tabs and browsers that end, however they end."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Error, Locator, Page, expect

from board_page import BoardPage
from browser.conftest import LAUNCH, TALL
from browser_windows import Windows
from moim_process import MoimProcess
from offline_page import expect_kept, expect_unsent_kept

pytestmark = [pytest.mark.browser, pytest.mark.trust, pytest.mark.timeout(180)]


@pytest.fixture
def person(demo: MoimProcess, windows: Windows) -> BrowserContext:
    """Somebody who knows the board, and whose server has ended since."""
    context = windows.person(**TALL)
    window = windows.open(f"{demo.url}/{LAUNCH}", context)
    expect_kept(window.page, "workspace", LAUNCH)
    window.page.close()
    windows.allow_server_away()
    demo.stop()
    return context


def open_board(demo: MoimProcess, windows: Windows, person: BrowserContext) -> BoardPage:
    board = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", person)).ready()
    board.expect_pill("offline")
    return board


def titles_saved(demo: MoimProcess, prefix: str) -> list[str]:
    cards = demo.document(LAUNCH)["data"]["cards"].values()
    return sorted(card["title"] for card in cards if card.get("title", "").startswith(prefix))


def test_two_tabs_show_each_others_edits_and_each_arrives_once(
    demo: MoimProcess, windows: Windows, person: BrowserContext
) -> None:
    one, two = (open_board(demo, windows, person) for _ in range(2))
    column = one.columns()[0]
    first = one.add_card(column, "Offline: first tab")
    two.expect_title(first, "Offline: first tab")
    second = two.add_card(column, "Offline: second tab")
    one.expect_title(second, "Offline: second tab")
    one.rename(second, "Offline: second tab, renamed in the first")
    third = open_board(demo, windows, person)
    third.expect_title(second, "Offline: second tab, renamed in the first")
    demo.start()
    for tab in (one, two, third):
        tab.expect_pill("saved", timeout_s=20)
    expected = ["Offline: first tab", "Offline: second tab, renamed in the first"]
    assert titles_saved(demo, "Offline: ") == expected


def test_what_a_crashed_tab_left_is_shown_and_sent_by_another(
    demo: MoimProcess, windows: Windows, person: BrowserContext
) -> None:
    tab = open_board(demo, windows, person)
    card = tab.add_card(tab.columns()[0], "Offline: just before the crash")
    expect_unsent_kept(tab.page, 1)
    with pytest.raises(Error, match="crash"):
        tab.page.goto("chrome://crash")
    tab.page.close()
    other = open_board(demo, windows, person)
    other.expect_title(card, "Offline: just before the crash")
    demo.start()
    other.expect_pill("saved", timeout_s=20)
    assert titles_saved(demo, "Offline: ") == ["Offline: just before the crash"]


def test_a_browser_killed_right_after_an_edit_has_it_when_it_is_opened_again(
    demo: MoimProcess, windows: Windows, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    person = windows.profile(profile, **TALL)
    board = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", person)).ready()
    expect_kept(board.page, "workspace", LAUNCH)
    windows.allow_server_away()
    demo.stop()
    board.expect_pill("offline", timeout_s=15)
    card = board.add_card(board.columns()[0], "Offline: before the power cut")
    expect_unsent_kept(board.page, 1)
    windows.kill_browser(profile)
    again = open_board(demo, windows, windows.profile(profile, **TALL))
    again.expect_title(card, "Offline: before the power cut")
    demo.start()
    again.expect_pill("saved", timeout_s=20)
    assert titles_saved(demo, "Offline: ") == ["Offline: before the power cut"]


# ── what the browser allows ──


def test_pages_of_plain_http_under_another_name_open_with_the_server_only_and_say_so(
    serve: Callable[..., MoimProcess], windows: Windows, tmp_path: Path
) -> None:
    server = serve("--demo", "--workers", "0", "--trust-network")
    flags = ("--host-resolver-rules=MAP moim.test 127.0.0.1",)
    person = windows.profile(tmp_path / "profile", flags=flags, **TALL)
    page = person.new_page()
    page.goto(f"http://moim.test:{server.port}/{LAUNCH}")
    pill = page.locator('[data-moim="pill"]').first
    expect(pill).to_have_attribute("data-state", "saved")
    pill.click()
    expect(standing(page, "Works without the server")).to_have_text("Only on https or localhost")


def test_the_connection_panel_says_that_pages_open_and_whether_they_are_kept_for_good(
    demo: MoimProcess, windows: Windows
) -> None:
    board = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", **TALL)).ready()
    expect_kept(board.page, "workspace", LAUNCH)
    board.pill.click()
    expect(standing(board.page, "Works without the server")).to_have_text("Yes")
    words = {True: "Persistent", False: "May be cleared"}
    persisted: bool = board.page.evaluate("navigator.storage.persisted()")
    expect(standing(board.page, "Storage on this device")).to_have_text(words[persisted])


def test_the_first_edit_asks_the_browser_to_keep_its_data_for_good(
    demo: MoimProcess, windows: Windows
) -> None:
    person = windows.person(**TALL)
    person.add_init_script(
        """window.asked = 0;
        const persist = navigator.storage.persist.bind(navigator.storage);
        navigator.storage.persist = () => { window.asked += 1; return persist(); };"""
    )
    board = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", person)).ready()
    assert board.page.evaluate("window.asked") == 0
    for title in ("One", "Two"):
        board.add_card(board.columns()[0], title)
    assert board.page.evaluate("window.asked") == 1


def test_what_is_kept_is_written_with_strict_durability(
    demo: MoimProcess, windows: Windows
) -> None:
    person = windows.person(**TALL)
    person.add_init_script(
        """window.writes = [];
        const begin = IDBDatabase.prototype.transaction;
        IDBDatabase.prototype.transaction = function (...asked) {
          const transaction = begin.apply(this, asked);
          if (transaction.mode === "readwrite") window.writes.push(transaction.durability);
          return transaction;
        };"""
    )
    board = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", person)).ready()
    board.add_card(board.columns()[0], "Kept")
    board.expect_pill("saved")
    assert set(board.page.evaluate("window.writes")) == {"strict"}


def standing(page: Page, name: str) -> Locator:
    """The value beside a name in the connection panel."""
    return page.locator(".kv > div").filter(has_text=name).locator("dd")
