"""Pages and what the navigation lists, worked on by two people."""

import re

import pytest
from playwright.sync_api import expect

from board_page import BoardPage
from browser.conftest import TALL
from browser_windows import Windows
from moim_process import MoimProcess
from shell_page import EDITOR, Kind, ShellPage

pytestmark = [pytest.mark.browser, pytest.mark.trust, pytest.mark.timeout(120)]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
HOME = "page/home"


@pytest.fixture
def one(demo: MoimProcess, windows: Windows) -> ShellPage:
    """Somebody at the demo's first page."""
    return ShellPage(windows.open(f"{demo.url}/{HOME}", **TALL)).ready()


@pytest.fixture
def two(demo: MoimProcess, windows: Windows, one: ShellPage) -> ShellPage:
    """Somebody else at the same page, come after the first."""
    return ShellPage(windows.open(f"{demo.url}/{HOME}", **TALL)).ready()


def expect_saved(shell: ShellPage) -> None:
    BoardPage(shell.window).expect_pill("saved")


# ── navigation ──


@pytest.mark.parametrize("kind", ["page", "project", "calendar"])
def test_what_one_makes_in_the_navigation_the_other_sees_and_opens(
    demo: MoimProcess, one: ShellPage, two: ShellPage, kind: Kind
) -> None:
    made = one.create(kind, "가을 워크숍 🍁")
    expect(two.item(kind, "가을 워크숍 🍁")).to_be_visible()
    two.go(kind, "가을 워크숍 🍁")
    expect(two.page).to_have_url(f"{demo.url}/{kind}/{made}")
    expect(two.page.locator("header h1")).to_have_text("가을 워크숍 🍁")
    expect_saved(one)
    root = {"page": "pages", "project": "projects", "calendar": "calendars"}[kind]
    assert demo.document("workspace")["data"][root][made]["name"] == "가을 워크숍 🍁"
    assert demo.get(f"/api/{kind}/{made}")[0] == 200


def test_a_calendar_is_coloured_and_deleted_and_the_delete_is_undone(
    demo: MoimProcess, one: ShellPage, two: ShellPage
) -> None:
    one.menu("calendar", "팀 일정").get_by_role("button", name="Pink").click()
    expect(two.item("calendar", "팀 일정").locator(".h-pink")).to_have_count(1)
    one.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(two.item("calendar", "팀 일정")).to_have_count(0)
    expect(one.toast).to_contain_text("Deleted calendar “팀 일정”")
    one.toast.get_by_role("button", name="Undo").click()
    expect(two.item("calendar", "팀 일정")).to_be_visible()


def test_a_deleted_page_that_is_open_gives_way_to_what_is_first(
    demo: MoimProcess, one: ShellPage
) -> None:
    one.create("page", "Scratch")
    one.menu("page", "Scratch").get_by_role("button", name="Delete").click()
    expect(one.page).to_have_url(f"{demo.url}/")
    expect(one.page.locator("header h1")).to_have_text("주간 리뷰")


def test_projects_are_moved_by_keyboard_and_the_other_sees_the_order(
    one: ShellPage, two: ShellPage
) -> None:
    before = one.names("project")
    one.item("project", before[1]).locator("a").focus()
    one.page.keyboard.press("Alt+ArrowUp")
    expect(two.nav.locator(".ni-row.project .clip").first).to_have_text(before[1])
    assert one.names("project")[:2] == [before[1], before[0]]
    expect(one.item("project", before[1]).locator("a")).to_be_focused()


def test_a_hidden_calendar_stays_hidden_in_this_browser_only(
    one: ShellPage, two: ShellPage
) -> None:
    switch = one.nav.get_by_role("checkbox", name="Show 팀 일정")
    switch.uncheck()
    one.page.reload()
    one.ready()
    expect(switch).not_to_be_checked()
    expect(two.nav.get_by_role("checkbox", name="Show 팀 일정")).to_be_checked()


# ── pages ──


def test_the_first_address_shows_the_first_page(demo: MoimProcess, windows: Windows) -> None:
    shell = ShellPage(windows.open(f"{demo.url}/", **TALL)).ready()
    expect(shell.page.locator(".page-title")).to_have_text("주간 리뷰")
    expect(shell.cells.first).to_be_visible()
    kinds = {shell.cells.nth(at).get_attribute("data-kind") for at in range(shell.cells.count())}
    assert kinds == {"note", "board", "calendar", "chart"}


