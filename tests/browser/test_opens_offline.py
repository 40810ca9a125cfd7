"""The server is stopped, not the browser's network: pages open, are edited, and all arrives."""

import os
import signal
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

import moim
from board_page import BoardPage, placed
from browser.conftest import LAUNCH, TALL
from browser.test_imported_files import report, series_of_week, stands_at
from browser_windows import Window, Windows
from calendar_page import CalendarPage, monday
from event_page import EventPage
from moim_process import MoimProcess
from offline_page import expect_kept
from shell_page import ShellPage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
TEAM = "calendar/team"
HOME = "page/home"
# The calendar's own zone: what is read there is what was imported.
PERSON = TALL | {"timezone_id": "Asia/Seoul"}

Visit = Callable[[str], Window]


@pytest.fixture
def person(demo: MoimProcess, windows: Windows) -> BrowserContext:
    """Somebody who has looked at everything once."""
    context = windows.person(**PERSON)
    look_at(demo, windows, context, HOME, LAUNCH, TEAM)
    return context


def look_at(demo: MoimProcess, windows: Windows, context: BrowserContext, *documents: str) -> None:
    for document in documents:
        window = windows.open(f"{demo.url}/{document}", context)
        expect_kept(window.page, "workspace", document)
        window.page.close()


@pytest.fixture
def stopped(demo: MoimProcess, windows: Windows, person: BrowserContext) -> MoimProcess:
    """Their server, which has ended since."""
    windows.allow_server_away()
    assert demo.stop() == 0
    return demo


@pytest.fixture
def visit(demo: MoimProcess, windows: Windows, person: BrowserContext) -> Visit:
    """Opens an address in a new window of that person."""
    return lambda address: windows.open(demo.url + address, person)


def expect_pill(page: Page, state: str, timeout_s: float = 20) -> None:
    pill = page.locator('[data-moim="pill"]').first
    expect(pill).to_have_attribute("data-state", state, timeout=timeout_s * 1000)


# ── what opens ──


def test_a_board_opens_with_all_its_cards(stopped: MoimProcess, visit: Visit) -> None:
    board = BoardPage(visit("/project/launch")).ready()
    board.expect_pill("offline", timeout_s=3)
    shown, titles = board.layout(), board.titles()
    stopped.start()
    document = stopped.document(LAUNCH)
    assert shown == placed(document["data"])
    cards = document["data"]["cards"]
    assert titles == {card: cards[card]["title"] for column in shown.values() for card in column}


def test_the_address_of_a_card_opens_the_card(stopped: MoimProcess, visit: Visit) -> None:
    page = visit("/project/launch?card=ln-118").page
    expect(page.locator(".card-panel").get_by_label("Title", exact=True)).to_have_value(
        "Offline outbox survives a closed tab"
    )


def test_a_page_opens_with_its_notes_its_board_and_its_calendar(
    stopped: MoimProcess, visit: Visit
) -> None:
    for address in ("/", "/page/home"):
        shell = ShellPage(visit(address)).ready()
        shell.expect_order(["week", "who", "board", "days", "answers"])
        expect(shell.cell("week")).to_contain_text("Berlin tests the import until the demo")
        expect(shell.cell("board").locator('[data-moim="card"]').first).to_be_visible()
        shell.cell("days").scroll_into_view_if_needed()
        expect(shell.cell("days").locator('[data-moim="event"]').first).to_be_visible()
        expect_pill(shell.page, "offline")


def test_a_chart_says_that_it_waits_for_the_server(stopped: MoimProcess, visit: Visit) -> None:
    shell = ShellPage(visit("/page/home")).ready()
    expect(shell.cell("who").get_by_role("status")).to_contain_text("waits for it")


def test_native_widgets_say_that_they_wait_for_the_server(
    stopped: MoimProcess, visit: Visit
) -> None:
    page = visit("/project/launch").page
    expect(page.locator(".dock").get_by_role("status")).to_contain_text("wait")


def test_a_calendar_opens_with_what_only_the_server_expands(
    demo: MoimProcess, windows: Windows, person: BrowserContext, visit: Visit, tmp_path: Path
) -> None:
    first = monday(date.today())
    file = tmp_path / "series.ics"
    file.write_text(series_of_week(first))
    report(demo, file, "--into", TEAM)
    seen = CalendarPage(visit("/calendar/team")).ready()
    days = [first + timedelta(days=number) for number in range(7)]
    rehearsals = [(days[0], 13), (days[1], 15), (days[3], 13)]
    # What lies over the calendar comes after it, and its whole days push the hours down.
    others = ("calendar/releases", "calendar/interviews", "project/website")
    expect_kept(seen.page, TEAM, LAUNCH, *others)
    stands_at(seen, "Rehearsal", rehearsals)
    titles = set(seen.events.all_inner_texts())
    seen_events = seen.events.count()
    seen.page.close()
    windows.allow_server_away()
    demo.stop()
    again = CalendarPage(visit("/calendar/team"))
    expect(again.events).to_have_count(seen_events, timeout=15_000)
    stands_at(again, "Rehearsal", rehearsals)
    expect_pill(again.page, "offline")
    assert set(again.events.all_inner_texts()) == titles


