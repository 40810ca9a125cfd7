"""Devices whose disk is full, whose clock is wrong, or whose tab stays open for long."""

import signal
import threading
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, expect

from board_page import BoardPage
from browser.conftest import LAUNCH, TALL
from browser_windows import Windows
from moim_process import MoimProcess

pytestmark = [pytest.mark.browser, pytest.mark.trust, pytest.mark.timeout(240)]
YEAR_MS = 365 * 24 * 3_600_000
OPENINGS = 200
SLEEP_S = 15.0
"""Longer than a server waits for a sign of life."""
GROWN_HEAP_BYTES = 8 * 1024 * 1024


def test_a_full_device_says_so_and_never_that_an_offline_edit_is_kept(
    demo: MoimProcess, windows: Windows, other: BoardPage, tmp_path: Path
) -> None:
    person = windows.profile(tmp_path / "profile", **TALL)
    device = person.new_cdp_session(person.new_page())
    device.send("Storage.overrideQuotaForOrigin", {"origin": demo.url, "quotaSize": 1})
    board = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", person)).ready()
    saved = board.add_card(board.columns()[0], "The server has it")
    board.expect_pill("saved")
    expect_connection(board, "Cannot keep anything")
    windows.allow_server_away()
    demo.kill()
    board.expect_pill("offline", timeout_s=15)
    card = board.add_card(board.columns()[0], "No room on this device")
    expect_connection(board, "Cannot keep anything")
    board.expect_pill("offline")
    device.send("Storage.overrideQuotaForOrigin", {"origin": demo.url})
    demo.start()
    board.expect_pill("saved", timeout_s=20)
    other.expect_title(card, "No room on this device")
    other.expect_title(saved, "The server has it")


def expect_connection(board: BoardPage, words: str) -> None:
    board.pill.click()
    connection = board.page.locator('[data-moim="connection"]')
    expect(connection).to_contain_text(words, timeout=15_000)
    board.page.keyboard.press("Escape")


@pytest.mark.parametrize("ahead_ms", [YEAR_MS, -YEAR_MS], ids=["a year ahead", "a year behind"])
def test_a_wrong_clock_keeps_no_edit_back_and_changes_no_order(
    demo: MoimProcess, windows: Windows, board: BoardPage, ahead_ms: int
) -> None:
    person = windows.person(**TALL)
    person.add_init_script(
        f"(() => {{ const now = Date.now.bind(Date); Date.now = () => now() + {ahead_ms}; }})()"
    )
    wrong = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", person)).ready()
    card = board.add_card(board.columns()[0], "By a right clock")
    wrong.rename(card, "By a wrong clock")
    wrong.expect_pill("saved")
    board.expect_title(card, "By a wrong clock")
    board.rename(card, "Right again")
    wrong.expect_title(card, "Right again")
    windows.allow_server_away()
    demo.kill()
    wrong.expect_pill("offline", timeout_s=15)
    wrong.rename(card, "Wrong, and away")
    demo.start()
    board.expect_title(card, "Wrong, and away", timeout_s=20)
    wrong.expect_pill("saved", timeout_s=20)


def test_F24_a_browser_that_slept_shows_what_it_missed_within_three_seconds(
    demo: MoimProcess, windows: Windows, board: BoardPage, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    person = windows.profile(profile, **TALL)
    sleeper = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", person)).ready()
    sleeper.expect_pill("saved")
    windows.allow_server_away()
    windows.signal_browser(profile, signal.SIGSTOP)
    card = board.add_card(board.columns()[0], "Made while the other slept")
    board.expect_pill("saved")
    threading.Event().wait(SLEEP_S)
    windows.signal_browser(profile, signal.SIGCONT)
    sleeper.expect_title(card, "Made while the other slept", timeout_s=3)
    sleeper.expect_pill("saved", timeout_s=3)


def measured(page: Page, session: CDPSession) -> dict[str, float]:
    """The page's heap, DOM nodes and listeners after a collection."""
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return {metric["name"]: metric["value"] for metric in metrics}


def test_a_document_opened_and_left_two_hundred_times_leaves_nothing_in_the_page(
    board: BoardPage,
) -> None:
    page = board.page
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    links = [page.locator(f'nav a[href^="/project/{name}"]') for name in ("website", "launch")]

    def there_and_back() -> None:
        for link, name in zip(links, ("website", "launch"), strict=True):
            link.first.click()
            page.wait_for_url(f"**/project/{name}*")
            expect(page.locator('[data-moim="card"]').first).to_be_visible()

    for _ in range(10):
        there_and_back()
    before = measured(page, session)
    for _ in range(OPENINGS // 2):
        there_and_back()
    after = measured(page, session)
    assert after["JSHeapUsedSize"] - before["JSHeapUsedSize"] < GROWN_HEAP_BYTES
    assert after["JSEventListeners"] <= before["JSEventListeners"] * 1.1
    assert after["Nodes"] <= before["Nodes"] * 1.2
