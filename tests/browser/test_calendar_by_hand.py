"""A calendar in one person's hands, another looking on: create, move, resize, keys, cards, tray."""

from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

import moim
from board_page import BoardPage
from browser_windows import Windows
from calendar_page import CalendarPage, Spot, box, event_titled, monday
from moim_process import MoimProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]

WIDE: dict[str, Any] = {
    "viewport": {"width": 1680, "height": 1300},
    "locale": "en-US",
    "timezone_id": "Asia/Seoul",
}
HALF_HOUR_PX = 25


MAKE_CALENDAR = """() => new Promise((resolve) => {
  const [{ client }] = globalThis[Symbol.for("moim.clients")].values();
  let id = "";
  let waited = false;
  const look = ({ outbox }) => {
    const waits = outbox.some(({ document }) => document === `calendar/${id}`);
    if (waited && !waits) resolve(id);
    waited ||= waits;
  };
  client.connection.subscribe(look);
  id = client.workspace.getState().addCalendar("Garden", "green");
  look(client.connection.getState());
})"""


@pytest.fixture
def address(demo: MoimProcess, windows: Windows) -> str:
    """A calendar that the server has, with nothing in it but what a test puts there."""
    window = windows.open(f"{demo.url}/project/launch", **WIDE)
    BoardPage(window).ready()
    calendar = window.page.evaluate(MAKE_CALENDAR)
    window.page.close()
    return f"{demo.url}/calendar/{calendar}"


@pytest.fixture
def mine(address: str, windows: Windows) -> CalendarPage:
    return alone(CalendarPage(windows.open(address, **WIDE)).ready())


@pytest.fixture
def theirs(address: str, windows: Windows, mine: CalendarPage) -> CalendarPage:
    return alone(CalendarPage(windows.open(address, **WIDE)).ready())


def alone(page: CalendarPage) -> CalendarPage:
    """Switches off every other calendar, and all cards."""
    page.page.locator(".cal-heading button").click()
    overlays = page.page.locator("[data-overlay]")
    for overlay in overlays.all():
        if "Garden" not in overlay.inner_text():
            overlay.get_by_role("checkbox").uncheck()
    page.page.keyboard.press("Escape")
    expect(page.events).to_have_count(0)
    return page


def this_week() -> date:
    return monday(date.today())


def due_words(day: date) -> str:
    """What a card says of the day it is due, or a part of it."""
    names = {date.today(): "Today", date.today() + timedelta(days=1): "Tomorrow"}
    return names.get(day, str(day.day))


def begin(page: CalendarPage, title: str, day: date, hours: tuple[float, float]) -> None:
    page.sweep(page.at(day, hours[0]), page.at(day, hours[1]))
    page.name_draft(title)


def kept(demo: MoimProcess, page: CalendarPage, title: str) -> list[str]:
    page.expect_saved()
    calendar = page.page.url.split("/calendar/")[1].split("?")[0]
    when: list[str] = event_titled(demo.document(f"calendar/{calendar}"), title)["when"]
    return when


def test_an_event_is_created_by_dragging_and_the_other_sees_it(
    demo: MoimProcess, mine: CalendarPage, theirs: CalendarPage
) -> None:
    day = this_week() + timedelta(days=2)
    begin(mine, "물 주기 🌱", day, (10, 11.9))
    expect(theirs.event("물 주기 🌱")).to_contain_text("10:00–12:00")
    assert kept(demo, mine, "물 주기 🌱") == [f"{day}T10:00", f"{day}T12:00", "Asia/Seoul"]


def test_an_event_is_dragged_to_another_day_while_the_other_sees_where_it_would_land(
    demo: MoimProcess, mine: CalendarPage, theirs: CalendarPage
) -> None:
    day = this_week() + timedelta(days=2)
    begin(mine, "Dig", day, (10, 10.9))
    start = mine.lift(mine.event("Dig").first)
    mine.carry(Spot(start.x + mine.day_width(), start.y + 2 * HALF_HOUR_PX))
    expect(theirs.ghosts).to_contain_text("11:00–12:00")
    expect(theirs.event("Dig")).to_contain_text("10:00–11:00")
    mine.drop()
    expect(theirs.ghosts).to_have_count(0)
    expect(theirs.event("Dig")).to_contain_text("11:00–12:00")
    moved = day + timedelta(days=1)
    assert kept(demo, mine, "Dig") == [f"{moved}T11:00", f"{moved}T12:00", "Asia/Seoul"]
    mine.toast.get_by_role("button").click()
    expect(theirs.event("Dig")).to_contain_text("10:00–11:00")


