"""People who may only look: no controls to change anything, at once when their role changes."""

import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from board_page import BoardPage
from browser_windows import Window, Windows
from held_socket import HeldSocket
from moim_process import COMMAND, MoimProcess
from notices_page import NoticesPage

pytestmark = [pytest.mark.browser, pytest.mark.trust, pytest.mark.timeout(120)]
PASSWORD = "correct horse battery"
VIEW: dict[str, Any] = {
    "viewport": {"width": 1680, "height": 900},
    "locale": "en-US",
    "permissions": ["clipboard-read", "clipboard-write"],
}
LINE = "You can look at this, not change it."


@pytest.fixture
def guarded(serve: Callable[..., MoimProcess]) -> MoimProcess:
    """A server that knows its people: Ann owns everything, Viktor looks."""
    server = serve("--demo", "--workers", "0", "--auth", "password")
    user(server, "add", "ann", "--role", "owner")
    user(server, "add", "viktor", "--role", "viewer")
    return server


def user(server: MoimProcess, *words: str) -> None:
    """Runs `moim user` beside the server; a password comes from stdin."""
    subprocess.run(
        [*COMMAND, "user", *words, "--db", str(server.database)],
        input=f"{PASSWORD}\n",
        text=True,
        check=True,
        timeout=20,
        capture_output=True,
    )


@pytest.fixture
def sockets() -> dict[str, HeldSocket]:
    """Of those who have signed in, by name."""
    return {}


@pytest.fixture
def sign_in(
    guarded: MoimProcess, windows: Windows, sockets: dict[str, HeldSocket]
) -> Callable[[str, str], Window]:
    """Opens a place as somebody, in a browser of their own the first time."""
    people: dict[str, BrowserContext] = {}

    def enter(name: str, path: str) -> Window:
        if name in people:
            return windows.open(f"{guarded.url}/{path}", people[name])
        people[name] = windows.person(**VIEW)
        sockets[name] = HeldSocket.of(people[name])
        window = windows.open(f"{guarded.url}/login?next=/{path}", people[name])
        field = window.page.locator('input[name="name"]')
        # The page puts the focus there itself, and says so when somebody was faster.
        expect(field).to_be_focused()
        field.fill(name)
        window.page.locator('input[name="password"]').fill(PASSWORD)
        window.page.locator("button.main").click()
        window.page.wait_for_url(f"**/{path}")
        return window

    return enter


def expect_warned(window: Window) -> None:
    """The store says in the console that it wrote nothing, and that is all that was said."""
    said = window.printed.copy()
    window.printed.clear()
    assert said == ["warning: moim: nothing was written, project/launch may only be read here"]


def controls(place: Locator) -> list[str]:
    """What in a place could be typed in or ticked, apart from the filter of one's own."""
    found: list[str] = place.locator(
        "input:visible, textarea:visible, select:visible, [contenteditable=true]:visible"
    ).evaluate_all("all => all.map(one => one.ariaLabel || one.name || one.className)")
    return [one for one in found if one != "Filter cards"]


def buttons(place: Locator) -> set[str]:
    found: list[str] = place.locator("button:visible").evaluate_all(
        "all => all.map(one => one.ariaLabel || one.textContent.trim())"
    )
    return set(found)


def quiet_line(page: Page) -> Locator:
    return page.locator(".look-only")


def test_a_viewers_board_and_card_have_no_controls(
    sign_in: Callable[[str, str], Window],
) -> None:
    board = BoardPage(sign_in("viktor", "project/launch")).ready()
    page = board.page
    expect(quiet_line(page)).to_have_text(LINE)
    content = page.locator("main.content")
    assert controls(content) == []
    assert buttons(content) <= {"Insights", "Board"}
    assert buttons(page.locator("nav.side")) == set()
    first, second = board.columns()[:2]
    before = board.layout()
    card = board.order(first)[0]
    board.drag(card, board.end_of(second))
    board.card(card).focus()
    for key in ("F2", "e", "Delete", " "):
        page.keyboard.press(key)
    assert board.layout() == before
    assert controls(content) == []
    page.keyboard.press("Enter")
    panel = page.locator(".card-panel")
    expect(panel).to_be_visible()
    expect(panel.locator(".cm-content")).to_have_attribute("aria-readonly", "true")
    assert controls(panel) == []
    assert buttons(panel) <= {"Copy link", "Previous card", "Next card", "Close"}


