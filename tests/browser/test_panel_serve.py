"""`panel serve` alone: the demo's page, and somebody's own app of five lines."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import expect

import moim
from board_page import BoardPage
from browser_windows import Windows
from calendar_page import CalendarPage
from card_page import CardPage
from moim_process import ROOT, MoimProcess, PanelProcess, free_port
from upgrade_proxy import UpgradeProxy

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]
TALL: dict[str, Any] = {
    "viewport": {"width": 1440, "height": 1600},
    "locale": "en-US",
    "bokeh_may_talk": True,
}
FIVE_LINES = """\
import panel as pn
import moim

pn.extension()
moim.Board(project="launch").servable()
"""
WITH_A_WIDGET = """\
import panel as pn
import moim

pn.extension()
board = moim.Board(project="launch")
find = pn.widgets.TextInput(name="Find")
find.link(board, value="filter")
chosen = pn.pane.Str(pn.bind("chosen: {}".format, board.param.selection))
pn.Column(find, chosen, board).servable()
"""

CALENDAR_WITH_WIDGETS = """\
import panel as pn
import moim

pn.extension()
calendar = moim.Calendar("team", "launch", date="{day}", view="week")
view = pn.widgets.Select(label="How much", options=["month", "week", "day", "list"], value="week")
view.link(calendar, value="view", bidirectional=True)
params = calendar.param.view, calendar.param.date, calendar.param.selection
shown = pn.bind("{{}} {{}} {{}}".format, *params)
pn.Column(view, pn.pane.Str(shown), calendar).servable()
"""
ANOTHER_HOST = """\
import panel as pn
import moim

pn.extension()
moim.Board("launch", url="{url}").servable()
"""
IN_A_DARK_PAGE = """\
import panel as pn
import moim

pn.extension(theme="dark")
pn.Column("# Mine", moim.Board(project="launch")).servable()
"""


class PanelServe(Protocol):
    """Starts `panel serve` of an app."""

    def __call__(self, app: Path, port: int | None = None) -> PanelProcess: ...


@pytest.fixture
def panel_serve(tmp_path: Path) -> Iterator[PanelServe]:
    started: list[PanelProcess] = []

    def serve(app: Path, port: int | None = None) -> PanelProcess:
        process = PanelProcess(tmp_path, port or free_port(), app)
        started.append(process)
        process.start(deadline_s=40)
        return process

    yield serve
    for process in started:
        process.kill()
        print(process.text())


@pytest.fixture(scope="module")
def app_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PanelProcess]:
    """The demo's page; tests of it share the server, as each starts Panel anew."""
    folder = tmp_path_factory.mktemp("panel")
    with PanelProcess(folder, free_port(), ROOT / "dashboard" / "app.py") as process:
        yield process


def test_the_demos_page_is_edited_by_two(app_server: PanelProcess, windows: Windows) -> None:
    server = app_server
    one = BoardPage(windows.open(f"{server.url}/app", **TALL)).ready(timeout_s=30)
    two = BoardPage(windows.open(f"{server.url}/app", **TALL)).ready(timeout_s=30)
    card = one.add_card(one.columns()[0], "One process is enough 🙂")
    two.expect_title(card, "One process is enough 🙂")
    two.drag(card, two.end_of(two.columns()[1]))
    expect(one.column(one.columns()[1]).locator(f'[data-id="{card}"]')).to_be_visible()
    status, _ = server.get("/api/project/launch")
    assert status == 200


def test_a_board_behind_a_proxy_without_websockets_of_ours_is_edited_over_long_polling(
    app_server: PanelProcess, windows: Windows
) -> None:
    server = app_server
    windows.allow_server_away()
    with UpgradeProxy(server.port, only="/sync") as proxy:
        one = BoardPage(windows.open(f"{proxy.url}/app", **TALL)).ready(timeout_s=30)
        two = BoardPage(windows.open(f"{server.url}/app", **TALL)).ready(timeout_s=30)
        card = one.add_card(one.columns()[0], "Over long polling")
        two.expect_title(card, "Over long polling")
        one.expect_pill("saved")
        assert any(path.startswith("/sync/poll?") for path in proxy.paths)
        one.page.close()


