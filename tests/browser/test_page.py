"""The page around the board: projects, words, theme, small screens."""

import re

import pytest
from playwright.sync_api import Locator, expect

from board_page import BoardPage
from browser_windows import Windows
from moim_process import MoimProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


def nav(board: BoardPage) -> Locator:
    return board.page.locator("nav.side")


def test_a_project_is_made_named_and_coloured_and_the_other_sees_it(
    demo: MoimProcess, board: BoardPage, other: BoardPage
) -> None:
    nav(board).get_by_role("button", name="New project", exact=True).click()
    field = nav(board).get_by_role("textbox", name="Project name")
    field.fill("가을 워크숍 🍁")
    field.press("Enter")
    expect(nav(other).get_by_text("가을 워크숍 🍁")).to_be_visible()
    expect(board.page).to_have_url(re.compile(r"/project/(?!launch)[\w-]+"))
    project = board.page.url.rsplit("/", 1)[1]
    nav(board).get_by_role("button", name="가을 워크숍 🍁: more").click()
    board.page.get_by_role("button", name="Pink").click()
    expect(nav(other).locator(f'a[href="/project/{project}"] .h-pink')).to_have_count(1)
    board.expect_pill("saved")
    kept = demo.document("workspace")["data"]["projects"][project]
    assert (kept["name"], kept["colour"]) == ("가을 워크숍 🍁", "pink")


def test_a_new_projects_board_is_worked_on_by_both(
    demo: MoimProcess, board: BoardPage, other: BoardPage
) -> None:
    nav(board).get_by_role("button", name="New project", exact=True).click()
    field = nav(board).get_by_role("textbox", name="Project name")
    field.fill("Retreat")
    field.press("Enter")
    nav(other).get_by_text("Retreat").click()
    expect(other.page.get_by_role("heading", name="Retreat")).to_be_visible()
    expect(board.column(board.ready().columns()[0])).to_be_visible()
    card = board.add_card(board.columns()[0], "Find a house")
    other.expect_title(card, "Find a house")


def test_a_project_is_renamed_in_the_navigation(
    demo: MoimProcess, board: BoardPage, other: BoardPage
) -> None:
    nav(board).get_by_text("Launch 2.0").dblclick()
    field = nav(board).get_by_role("textbox", name="Project name")
    field.fill("Launch 3.0")
    field.press("Enter")
    expect(nav(other).get_by_text("Launch 3.0")).to_be_visible()
    expect(other.page.get_by_role("heading", name="Launch 3.0", exact=True)).to_be_visible()
    board.expect_pill("saved")
    assert demo.document("workspace")["data"]["projects"]["launch"]["name"] == "Launch 3.0"


def test_the_language_switches_and_stays(board: BoardPage) -> None:
    board.page.get_by_role("button", name="한국어로 바꾸기").click()
    expect(board.page.get_by_role("button", name="카드 추가", exact=True).first).to_be_visible()
    expect(board.page.locator("html")).to_have_attribute("lang", "ko")
    board.page.reload()
    board.ready()
    expect(board.page.locator("html")).to_have_attribute("lang", "ko")


def test_the_theme_switches_and_stays(board: BoardPage) -> None:
    ground = "getComputedStyle(document.querySelector('.shell')).backgroundColor"
    light = board.page.evaluate(ground)
    board.page.get_by_role("button", name="Use the dark theme").click()
    expect(board.page.get_by_role("button", name="Use the light theme")).to_be_visible()
    dark = board.page.evaluate(ground)
    assert brightness(dark) < 80 < brightness(light)
    board.page.reload()
    board.ready()
    assert board.page.evaluate(ground) == dark


def brightness(colour: str) -> float:
    red, green, blue = map(int, re.findall(r"\d+", colour)[:3])
    return (red + green + blue) / 3


def test_a_korean_browser_gets_korean_at_once(launch: str, windows: Windows) -> None:
    board = BoardPage(windows.open(launch, locale="ko-KR")).ready()
    expect(board.page.get_by_role("button", name="카드 추가", exact=True).first).to_be_visible()


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_on_a_phone_nothing_is_cut_off_and_a_card_can_be_added(
    launch: str, windows: Windows, locale: str, demo: MoimProcess
) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    board = BoardPage(windows.open(launch, **phone, locale=locale)).ready()
    wide = board.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
    expect(board.pill).to_be_in_viewport()
    column = board.columns()[0]
    board.column(column).locator("button.add").tap()
    field = board.column(column).locator(".quick-add input")
    field.fill("휴대폰에서 📱")
    field.press("Enter")
    board.expect_pill("saved")
    titles = [
        card.get("title") for card in demo.document("project/launch")["data"]["cards"].values()
    ]
    assert "휴대폰에서 📱" in titles


def test_a_mistyped_project_is_said_to_be_unknown(demo: MoimProcess, windows: Windows) -> None:
    page = windows.open(f"{demo.url}/project/no-such-thing", locale="en-US").page
    expect(page.get_by_text("There is no such project")).to_be_visible(timeout=10_000)
    assert demo.get("/api/project/no-such-thing")[0] == 404


def test_the_board_is_usable_within_three_seconds_of_a_cold_open(
    launch: str, windows: Windows
) -> None:
    window = windows.open(launch)
    board = BoardPage(window)
    expect(board.cards.first).to_be_visible(timeout=10_000)
    shown_ms = window.page.evaluate("performance.now()")
    assert shown_ms < 3000


def test_the_address_of_a_card_selects_it(
    demo: MoimProcess, board: BoardPage, windows: Windows
) -> None:
    card = board.order(board.columns()[0])[0]
    board.card(card).click()
    expect(board.page).to_have_url(re.compile(rf"\?card={card}$"))
    again = BoardPage(windows.open(board.page.url)).ready()
    expect(again.card(card)).to_have_class(re.compile(r"\bpicked\b"))
