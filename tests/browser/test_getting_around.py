"""The palette, the keys and the language of filters, by hand; a search without the server."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from board_page import BoardPage
from browser.conftest import TALL
from browser_windows import Windows
from moim_process import MoimProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

WAIT_MS = 15_000
CARD_ELSEWHERE = "Rebuild the header: one row, no mega menu"
KOREAN_CARD = "알림 요약 메일 문구 다듬기"


def palette(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Search and commands")


def opened(page: Page) -> Locator:
    """Opens the palette; gives its field."""
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search, or type a command")
    expect(field).to_be_focused(timeout=WAIT_MS)
    return field


def chosen(page: Page) -> Locator:
    return palette(page).locator('[role="option"][aria-selected="true"]')


@pytest.mark.same_people
def test_a_document_is_gone_to_by_keys_and_was_recent_then(board: BoardPage) -> None:
    page = board.page
    opened(page)
    page.keyboard.type("팀 일정")
    expect(chosen(page)).to_contain_text("팀 일정", timeout=WAIT_MS)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/calendar/team$"))
    expect(palette(page)).to_have_count(0)
    opened(page)
    recent = palette(page).get_by_role("group", name="Recent")
    expect(recent.get_by_role("option", name="Launch 2.0")).to_be_visible(timeout=WAIT_MS)


@pytest.mark.same_people
def test_a_card_of_a_document_that_was_never_opened_is_found_and_opened(board: BoardPage) -> None:
    page = board.page
    opened(page)
    page.keyboard.type("mega menu")
    expect(chosen(page)).to_contain_text(CARD_ELSEWHERE, timeout=WAIT_MS)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/project/website\?card="))
    expect(page.locator("nav.crumbs [aria-current]")).to_have_text(CARD_ELSEWHERE, timeout=WAIT_MS)
    page.locator("nav.crumbs a").click()
    expect(page).to_have_url(re.compile("/project/website$"))


@pytest.mark.same_people
def test_korean_is_found_by_its_initials_and_enter_is_the_input_methods_while_it_composes(
    board: BoardPage,
) -> None:
    page = board.page
    field = opened(page)
    page.keyboard.insert_text("ㅇㄹ ㅇㅇ ㅁㅇ")
    expect(chosen(page)).to_contain_text(KOREAN_CARD, timeout=WAIT_MS)
    field.evaluate(
        """field => field.dispatchEvent(new KeyboardEvent(
             "keydown", { key: "Enter", isComposing: true, bubbles: true }))"""
    )
    expect(palette(page)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/project/launch\?card="))


@pytest.mark.same_people
def test_the_focus_stays_in_the_palette_and_goes_back_where_it_was(board: BoardPage) -> None:
    page = board.page
    card = board.cards.first
    card.focus()
    field = opened(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    assert not page.evaluate("document.activeElement.closest('.shell .moim-board') !== null")
    field.focus()
    first = chosen(page).get_attribute("id")
    expect(field).to_have_attribute("aria-activedescendant", first or "")
    page.keyboard.press("Escape")
    expect(palette(page)).to_have_count(0)
    expect(card).to_be_focused()


@pytest.mark.same_people
def test_keys_act_on_the_board_but_not_while_somebody_types(board: BoardPage) -> None:
    page = board.page
    field = page.locator(".filter input")
    field.focus()
    page.keyboard.type("n?f")
    expect(field).to_have_value("n?f")
    expect(page.locator(".quick-add input")).to_have_count(0)
    field.press("Escape")
    field.blur()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_contain_text("Ctrl K", timeout=WAIT_MS)
    page.keyboard.press("n")
    expect(page.locator(".quick-add input")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(field).to_be_focused()
    field.blur()
    page.keyboard.press("n")
    expect(page.locator(".quick-add input")).to_be_focused()
    page.keyboard.press("Escape")


@pytest.mark.same_people
def test_a_filter_offers_names_and_says_what_it_does_not_understand(board: BoardPage) -> None:
    page = board.page
    everything = board.cards.count()
    field = page.locator(".filter input")
    field.press_sequentially("is:open @Tom")
    page.get_by_role("option", name="Tom Becker").wait_for(timeout=WAIT_MS)
    page.keyboard.press("Enter")
    expect(field).to_have_value('is:open @"Tom Becker" ')
    expect(board.cards.first).to_be_visible()
    assert 0 < board.cards.count() < everything
    page.keyboard.type("due:soon")
    problem = page.locator(".filter-problem")
    expect(problem).to_contain_text("“due:soon” is not counted")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert board.cards.count() > 0
    field.press("Escape")
    expect(problem).to_be_empty()
    expect(board.cards).to_have_count(everything)


def test_without_the_server_what_this_device_has_is_found(
    own_demo: MoimProcess, windows: Windows
) -> None:
    board = BoardPage(windows.open(f"{own_demo.url}/project/launch", **TALL)).ready()
    board.window.server_may_be_away = True
    page = board.page
    page.wait_for_function(
        """() => {
             const names = performance.getEntriesByType("resource").map(({ name }) => name);
             return ["palette", "shortcut_sheet", "code_mirror"].every((part) =>
               names.some((name) => name.includes(`/${part}-`)));
           }""",
        timeout=WAIT_MS,
    )
    own_demo.kill()
    opened(page)
    page.keyboard.type("mails invite")
    expect(chosen(page)).to_contain_text("Rate-limit share links", timeout=WAIT_MS)
    expect(palette(page).get_by_role("status")).to_contain_text(
        "not on this device", timeout=WAIT_MS
    )