def test_the_demos_calendars_are_a_tab_and_show_what_was_done_on_the_board(
    app_server: PanelProcess, windows: Windows
) -> None:
    server = app_server
    board = BoardPage(windows.open(f"{server.url}/app", **TALL)).ready(timeout_s=30)
    tab = board.page.locator(".bk-tab")
    expect(tab).to_have_text(["Board", "Calendar"])
    calendar = CalendarPage(board.window)
    expect(calendar.canvas).to_have_count(0)
    opened = CardPage(board).open("ln-117")
    opened.title.fill("Renamed on the board 🙂")
    opened.title.press("Enter")
    board.expect_title("ln-117", "Renamed on the board 🙂")
    board.page.keyboard.press("Escape")
    opened.expect_closed()
    tab.filter(has_text="Calendar").click()
    expect(calendar.canvas).to_be_visible(timeout=30_000)
    calendar.show("Month")
    expect(calendar.event("Seoul ↔ Berlin").first).to_be_visible()
    expect(calendar.card("ln-117").first).to_contain_text("Renamed on the board 🙂")
    tab.filter(has_text="Board").click()
    board.expect_title("ln-117", "Renamed on the board 🙂")
    tab.filter(has_text="Calendar").click()
    expect(board.page.locator(".cal-canvas.month")).to_be_visible()


def test_the_demos_page_is_of_the_project_and_in_the_language_that_are_asked_for(
    app_server: PanelProcess, windows: Windows
) -> None:
    server = app_server
    korean = TALL | {"locale": "ko-KR"}
    website = windows.open(f"{server.url}/app?project=website", **korean)
    board = BoardPage(website).ready(timeout_s=30)
    expect(board.page.locator(".bk-tab")).to_have_text(["보드", "캘린더"])
    board.expect_like(server.document("project/website"))


def test_five_lines_of_somebodys_own_app_show_a_live_board(
    panel_serve: PanelServe, windows: Windows, tmp_path: Path
) -> None:
    app = tmp_path / "mine.py"
    app.write_text(FIVE_LINES)
    server = panel_serve(app)
    one = BoardPage(windows.open(f"{server.url}/mine", **TALL)).ready(timeout_s=30)
    two = BoardPage(windows.open(f"{server.url}/mine", **TALL)).ready(timeout_s=30)
    card = one.add_card(one.columns()[0], "우리 앱에서")
    two.rename(card, "Renamed over there")
    one.expect_title(card, "Renamed over there")


def test_a_card_of_ones_own_app_opens_with_notes_that_two_people_type(
    panel_serve: PanelServe, windows: Windows, tmp_path: Path
) -> None:
    app = tmp_path / "mine.py"
    app.write_text(FIVE_LINES)
    server = panel_serve(app)
    one = BoardPage(windows.open(f"{server.url}/mine", **TALL)).ready(timeout_s=30)
    two = BoardPage(windows.open(f"{server.url}/mine", **TALL)).ready(timeout_s=30)
    card = one.order(one.columns()[0])[0]
    mine, theirs = CardPage(one).open(card), CardPage(two).open(card)
    mine.notes.click()
    one.page.keyboard.type("**둘이** here")
    expect(theirs.notes).to_contain_text("**둘이** here")
    expect(theirs.carets.locator(".flag")).to_be_visible()
    expect(theirs.notes.get_by_text("둘이", exact=True)).to_have_css("font-weight", "600")
    two.page.keyboard.press("Escape")
    theirs.expect_closed()