def test_a_viewers_calendar_and_page_have_no_controls(
    sign_in: Callable[[str, str], Window],
) -> None:
    page = sign_in("viktor", "calendar/team").page
    event = page.locator('[data-moim="event"]').first
    event.wait_for()
    expect(quiet_line(page)).to_have_text(LINE)
    expect(page.locator(".cal-add")).to_have_count(0)
    event.click()
    editor = page.locator(".event-pop")
    expect(editor).to_be_visible()
    expect(editor.locator(".cm-content")).to_have_attribute("aria-readonly", "true")
    assert controls(editor) == []
    assert buttons(editor) == {"Close"}
    page = sign_in("viktor", "page/home").page
    page.locator('[data-moim="cell"]').first.wait_for()
    expect(quiet_line(page)).to_have_text(LINE)
    for name in (".cell-handle", ".cell-more", ".add-cell", ".add-line button", ".note-write"):
        expect(page.locator(name)).to_have_count(0)
    expect(page.locator(".page-title button")).to_be_disabled()


def test_a_role_acts_on_an_open_board_at_once(
    guarded: MoimProcess, sign_in: Callable[[str, str], Window]
) -> None:
    board = BoardPage(sign_in("viktor", "project/launch")).ready()
    add = board.page.get_by_role("button", name="New card")
    expect(quiet_line(board.page)).to_be_visible()
    user(guarded, "role", "viktor", "editor")
    expect(add).to_be_visible(timeout=2_000)
    expect(quiet_line(board.page)).to_have_count(0)
    user(guarded, "role", "viktor", "viewer")
    expect(add).to_have_count(0, timeout=2_000)
    expect(quiet_line(board.page)).to_be_visible()


FORGED = """() => {
  const [{ client }] = globalThis[Symbol.for("moim.clients")].values();
  const { store, release } = client.project("launch");
  store.getState().addLabel("forged", "red");
  release();
}"""


def test_what_a_viewer_cannot_do_is_not_done_by_the_pages_own_actions_either(
    guarded: MoimProcess, sign_in: Callable[[str, str], Window]
) -> None:
    looking = BoardPage(sign_in("viktor", "project/launch")).ready()
    expect(quiet_line(looking.page)).to_be_visible()
    looking.page.evaluate(FORGED)
    expect_warned(looking.window)
    notices = NoticesPage(looking.window)
    notices.expect_counts()
    looking.expect_pill("saved")
    owner = BoardPage(sign_in("ann", "project/launch")).ready()
    names = owner.page.evaluate(
        """() => {
          const [{ client }] = globalThis[Symbol.for("moim.clients")].values();
          return client.project("launch").store.getState().labels.map(({ name }) => name);
        }"""
    )
    assert "Security" in names
    assert "forged" not in names


def test_what_was_written_before_the_role_was_known_is_kept_until_it_may_be_applied(
    guarded: MoimProcess, sign_in: Callable[[str, str], Window], sockets: dict[str, HeldSocket]
) -> None:
    user(guarded, "role", "viktor", "editor")
    board = BoardPage(sign_in("viktor", "project/launch")).ready()
    notices = NoticesPage(board.window)
    other, card = board.order(board.columns()[0])[:2]
    board.rename(other, "The first edit makes a member")
    board.expect_pill("saved")
    before = board.titles()[card]
    sockets["viktor"].hold()
    board.rename(card, "Written in good faith")
    user(guarded, "role", "viktor", "viewer")
    sockets["viktor"].let_go()
    notices.expect_counts(refused=1)
    board.expect_title(card, before)
    expect(notices.toast).to_contain_text("you can only look at this now. Your text is kept.")
    notices.open_list()
    expect(notices.refused).to_contain_text(f"Title: “{before}” → “Written in good faith”")
    notices.refused.get_by_role("button", name="Apply again").click()
    expect(notices.refused).to_contain_text("It cannot be applied now. Your text is kept.")
    expect_warned(board.window)
    notices.close_list()
    user(guarded, "role", "viktor", "editor")
    expect(board.page.get_by_role("button", name="New card")).to_be_visible()
    notices.open_list()
    notices.refused.get_by_role("button", name="Apply again").click()
    notices.expect_counts()
    board.expect_title(card, "Written in good faith")
    board.expect_pill("saved")