def test_a_pages_title_is_the_name_that_everybody_sees(one: ShellPage, two: ShellPage) -> None:
    one.page.locator(".page-title").get_by_role("button").click()
    field = one.page.locator(".page-title").get_by_role("textbox")
    field.fill("25일 주간 리뷰")
    field.press("Enter")
    expect(two.page.locator(".page-title")).to_have_text("25일 주간 리뷰")
    expect(two.item("page", "25일 주간 리뷰")).to_be_visible()
    expect(two.page).to_have_title(re.compile("25일 주간 리뷰"))


def test_a_note_is_written_together_and_read_as_it_is_meant(
    demo: MoimProcess, one: ShellPage, two: ShellPage
) -> None:
    cell = one.add_cell("Note")
    one.page.keyboard.type("**Decided:** ")
    two.cell(cell).scroll_into_view_if_needed()
    expect(two.cell(cell)).to_contain_text("Decided:")
    two.open_note(cell)
    two.page.keyboard.press("Control+End")
    two.page.keyboard.type("데모는 금요일")
    expect(one.cell(cell)).to_contain_text("데모는 금요일")
    one.page.keyboard.press("Escape")
    expect(one.cell(cell).locator("strong")).to_have_text("Decided:")
    two.page.keyboard.press("Escape")
    expect(two.cell(cell).locator("strong")).to_have_text("Decided:")
    expect_saved(one)
    expect_saved(two)
    assert demo.document(HOME)["data"]["cells"][cell]["text"] == "**Decided:** 데모는 금요일"


def test_who_is_in_a_cell_is_seen_beside_it(one: ShellPage, two: ShellPage) -> None:
    cell = one.add_cell("Note")
    face = two.cell(cell).locator('[data-moim="cell-face"]')
    expect(face).to_have_attribute("data-id", one.me())
    one.page.keyboard.press("Escape")
    one.page.locator(".page-title button").focus()
    expect(face).to_have_count(0)


def test_a_cell_is_added_between_two_others_and_the_other_sees_it_there(
    one: ShellPage, two: ShellPage
) -> None:
    first, *rest = one.order()
    one.page.get_by_role("button", name="Add a cell here").nth(1).hover()
    one.page.get_by_role("button", name="Add a cell here").nth(1).click()
    one.page.get_by_role("group", name="Add cell").get_by_role("button", name="Board").click()
    expect(one.cells).to_have_count(len(rest) + 2)
    made = one.order()[1]
    two.expect_order([first, made, *rest])
    expect(two.cell(made).locator('[data-moim="column"]').first).to_be_visible()


def test_a_cell_is_dragged_above_another(demo: MoimProcess, one: ShellPage, two: ShellPage) -> None:
    first, second, *rest = one.order()
    one.drag_cell(second, first)
    one.expect_order([second, first, *rest])
    two.expect_order([second, first, *rest])
    expect_saved(one)
    cells = demo.document(HOME)["data"]["cells"]
    assert cells[second]["place"] < cells[first]["place"]


def test_a_cell_is_moved_by_keyboard_and_keeps_the_focus(one: ShellPage, two: ShellPage) -> None:
    first, second, *rest = one.order()
    handle = one.cell(first).locator(".cell-handle")
    handle.focus()
    one.page.keyboard.press("Alt+ArrowDown")
    two.expect_order([second, first, *rest])
    expect(handle).to_be_focused()
    one.page.keyboard.press("Alt+ArrowUp")
    two.expect_order([first, second, *rest])


def test_a_deleted_cell_goes_for_both_and_comes_back_where_it_was(
    one: ShellPage, two: ShellPage
) -> None:
    first, *rest = before = one.order()
    one.cell(first).hover()
    one.cell(first).get_by_role("button", name=re.compile(": more$")).first.click()
    one.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    two.expect_order(rest)
    one.toast.get_by_role("button", name="Undo").click()
    two.expect_order(before)


def test_a_cells_project_is_chosen_in_its_head_and_the_board_follows_for_both(
    one: ShellPage, two: ShellPage
) -> None:
    cell = one.add_cell("Board")
    two.cell(cell).scroll_into_view_if_needed()
    expect(two.cell(cell).get_by_text("LN-118")).to_be_visible()
    one.cell(cell).get_by_role("button", name="Shows Launch 2.0").click()
    one.page.get_by_role("dialog").get_by_role("button", name="웹사이트 개편").click()
    expect(two.cell(cell).get_by_text(re.compile("^WEB-")).first).to_be_visible()
    expect(two.cell(cell).get_by_text("LN-118")).to_have_count(0)