def test_the_boards_params_sync_with_ordinary_widgets_both_ways(
    panel_serve: PanelServe, windows: Windows, tmp_path: Path
) -> None:
    app = tmp_path / "mine.py"
    app.write_text(WITH_A_WIDGET)
    server = panel_serve(app)
    board = BoardPage(windows.open(f"{server.url}/mine", **TALL)).ready(timeout_s=30)
    find = board.page.get_by_label("Find")
    find.fill("Safari")
    find.press("Enter")
    expect(board.cards).to_have_count(1)
    board.cards.first.click()
    card = board.ids(board.cards)[0]
    expect(board.page.get_by_text(f"chosen: {card}")).to_be_visible()


def test_five_lines_show_a_calendar_that_follows_everybody(
    panel_serve: PanelServe, windows: Windows, tmp_path: Path
) -> None:
    app = tmp_path / "mine.py"
    app.write_text(FIVE_LINES.replace('Board(project="launch")', 'Calendar("team", view="day")'))
    server = panel_serve(app)
    page = windows.open(f"{server.url}/mine", **TALL).page
    expect(page.get_by_role("button", name="Event", exact=True)).to_be_visible(timeout=30_000)
    with moim.connect(server.url, name="Script", outbox=None) as ws:
        event = ws.calendar("team").events.add("우리 앱에서", date.today())
        shown = page.locator(f'[data-moim="event"][data-id="{event.id}"]')
        expect(shown.first).to_be_visible()
        event.title = "Renamed over there"
        expect(shown.first).to_contain_text("Renamed over there")


def test_the_calendars_params_sync_with_ordinary_widgets_both_ways(
    panel_serve: PanelServe, windows: Windows, tmp_path: Path
) -> None:
    app = tmp_path / "mine.py"
    app.write_text(CALENDAR_WITH_WIDGETS.format(day="2026-03-04"))
    server = panel_serve(app)
    page = windows.open(f"{server.url}/mine", **TALL).page
    expect(page.get_by_text("week 2026-03-04 None")).to_be_visible(timeout=30_000)
    with moim.connect(server.url, name="Script", outbox=None) as ws:
        event = ws.calendar("team").events.add("Fixed day", date(2026, 3, 4))
        ws.wait_saved()
    page.get_by_label("How much").select_option("month")
    expect(page.get_by_role("button", name="Month", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name="Week", exact=True).click()
    expect(page.get_by_label("How much")).to_have_value("week")
    page.locator(f'[data-moim="event"][data-id="{event.id}"]').first.click()
    expect(page.get_by_text(f"week 2026-03-04 calendar/team/{event.id}")).to_be_visible()


def test_a_component_finds_the_documents_of_another_host(
    serve: Callable[..., MoimProcess],
    panel_serve: PanelServe,
    windows: Windows,
    tmp_path: Path,
) -> None:
    port = free_port()
    hub = serve("--demo", "--workers", "0", "--origin", f"http://127.0.0.1:{port}")
    app = tmp_path / "mine.py"
    app.write_text(ANOTHER_HOST.format(url=hub.url.replace("http", "ws") + "/sync"))
    server = panel_serve(app, port)
    board = BoardPage(windows.open(f"{server.url}/mine", **TALL)).ready(timeout_s=30)
    card = board.add_card(board.columns()[0], "Over there")
    board.expect_pill("saved")
    assert card in hub.document("project/launch")["data"]["cards"]


def test_a_board_in_a_dark_page_is_dark_though_the_system_is_light(
    panel_serve: PanelServe, windows: Windows, tmp_path: Path
) -> None:
    app = tmp_path / "mine.py"
    app.write_text(IN_A_DARK_PAGE)
    server = panel_serve(app)
    board = BoardPage(windows.open(f"{server.url}/mine", **TALL, color_scheme="light")).ready()
    expect(board.page.locator(".moim.embedded")).to_have_attribute("data-theme", "dark")
    expect(board.cards.first).to_have_css("background-color", "rgb(28, 29, 31)")


def test_more_than_one_process_is_refused_with_a_word(tmp_path: Path) -> None:
    server = PanelProcess(tmp_path, free_port(), ROOT / "dashboard" / "app.py")
    server._arguments += ["--num-procs", "2"]
    code = server.spawn().wait(40)
    assert code != 0
    assert "--num-procs" in server.text()