def test_an_event_that_somebody_has_open_bears_their_name_until_they_leave_it(
    mine: CalendarPage, theirs: CalendarPage
) -> None:
    begin(mine, "Compost", this_week() + timedelta(days=2), (10, 11.9))
    seen = theirs.event("Compost").first
    expect(seen).to_be_visible()
    expect(seen.locator(".flag")).to_have_count(0)
    mine.event("Compost").first.click()
    expect(seen.locator(".flag")).to_be_visible()
    expect(theirs.page.locator(".cal-ring")).to_have_count(1)
    mine.page.keyboard.press("Escape")
    expect(seen.locator(".flag")).to_have_count(0)


def test_what_others_move_does_not_shift_what_i_hold_and_mine_still_lands(
    demo: MoimProcess, mine: CalendarPage, theirs: CalendarPage
) -> None:
    day = this_week() + timedelta(days=2)
    begin(mine, "Plant", day, (9, 9.9))
    begin(mine, "Weed", day, (13, 13.9))
    expect(theirs.event("Weed")).to_be_visible()
    start = mine.lift(mine.event("Plant").first)
    mine.carry(Spot(start.x, start.y + 2 * HALF_HOUR_PX))
    theirs.drag_by(theirs.event("Weed").first, 0, 4 * HALF_HOUR_PX)
    expect(theirs.event("Weed")).to_contain_text("15:00–16:00")
    theirs.expect_saved()
    expect(mine.event("Weed")).to_contain_text("13:00–14:00")
    mine.drop()
    expect(mine.event("Weed")).to_contain_text("15:00–16:00")
    expect(theirs.event("Plant")).to_contain_text("10:00–11:00")


def test_an_event_is_made_longer_at_its_lower_edge(
    demo: MoimProcess, mine: CalendarPage, theirs: CalendarPage
) -> None:
    day = this_week() + timedelta(days=1)
    begin(mine, "Compost", day, (9, 9.9))
    where = box(mine.event("Compost"))
    edge = Spot(where["x"] + 40, where["y"] + where["height"] - 2)
    mine.sweep(edge, Spot(edge.x, edge.y + HALF_HOUR_PX))
    expect(theirs.event("Compost")).to_contain_text("9:00–10:30")
    assert kept(demo, mine, "Compost")[1] == f"{day}T10:30"


def test_space_lifts_arrows_move_enter_drops_and_escape_puts_back(
    demo: MoimProcess, mine: CalendarPage, theirs: CalendarPage
) -> None:
    day = this_week() + timedelta(days=2)
    begin(mine, "Prune", day, (9, 9.9))
    keys = mine.page.keyboard
    mine.event("Prune").focus()
    for key in (" ", "ArrowRight", "ArrowDown", "ArrowDown"):
        keys.press(key)
    expect(mine.event("Prune")).to_contain_text("9:30–10:30")
    expect(mine.page.locator('[aria-live="assertive"]').last).to_contain_text("9:30")
    keys.press("Escape")
    expect(mine.event("Prune")).to_contain_text("9:00–10:00")
    mine.event("Prune").focus()
    for key in (" ", "ArrowRight", "ArrowDown", "Enter"):
        keys.press(key)
    expect(theirs.event("Prune")).to_contain_text("9:15–10:15")
    moved = day + timedelta(days=1)
    assert kept(demo, mine, "Prune")[0] == f"{moved}T09:15"


def test_an_event_is_made_by_keys_alone(
    demo: MoimProcess, mine: CalendarPage, theirs: CalendarPage
) -> None:
    keys = mine.page.keyboard
    mine.canvas.focus()
    for key in ("ArrowDown", "ArrowDown", "Shift+ArrowDown", "Enter"):
        keys.press(key)
    mine.name_draft("By keys")
    expect(theirs.event("By keys")).to_contain_text("9:30–10:30")
    keys.press("m")
    expect(mine.page.locator(".cal-canvas.month")).to_be_visible()


