"""The server dies or is away: people go on, and everything arrives."""

import random
from pathlib import Path

import pytest
from playwright.sync_api import expect

from board_page import BoardPage
from browser.conftest import LAUNCH, TALL
from browser_windows import Windows
from moim_process import MoimProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]


def test_both_edit_while_the_server_is_killed_and_come_together_saved(
    demo: MoimProcess, windows: Windows, board: BoardPage, other: BoardPage
) -> None:
    one, two = board, other
    first, second = one.columns()[:2]
    kept = one.add_card(first, "Before the crash")
    one.expect_pill("saved")
    windows.allow_server_away()
    demo.kill()
    mine = one.add_card(first, "Written by one, server dead")
    theirs = two.add_card(second, "둘이 씀 🙂")
    one.rename(kept, "Renamed while away")
    one.drag(mine, one.end_of(second))
    one.expect_pill("offline", timeout_s=15)
    two.expect_pill("offline", timeout_s=15)
    demo.start()
    one.expect_pill("saved", timeout_s=20)
    two.expect_pill("saved", timeout_s=20)
    saved = demo.document(LAUNCH)
    assert {kept, mine, theirs} <= saved["data"]["cards"].keys()
    assert saved["data"]["cards"][kept]["title"] == "Renamed while away"
    one.expect_like(saved)
    two.expect_like(saved)


def test_back_together_within_three_seconds_of_the_servers_return(
    demo: MoimProcess, windows: Windows, board: BoardPage, other: BoardPage
) -> None:
    one, two = board, other
    windows.allow_server_away()
    demo.kill()
    card = one.add_card(one.columns()[0], "Offline edit")
    one.expect_pill("offline", timeout_s=15)
    demo.start()
    two.expect_title(card, "Offline edit", timeout_s=3)
    one.expect_pill("saved", timeout_s=3)


def test_a_tab_closed_offline_sends_its_edit_when_it_is_opened_again(
    demo: MoimProcess, windows: Windows
) -> None:
    witness = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", **TALL)).ready()
    person = windows.person(**TALL)
    tab = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", person)).ready()
    windows.allow_server_away()
    demo.kill()
    card = tab.add_card(tab.columns()[0], "닫기 전에 쓴 카드")
    tab.page.close()
    demo.start()
    witness.expect_pill("saved", timeout_s=15)
    expect(witness.card(card)).to_have_count(0)
    again = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", person)).ready()
    again.expect_title(card, "닫기 전에 쓴 카드")
    witness.expect_title(card, "닫기 전에 쓴 카드")
    again.expect_pill("saved")
    assert demo.document(LAUNCH)["data"]["cards"][card]["title"] == "닫기 전에 쓴 카드"


def test_a_browser_closed_offline_keeps_its_edit_on_the_disk(
    demo: MoimProcess, windows: Windows, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"
    person = windows.profile(profile, **TALL)
    tab = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", person)).ready()
    windows.allow_server_away()
    demo.kill()
    card = tab.add_card(tab.columns()[0], "On this device only")
    tab.expect_pill("offline", timeout_s=15)
    person.close()
    demo.start()
    assert card not in demo.document(LAUNCH)["data"]["cards"]
    again = BoardPage(windows.open(f"{demo.url}/{LAUNCH}", windows.profile(profile, **TALL)))
    again.ready().expect_title(card, "On this device only")
    again.expect_pill("saved")
    assert card in demo.document(LAUNCH)["data"]["cards"]


def test_a_polite_stop_loses_nothing(demo: MoimProcess, windows: Windows, board: BoardPage) -> None:
    windows.allow_server_away()
    card = board.add_card(board.columns()[0], "Typed just before the stop")
    assert demo.stop() == 0
    demo.start()
    board.expect_pill("saved", timeout_s=15)
    assert card in demo.document(LAUNCH)["data"]["cards"]


@pytest.mark.trust
@pytest.mark.timeout(400)
def test_ten_kills_while_two_people_add_cards_lose_and_double_none(
    demo: MoimProcess, windows: Windows, board: BoardPage, other: BoardPage
) -> None:
    moments = random.Random(20261123)
    windows.allow_server_away()
    first, second = board.columns()[:2]
    added = []
    for number in range(10):
        for person, column in ((board, first), (other, second)):
            title = f"카드 {number} {column}"
            person.add_card(column, title)
            added.append(title)
        board.page.wait_for_timeout(moments.uniform(0, 300))
        demo.kill()
        demo.start()
    board.expect_pill("saved", timeout_s=30)
    other.expect_pill("saved", timeout_s=30)
    saved = demo.document(LAUNCH)["data"]
    titles = [card.get("title") for card in saved["cards"].values()]
    assert sorted(title for title in titles if title.startswith("카드 ")) == sorted(added)
