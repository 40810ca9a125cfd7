"""Edits that wait to be sent, and those that the server does not accept: both are told and kept."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from board_page import BoardPage
from browser_windows import Windows
from held_socket import HeldSocket
from moim_process import MoimProcess
from notices_page import NoticesPage
from offline_page import forget_unsent

pytestmark = [pytest.mark.browser, pytest.mark.trust, pytest.mark.timeout(120)]
LAUNCH = "project/launch"
VIEW: dict[str, Any] = {
    "viewport": {"width": 1680, "height": 900},
    "locale": "en-US",
    "permissions": ["clipboard-read", "clipboard-write"],
}


@pytest.fixture
def person(windows: Windows) -> BrowserContext:
    return windows.person(**VIEW)


@pytest.fixture
def socket(person: BrowserContext) -> HeldSocket:
    return HeldSocket.of(person)


@pytest.fixture
def board(launch: str, windows: Windows, person: BrowserContext, socket: HeldSocket) -> BoardPage:
    """The first window of the person; its socket has the number 0."""
    return BoardPage(windows.open(launch, person)).ready()


@pytest.fixture
def notices(board: BoardPage) -> NoticesPage:
    return NoticesPage(board.window)


def test_a_waiting_edit_is_listed_with_its_values_and_its_place(
    board: BoardPage, notices: NoticesPage, socket: HeldSocket
) -> None:
    card = board.order(board.columns()[0])[0]
    before = board.titles()[card]
    socket.hold()
    board.rename(card, "Book the hall")
    expect(board.card(card).get_by_label("Waiting to be sent")).to_be_visible()
    notices.open_list()
    item = notices.list.locator('[data-moim="unsent"]').filter(has_text="Title")
    expect(item).to_contain_text(f"Title: “{before}” → “Book the hall”")
    expect(item.get_by_role("link")).to_have_text("Book the hall · Launch 2.0")
    socket.let_go()
    expect(item).to_have_count(0)
    expect(board.card(card).get_by_label("Waiting to be sent")).to_have_count(0)


@dataclass
class Refused:
    """A card that was moved into a column which the server does not know yet."""

    card: str
    title: str
    origin: str
    column: str
    second: BoardPage
    """The person's other window, where the card was moved."""
    notices: NoticesPage
    """Of that window."""


@pytest.fixture
def refused(launch: str, windows: Windows, board: BoardPage, socket: HeldSocket) -> Refused:
    """The column was made in a window whose socket is held, and is lost on this device.

    Tabs of a browser see each other's edits, and send what theirs hang on.
    """
    second = BoardPage(windows.open(launch, board.page.context)).ready()
    origin = second.columns()[0]
    card = second.order(origin)[0]
    title = second.titles()[card]
    known = set(second.columns())
    socket.hold(only=0)
    board.page.get_by_role("button", name="Add column").click()
    board.page.get_by_label("Column name").fill("Backstage")
    board.page.keyboard.press("Enter")
    fresh = second.page.locator('[data-moim="column"]').filter(has_text="Backstage")
    expect(fresh).to_be_visible()
    forget_unsent(second.page)
    (column,) = set(second.columns()) - known
    second.card(card).click()
    panel = second.page.locator(".card-panel")
    panel.get_by_role("button", name="Column:").click()
    second.page.get_by_role("dialog").get_by_role("button", name="Backstage").click()
    notices = NoticesPage(second.window)
    notices.expect_counts(refused=1)
    panel.get_by_role("button", name="Close").click()
    return Refused(card, title, origin, column, second, notices)


def chip(refused: Refused) -> Locator:
    return refused.second.card(refused.card).locator('[data-moim="refused"]')


def test_a_refused_edit_is_undone_told_and_kept(refused: Refused) -> None:
    toast = refused.notices.toast
    expect(toast).to_contain_text(re.compile("^Couldn’t apply “Place: .+ → Backstage”"))
    expect(toast).to_contain_text("its column is not there any more. Your text is kept.")
    expect(
        refused.second.column(refused.origin).locator(f'[data-id="{refused.card}"]')
    ).to_be_visible()
    expect(refused.notices.pill).to_have_text("1 not applied")
    expect(chip(refused)).to_have_text("Not applied · text kept")
    refused.notices.open_list()
    expect(refused.notices.refused).to_contain_text("→ Backstage")
    expect(refused.notices.refused.get_by_role("link")).to_have_text(
        f"{refused.title} · Launch 2.0"
    )


def test_a_refused_edit_survives_a_reload_and_is_not_told_twice(refused: Refused) -> None:
    expect(refused.notices.toast).to_be_visible()
    refused.second.page.reload()
    refused.second.ready()
    refused.notices.expect_counts(refused=1)
    expect(chip(refused)).to_be_visible()
    expect(refused.notices.toast).to_have_count(0)


def test_a_refused_edit_can_be_copied_and_forgotten(refused: Refused) -> None:
    chip(refused).click()
    note = refused.second.page.locator(".note-pop")
    note.get_by_role("button", name="Copy").click()
    expect(refused.notices.toast).to_have_text("Copied")
    text = refused.second.page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch("Place: .+ → Backstage", text)
    note.get_by_role("button", name="Forget").click()
    expect(chip(refused)).to_have_count(0)
    refused.notices.expect_counts()


def test_a_refused_edit_is_applied_again_once_what_it_needs_is_there(
    demo: MoimProcess, refused: Refused, board: BoardPage, socket: HeldSocket
) -> None:
    socket.let_go()
    board.expect_pill("saved")
    refused.notices.open_list()
    refused.notices.refused.get_by_role("button", name="Apply again").click()
    refused.notices.expect_counts()
    for window in (board, refused.second):
        window.expect_order(refused.column, [refused.card])
    refused.second.expect_pill("saved")
    place = demo.document(LAUNCH)["data"]["cards"][refused.card]["place"]
    assert place.partition("|")[0] == refused.column