def test_one_of_a_series_is_moved_after_the_question(
    demo: MoimProcess, address: str, mine: CalendarPage, theirs: CalendarPage
) -> None:
    first = this_week()
    mine.page.evaluate(
        """([calendar, day]) => {
          const [{ client }] = globalThis[Symbol.for("moim.clients")].values();
          const { store } = client.calendar(calendar);
          store.getState().addEvent({ title: "Daily", rule: "FREQ=DAILY",
            when: [`${day}T09:00`, `${day}T10:00`, "Asia/Seoul"] });
        }""",
        [address.rsplit("/", 1)[1], str(first)],
    )
    expect(theirs.event("Daily")).to_have_count(7)
    third = f'[data-recurrence="{first + timedelta(days=2)}T09:00"]'
    mine.drag_by(mine.page.locator(third), 0, 2 * HALF_HOUR_PX)
    mine.page.locator(".scope-choice").first.click()
    expect(theirs.page.locator(third)).to_contain_text("10:00–11:00")
    expect(theirs.event("9:00–10:00")).to_have_count(6)


def test_a_hidden_calendar_takes_its_events_along_for_me_only(
    mine: CalendarPage, theirs: CalendarPage
) -> None:
    day = this_week() + timedelta(days=2)
    begin(mine, "Harvest", day, (9, 9.9))
    expect(theirs.event("Harvest")).to_be_visible()
    mine.page.locator(".cal-heading button").click()
    mine.page.locator("[data-overlay]", has_text="Garden").get_by_role("checkbox").uncheck()
    expect(mine.event("Harvest")).to_have_count(0)
    expect(theirs.event("Harvest")).to_be_visible()


@pytest.fixture
def team(demo: MoimProcess, windows: Windows) -> CalendarPage:
    """The demo's calendars with cards of one project only, without events in the way."""
    page = CalendarPage(windows.open(f"{demo.url}/calendar/team", **WIDE)).ready()
    page.page.locator(".cal-heading button").click()
    for overlay in page.page.locator("[data-overlay]").all():
        if overlay.get_attribute("data-overlay") != "project/launch":
            overlay.get_by_role("checkbox").uncheck()
    page.page.keyboard.press("Escape")
    expect(page.events).to_have_count(0)
    return page


def test_a_card_gets_a_day_from_the_tray_and_loses_it_there(
    demo: MoimProcess, windows: Windows, team: CalendarPage
) -> None:
    board = BoardPage(windows.open(f"{demo.url}/project/launch", **WIDE)).ready()
    waiting = team.tray.locator('[data-moim="card"]').first
    card = waiting.get_attribute("data-id")
    assert card is not None
    day = this_week() + timedelta(days=6)
    head = box(team.day_head(day))
    team.lift(waiting)
    team.carry(Spot(head["x"] + 50, head["y"] + head["height"] + 60))
    team.drop()
    expect(team.card(card)).to_be_visible()
    expect(board.card(card).locator(".meta")).to_contain_text(due_words(day))
    assert demo.document("project/launch")["data"]["cards"][card]["due"] == str(day)
    target = box(team.tray)
    team.lift(team.card(card))
    team.carry(Spot(target["x"] + 80, target["y"] + 400))
    team.drop()
    expect(team.waiting_card(card)).to_be_visible()
    expect(team.card(card)).to_have_count(0)
    expect(board.card(card).locator(".meta")).not_to_contain_text(due_words(day))
    assert "due" not in demo.document("project/launch")["data"]["cards"][card]


def test_a_card_dragged_to_another_day_changes_its_due_date_on_the_others_board(
    demo: MoimProcess, windows: Windows, team: CalendarPage
) -> None:
    board = BoardPage(windows.open(f"{demo.url}/project/launch", **WIDE)).ready()
    card, due = "ln-142", this_week() + timedelta(days=3)
    with moim.connect(demo.url, outbox=None) as workspace:
        shown = workspace.project("launch").cards[card]
        shown.update(start=None, due=due - timedelta(days=1))
        workspace.wait_saved(10)
    team.drag_by(team.card(card), team.day_width(), 0)
    expect(board.card(card)).to_contain_text(due_words(due))
    assert demo.document("project/launch")["data"]["cards"][card]["due"] == str(due)


def test_the_address_of_an_event_opens_it(
    demo: MoimProcess, address: str, mine: CalendarPage, windows: Windows
) -> None:
    begin(mine, "Sow", this_week() + timedelta(days=2), (9, 9.9))
    mine.expect_saved()
    event = mine.event("Sow").get_attribute("data-id")
    there = CalendarPage(windows.open(f"{address}?event={event}", **WIDE))
    expect(there.page.locator(".event-pop").get_by_role("textbox").first).to_have_value("Sow")
