"""Who is where in the workspace, and following them."""

import re

import pytest
from playwright.sync_api import expect

from board_page import BoardPage
from browser.conftest import TALL
from browser_windows import Windows
from moim_process import MoimProcess
from shell_page import ShellPage

pytestmark = [pytest.mark.browser, pytest.mark.trust, pytest.mark.timeout(120)]
LAUNCH_NAME = "Launch 2.0"
GONE_MS = 1000


@pytest.fixture
def minji(demo: MoimProcess, windows: Windows) -> ShellPage:
    """Somebody at the demo's board."""
    return ShellPage(windows.open(f"{demo.url}/project/launch", **TALL)).ready()


@pytest.fixture
def joon(demo: MoimProcess, windows: Windows, minji: ShellPage) -> ShellPage:
    """Somebody else, in a calendar."""
    return ShellPage(windows.open(f"{demo.url}/calendar/team", **TALL)).ready()


def test_a_face_is_seen_in_the_navigation_on_a_document_that_is_not_open_here(
    minji: ShellPage, joon: ShellPage
) -> None:
    expect(minji.nav_faces("calendar", "팀 일정")).to_have_attribute("data-id", joon.me())
    expect(joon.nav_faces("project", LAUNCH_NAME)).to_have_attribute("data-id", minji.me())
    joon.go("page", "주간 리뷰")
    expect(minji.nav_faces("page", "주간 리뷰")).to_have_attribute("data-id", joon.me())
    expect(minji.nav_faces("calendar", "팀 일정")).to_have_count(0)


def test_a_person_with_several_windows_has_one_face_and_is_in_every_place(
    demo: MoimProcess, windows: Windows, minji: ShellPage
) -> None:
    person = windows.person(**TALL)
    ShellPage(windows.open(f"{demo.url}/calendar/team", person)).ready()
    second = ShellPage(windows.open(f"{demo.url}/project/launch", person)).ready()
    expect(minji.nav_faces("calendar", "팀 일정")).to_have_count(1)
    expect(minji.nav_faces("project", LAUNCH_NAME)).to_have_count(1)
    expect(minji.faces).to_have_count(1)
    second.page.close()
    expect(minji.nav_faces("project", LAUNCH_NAME)).to_have_count(0, timeout=GONE_MS)
    expect(minji.nav_faces("calendar", "팀 일정")).to_have_count(1)
    expect(minji.faces).to_have_count(1)


def test_a_face_is_gone_everywhere_within_a_second_of_a_closed_window(
    minji: ShellPage, joon: ShellPage
) -> None:
    expect(minji.nav_faces("calendar", "팀 일정")).to_have_count(1)
    expect(minji.faces).to_have_count(1)
    joon.page.close()
    expect(minji.nav_faces("calendar", "팀 일정")).to_have_count(0, timeout=GONE_MS)
    expect(minji.faces).to_have_count(0, timeout=GONE_MS)


def test_those_in_this_document_come_first_in_the_header(
    demo: MoimProcess, windows: Windows, minji: ShellPage, joon: ShellPage
) -> None:
    beside = ShellPage(windows.open(f"{demo.url}/project/launch", **TALL)).ready()
    expect(minji.faces).to_have_count(2)
    expect(minji.faces.first).to_have_attribute("data-id", beside.me())
    expect(minji.faces.last).to_have_attribute("data-id", joon.me())


def test_my_page_goes_where_the_person_goes_whom_i_follow(
    demo: MoimProcess, minji: ShellPage, joon: ShellPage
) -> None:
    expect(minji.faces).to_have_count(1)
    minji.follow()
    expect(minji.follow_bar).to_contain_text("Following")
    expect(minji.page).to_have_url(f"{demo.url}/calendar/team")
    joon.go("project", LAUNCH_NAME)
    expect(minji.page).to_have_url(f"{demo.url}/project/launch")
    board = BoardPage(joon.window).ready()
    card = board.order(board.columns()[0])[0]
    board.card(card).focus()
    joon.page.keyboard.press("Enter")
    expect(joon.page).to_have_url(re.compile(rf"\?card={card}$"))
    expect(minji.page).to_have_url(re.compile(rf"/project/launch\?card={card}$"))
    joon.go("page", "주간 리뷰")
    expect(minji.page).to_have_url(f"{demo.url}/page/home")


@pytest.mark.parametrize("how", ["stop", "escape", "click", "key"])
def test_following_ends_when_i_do_something_of_my_own(
    demo: MoimProcess, minji: ShellPage, joon: ShellPage, how: str
) -> None:
    expect(minji.faces).to_have_count(1)
    minji.follow()
    expect(minji.page).to_have_url(f"{demo.url}/calendar/team")
    if how == "stop":
        minji.follow_bar.get_by_role("button", name="Stop").click()
    elif how == "click":
        minji.page.locator("header .ws").click(position={"x": 4, "y": 4}, trial=False)
    else:
        minji.page.keyboard.press("Escape" if how == "escape" else "j")
    expect(minji.follow_bar).to_have_count(0)
    joon.go("page", "주간 리뷰")
    expect(minji.nav_faces("page", "주간 리뷰")).to_have_count(1)
    expect(minji.page).to_have_url(f"{demo.url}/calendar/team")


def test_scrolling_is_looking_on_and_does_not_end_following(
    demo: MoimProcess, minji: ShellPage, joon: ShellPage
) -> None:
    expect(minji.faces).to_have_count(1)
    minji.follow()
    expect(minji.page).to_have_url(f"{demo.url}/calendar/team")
    minji.page.mouse.move(700, 600)
    minji.page.mouse.wheel(0, 200)
    joon.go("page", "주간 리뷰")
    expect(minji.page).to_have_url(f"{demo.url}/page/home")
    expect(minji.follow_bar).to_be_visible()


def test_following_goes_on_when_they_load_their_page_again_and_ends_when_they_leave(
    demo: MoimProcess, minji: ShellPage, joon: ShellPage
) -> None:
    expect(minji.faces).to_have_count(1)
    minji.follow()
    expect(minji.page).to_have_url(f"{demo.url}/calendar/team")
    joon.page.reload()
    joon.ready()
    joon.go("page", "주간 리뷰")
    expect(minji.page).to_have_url(f"{demo.url}/page/home")
    expect(minji.follow_bar).to_be_visible()
    joon.page.close()
    expect(minji.follow_bar).to_have_count(0)
    expect(minji.toast).to_contain_text("left")


def test_korean_says_whom_one_follows(demo: MoimProcess, windows: Windows, joon: ShellPage) -> None:
    seoyeon = ShellPage(
        windows.open(f"{demo.url}/page/home", **{**TALL, "locale": "ko-KR"})
    ).ready()
    joon.page.close()
    expect(seoyeon.faces).to_have_count(1)
    seoyeon.page.locator("button.faces").click()
    seoyeon.page.get_by_role("dialog").get_by_role("button", name="따라가기").click()
    expect(seoyeon.follow_bar).to_contain_text("님을 따라가는 중")
    expect(seoyeon.follow_bar.get_by_role("button", name="그만")).to_be_visible()