def test_a_cells_height_is_pulled_by_keyboard_and_kept(
    demo: MoimProcess, one: ShellPage, two: ShellPage
) -> None:
    cell = one.add_cell("Board")
    one.cell(cell).get_by_role("separator", name="Height").focus()
    one.page.keyboard.press("ArrowDown")
    grip = two.cell(cell).get_by_role("separator", name="Height")
    expect(grip).to_have_attribute("aria-valuenow", "440")
    expect_saved(one)
    assert demo.document(HOME)["data"]["cells"][cell]["height"] == 440


def test_a_card_moved_in_a_pages_board_moves_on_the_board_itself(
    demo: MoimProcess, windows: Windows, one: ShellPage
) -> None:
    board = BoardPage(windows.open(f"{demo.url}/project/launch", **TALL)).ready()
    source, target = board.columns()[:2]
    card = board.order(source)[0]
    inside = BoardPage(one.window).ready()
    inside.card(card).focus()
    for key in (" ", "ArrowRight", " "):
        one.page.keyboard.press(key)
    expect(board.column(target).locator(f'[data-moim="card"][data-id="{card}"]')).to_be_visible()


def test_a_cell_whose_project_is_gone_says_so_and_the_rest_lives(
    demo: MoimProcess, one: ShellPage, two: ShellPage
) -> None:
    cell = one.add_cell("Board")
    note = one.add_cell("Note")
    one.page.keyboard.type("still here")
    one.page.keyboard.press("Escape")
    two.menu("project", "Launch 2.0").get_by_role("button", name="Delete").click()
    expect(one.cell(cell).get_by_role("alert")).to_contain_text("not in the workspace any more")
    expect(one.cell(note)).to_contain_text("still here")
    one.cell(cell).get_by_role("alert").get_by_role("button", name="Choose a project").click()
    one.page.get_by_role("dialog").get_by_role("button", name="웹사이트 개편").click()
    expect(one.cell(cell).locator('[data-moim="column"]').first).to_be_visible()


def test_a_mistyped_page_is_said_to_be_unknown(demo: MoimProcess, windows: Windows) -> None:
    page = windows.open(f"{demo.url}/page/no-such-thing", locale="en-US").page
    expect(page.get_by_text("There is no such page")).to_be_visible(timeout=10_000)
    assert demo.get("/api/page/no-such-thing")[0] == 404


def test_cells_far_below_are_not_mounted_until_they_are_nearly_in_sight(
    demo: MoimProcess, windows: Windows
) -> None:
    small = {"viewport": {"width": 1280, "height": 500}, "locale": "en-US"}
    shell = ShellPage(windows.open(f"{demo.url}/{HOME}", **small)).ready()
    calendar = shell.page.locator('[data-kind="calendar"]').first
    expect(shell.page.locator('[data-kind="note"]').first).to_be_visible()
    expect(calendar.locator('[aria-busy="true"]')).to_have_count(1)
    calendar.scroll_into_view_if_needed()
    expect(calendar.locator('[data-moim="event"]').first).to_be_visible()


def test_the_page_is_usable_within_three_seconds_of_a_cold_open(
    demo: MoimProcess, windows: Windows
) -> None:
    window = windows.open(f"{demo.url}/{HOME}")
    expect(window.page.locator('[data-moim="cell"]').first).to_be_visible(timeout=10_000)
    assert window.page.evaluate("performance.now()") < 3000


@pytest.mark.parametrize("locale", ["en-US", "ko-KR"])
def test_on_a_phone_a_page_is_one_column_and_a_note_can_be_added(
    demo: MoimProcess, windows: Windows, locale: str
) -> None:
    shell = ShellPage(windows.open(f"{demo.url}/{HOME}", **PHONE, locale=locale))
    expect(shell.cells.first).to_be_visible()
    assert shell.page.evaluate("document.documentElement.scrollWidth") <= 390
    for at in range(shell.cells.count()):
        box = BoardPage.box(shell.cells.nth(at))
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    before = shell.cells.count()
    shell.page.locator(".add-cell").tap()
    shell.page.locator(".add-kinds button").first.tap()
    expect(shell.cells).to_have_count(before + 1)
    expect(shell.cells.last.locator(EDITOR)).to_be_focused()
    shell.page.keyboard.type("휴대폰에서 📱")
    expect(shell.cells.last).to_contain_text("휴대폰에서 📱")


def test_the_language_of_a_page_switches_at_once(one: ShellPage) -> None:
    expect(one.page.get_by_role("button", name="Add cell", exact=True)).to_be_visible()
    one.page.get_by_role("button", name="한국어로 바꾸기").click()
    expect(one.page.get_by_role("button", name="셀 추가", exact=True)).to_be_visible()
    expect(one.nav.get_by_role("heading", name="캘린더")).to_be_visible()
    expect(one.page.locator("html")).to_have_attribute("lang", "ko")