def test_a_document_that_was_never_opened_says_so_and_comes_with_the_server(
    stopped: MoimProcess, visit: Visit
) -> None:
    # Calendars open the projects whose cards they show: only one made meanwhile is surely not here.
    stopped.start()
    with moim.connect(stopped.url, outbox=None) as workspace:
        made = workspace.add_project("Made while nobody looked")
        made.cards.add("Not seen yet")
        workspace.wait_saved(10)
        address = f"/project/{made.id}"
    assert stopped.stop() == 0
    pages = [visit(f"/{kind}/elsewhere").page for kind in ("project", "calendar", "page")]
    for page in pages:
        expect(page.locator('[data-moim="not-here"]')).to_contain_text("Not on this device yet")
    unseen = visit(address).page
    expect(unseen.locator('[data-moim="not-here"]')).to_be_visible()
    stopped.start()
    expect(unseen.locator('[data-moim="card"]').first).to_be_visible(timeout=15_000)
    expect(pages[2].get_by_role("alert")).to_contain_text("no such page", timeout=15_000)


def test_language_theme_and_who_somebody_is_stay(demo: MoimProcess, windows: Windows) -> None:
    context = windows.person(**TALL)
    shell = ShellPage(windows.open(f"{demo.url}/{LAUNCH}", context)).ready()
    shell.page.get_by_role("button", name="한국어로 바꾸기").click()
    shell.page.get_by_role("button", name="어두운 테마로").click()
    expect_kept(shell.page, "workspace", LAUNCH)
    faces = "button.faces"
    me, face = shell.me(), shell.page.locator(faces).inner_text()
    shell.page.close()
    windows.allow_server_away()
    demo.stop()
    again = ShellPage(windows.open(f"{demo.url}/{LAUNCH}", context)).ready()
    expect(again.page.locator("html")).to_have_attribute("lang", "ko")
    expect(again.page.locator("html")).to_have_attribute("data-theme", "dark")
    expect_pill(again.page, "offline")
    assert (again.me(), again.page.locator(faces).inner_text()) == (me, face)


def test_data_is_never_answered_from_what_was_kept(stopped: MoimProcess, visit: Visit) -> None:
    page = visit("/project/launch").page
    expect_pill(page, "offline")
    ask = "path => fetch(path, {cache: 'no-store'}).then(answer => answer.status, () => 'away')"
    for path in (
        "/api/project/launch",
        "/api/workspace",
        "/healthz",
        "/metrics",
        "/project/launch",
    ):
        assert page.evaluate(ask, path) == "away", path
    stopped.start()
    assert page.evaluate(ask, "/api/project/launch") == 200


def test_a_server_that_hangs_does_not_hold_up_the_page(
    demo: MoimProcess, windows: Windows, visit: Visit
) -> None:
    windows.allow_server_away()
    assert demo.process is not None
    os.kill(demo.process.pid, signal.SIGSTOP)
    try:
        board = BoardPage(visit("/project/launch")).ready(timeout_s=6)
        board.expect_pill("offline", timeout_s=10)
    finally:
        os.kill(demo.process.pid, signal.SIGCONT)
    board.expect_pill("saved", timeout_s=20)


# ── what is edited ──


def test_edits_outlive_a_reload_and_arrive_when_the_server_is_back(
    stopped: MoimProcess, windows: Windows, visit: Visit
) -> None:
    board = BoardPage(visit("/project/launch")).ready()
    first, *_ = board.columns()
    card = board.add_card(first, "Written without a server 🙂")
    events = EventPage(visit("/calendar/team")).ready()
    events.open("Tom 환영 저녁")
    events.keep("Title", "Tom 환영 저녁, 옥상에서")
    events.page.keyboard.press("Escape")
    events.begin("Made without a server")
    events.finish()
    shell = ShellPage(visit("/")).ready()
    shell.write_note("week", " 서버 없이 씀")
    for page in (board.page, events.page, shell.page):
        page.reload()
        expect_pill(page, "offline")
    board.ready().expect_title(card, "Written without a server 🙂")
    expect(events.ready().events("Tom 환영 저녁, 옥상에서").first).to_be_visible()
    # the list stands at the event that is open, which on a weekend is days after what was made
    events.page.get_by_role("button", name="Today", exact=True).click()
    expect(events.events("Made without a server")).to_have_count(1)
    expect(shell.cell("week")).to_contain_text("서버 없이 씀")
    board.rename(card, "Renamed after a reload")
    stopped.start()
    for page in (board.page, events.page, shell.page):
        expect_pill(page, "saved")
    witness = BoardPage(windows.open(f"{stopped.url}/{LAUNCH}", **TALL)).ready()
    witness.expect_title(card, "Renamed after a reload")
    calendar = EventPage(windows.open(f"{stopped.url}/{TEAM}", **PERSON)).ready()
    expect(calendar.events("Tom 환영 저녁, 옥상에서").first).to_be_visible()
    expect(calendar.events("Made without a server")).to_have_count(1)
    page = ShellPage(windows.open(f"{stopped.url}/{HOME}", **TALL)).ready()
    expect(page.cell("week")).to_contain_text("서버 없이 씀")


@pytest.mark.trust
def test_five_hundred_edits_outlive_a_reload_and_all_arrive(
    stopped: MoimProcess, visit: Visit
) -> None:
    board = BoardPage(visit("/project/launch")).ready()
    column = board.columns()[0]
    titles = [f"Offline {number}" for number in range(500)]
    board.column(column).get_by_role("button", name="Add card", exact=True).click()
    field = board.column(column).locator(".quick-add input")
    for title in titles:
        field.fill(title)
        field.press("Enter")
    board.page.reload()
    board.ready().expect_pill("offline")
    board.pill.click()
    expect(board.page.get_by_role("heading", name="500 changes waiting")).to_be_visible()
    stopped.start()
    board.expect_pill("saved", timeout_s=30)
    saved = stopped.document(LAUNCH)["data"]["cards"].values()
    arrived = [card["title"] for card in saved if card.get("title", "").startswith("Offline ")]
    assert sorted(arrived) == sorted([*titles, "Offline outbox survives a closed tab"])
