"""Two people who set one field unseen by each other, and one who deletes what the other changes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from board_page import BoardPage
from browser_windows import Windows
from card_page import CardPage
from event_page import EventPage
from held_socket import HeldSocket
from moim_process import MoimProcess
from notices_page import NoticesPage, loser_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
LAUNCH = "project/launch"
VIEW: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "locale": "en-US"}


@dataclass
class Someone:
    """One person's window on the demo's board, whose socket can be held."""

    board: BoardPage
    card: CardPage
    notices: NoticesPage
    socket: HeldSocket
    again: Callable[[], "Someone"]
    """Opens another window of the same person."""


@pytest.fixture
def someone(launch: str, windows: Windows) -> Callable[[], Someone]:
    """Opens a window of another person each time."""

    def new() -> Someone:
        person = windows.person(**VIEW)
        socket = HeldSocket.of(person)

        def window() -> Someone:
            opened = windows.open(launch, person)
            board = BoardPage(opened).ready()
            return Someone(board, CardPage(board), NoticesPage(opened), socket, window)

        return window()

    return new


@pytest.fixture
def two(someone: Callable[[], Someone]) -> tuple[Someone, Someone]:
    """Two people who have the same card open."""
    one, other = someone(), someone()
    card = one.board.order(one.board.columns()[0])[0]
    one.card.open(card)
    other.card.open(card)
    return one, other


def unseen(one: Someone, act: Callable[[], None], after: Callable[[], None]) -> None:
    """Lets one person act while nothing passes between them and the hub, and somebody meanwhile."""
    one.socket.hold()
    act()
    after()
    one.socket.let_go()


def due(person: Someone, day: str) -> None:
    person.card.field("due").get_by_label("Due", exact=True).fill(day)


def title(person: Someone, text: str) -> None:
    person.card.title.fill(text)
    person.card.title.press("Enter")


def sorted_out(two: tuple[Someone, Someone]) -> tuple[Someone, Someone]:
    """Gives the one who lost first."""
    lost, _ = loser_of(two[0].notices, two[1].notices)
    return two if lost is two[0].notices else (two[1], two[0])


def test_whose_value_went_sees_both_values_with_name_and_time(two: tuple[Someone, Someone]) -> None:
    one, other = two
    unseen(one, lambda: due(one, "2027-03-04"), lambda: due(other, "2027-03-11"))
    loser, winner = sorted_out(two)
    note = loser.notices.open_chip()
    mine, theirs = ("Mar 4", "Mar 11") if loser is one else ("Mar 11", "Mar 4")
    expect(note).to_contain_text("Due changed twice")
    expect(note).to_contain_text(re.compile(rf"Now \w+, {theirs}, 2027 \(\w+, \d+:\d+"))
    expect(note).to_contain_text(re.compile(rf"Yours was \w+, {mine}, 2027"))
    expect(loser.notices.marks).to_have_text("Due · 2 values")
    expect(winner.notices.pill).to_have_attribute("data-conflicts", "0")
    expect(winner.notices.page.locator('[data-moim="conflict"]')).to_have_count(0)


def test_keep_mine_wins_everywhere_and_the_chip_goes_in_all_windows_of_the_person(
    demo: MoimProcess, two: tuple[Someone, Someone]
) -> None:
    one, other = two
    unseen(one, lambda: due(one, "2027-03-04"), lambda: due(other, "2027-03-11"))
    loser, winner = sorted_out(two)
    second = loser.again()
    second.notices.expect_counts(conflicts=1)
    loser.notices.open_chip().get_by_role("button", name="Keep mine").click()
    mine = "2027-03-04" if loser is one else "2027-03-11"
    for person in two:
        field = person.card.field("due").get_by_label("Due", exact=True)
        expect(field).to_have_value(mine)
    loser.notices.expect_counts()
    second.notices.expect_counts()
    expect(loser.notices.chips).to_have_count(0)
    expect(second.notices.marks).to_have_count(0)
    expect(winner.notices.pill).to_have_attribute("data-conflicts", "0")
    loser.board.expect_pill("saved")
    (card,) = [
        fields
        for fields in demo.document(LAUNCH)["data"]["cards"].values()
        if str(fields.get("due", "")).startswith("2027-03")
    ]
    assert card["due"] == mine


def test_keep_mine_is_taken_back_by_the_toast(two: tuple[Someone, Someone]) -> None:
    one, other = two
    unseen(one, lambda: due(one, "2027-03-04"), lambda: due(other, "2027-03-11"))
    loser, _ = sorted_out(two)
    theirs = "2027-03-11" if loser is one else "2027-03-04"
    loser.notices.open_chip().get_by_role("button", name="Keep mine").click()
    expect(loser.notices.toast).to_contain_text("Due: kept your")
    loser.notices.toast.get_by_role("button", name="Undo").click()
    for person in two:
        field = person.card.field("due").get_by_label("Due", exact=True)
        expect(field).to_have_value(theirs)


def test_keep_theirs_changes_nothing_and_ends_it(two: tuple[Someone, Someone]) -> None:
    one, other = two
    unseen(one, lambda: title(one, "Mine to begin with"), lambda: title(other, "Theirs"))
    loser, winner = sorted_out(two)
    stays = winner.card.title.input_value()
    note = loser.notices.open_chip()
    note.get_by_role("button", name=re.compile("^Keep .+’s$")).click()
    loser.notices.expect_counts()
    for person in two:
        expect(person.card.title).to_have_value(stays)


def test_two_titles_can_both_be_kept(two: tuple[Someone, Someone]) -> None:
    one, other = two
    unseen(one, lambda: title(one, "Book the hall"), lambda: title(other, "Book the garden"))
    loser, _ = sorted_out(two)
    loser.notices.open_chip().get_by_role("button", name="Keep both").click()
    for person in two:
        expect(person.card.title).to_have_value(re.compile("hall.*garden|garden.*hall"))
    loser.notices.expect_counts()


def test_a_conflict_never_takes_the_keys_from_who_types(two: tuple[Someone, Someone]) -> None:
    one, other = two
    for person in two:
        person.card.say.click()
        person.board.page.keyboard.type("be")

    def choose(person: Someone, by: str) -> None:
        person.card.field("priority").get_by_role("button", name=by).evaluate("it => it.click()")

    unseen(one, lambda: choose(one, "Low"), lambda: choose(other, "Urgent"))
    loser, _ = sorted_out(two)
    loser.board.page.keyboard.type("fore")
    expect(loser.card.say).to_have_value("before")


def test_all_conflicts_are_listed_behind_the_pill_with_the_way_there(
    two: tuple[Someone, Someone],
) -> None:
    one, other = two
    unseen(one, lambda: due(one, "2027-03-04"), lambda: due(other, "2027-03-11"))
    loser, _ = sorted_out(two)
    expect(loser.notices.pill).to_contain_text("1 to check")
    name = loser.card.title.input_value()
    loser.card.panel.get_by_role("button", name="Close").click()
    loser.card.expect_closed()
    loser.notices.open_list()
    expect(loser.notices.conflicts).to_have_count(1)
    loser.notices.conflicts.get_by_role("link", name=re.compile("Launch")).click()
    expect(loser.notices.list).to_have_count(0)
    expect(loser.card.title).to_have_value(name)


def test_what_was_deleted_while_it_was_edited_comes_back_whole(
    demo: MoimProcess, two: tuple[Someone, Someone]
) -> None:
    one, other = two
    card = other.board.order(other.board.columns()[0])[0]

    def delete() -> None:
        other.card.panel.get_by_role("button", name="Delete card").click()

    unseen(one, lambda: title(one, "Edited meanwhile"), delete)
    expect(one.notices.bar).to_contain_text("deleted this while you edited.")
    expect(one.card.title).to_have_value("Edited meanwhile")
    one.notices.expect_counts(conflicts=1)
    expect(one.board.card(card)).to_have_count(0)
    one.notices.bar.get_by_role("button", name="Restore").click()
    expect(one.notices.bar).to_have_count(0)
    one.notices.expect_counts()
    for person in two:
        person.board.expect_title(card, "Edited meanwhile")
    one.board.expect_pill("saved")
    fields = demo.document(LAUNCH)["data"]["cards"][card]
    assert fields["title"] == "Edited meanwhile"
    assert not fields.get("deleted")


def test_what_was_deleted_while_it_was_edited_goes_when_that_is_wanted(
    two: tuple[Someone, Someone],
) -> None:
    one, other = two
    card = other.board.order(other.board.columns()[0])[0]

    def delete() -> None:
        other.card.panel.get_by_role("button", name="Delete card").click()

    unseen(one, lambda: title(one, "Edited meanwhile"), delete)
    one.card.panel.get_by_role("button", name="Close").click()
    gone = one.board.page.locator(".card.gone")
    expect(gone).to_contain_text("deleted this while you edited.")
    gone.get_by_role("button", name="Delete").click()
    expect(gone).to_have_count(0)
    one.notices.expect_counts()
    expect(one.board.card(card)).to_have_count(0)


def test_a_project_that_is_deleted_while_it_is_open_can_be_brought_back(
    someone: Callable[[], Someone],
) -> None:
    one, other = someone(), someone()
    page = other.board.page
    row = page.locator(".ni-row.project").filter(has_text="Launch")
    row.hover()
    row.get_by_role("button", name=re.compile(": more$")).click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    bar = one.board.page.locator('[data-moim="gone"]')
    expect(bar).to_contain_text("deleted this project while you have it open.")
    expect(one.board.cards.first).to_be_visible()
    bar.get_by_role("button", name="Restore").click()
    expect(bar).to_have_count(0)
    expect(row).to_have_count(1)


TEAM = "calendar/team"
EVENT = """() => {
  const [{ client }] = globalThis[Symbol.for("moim.clients")].values();
  const { events } = client.calendar("team").store.getState();
  return Object.values(events).find((event) => event.rule === null && !event.deleted).id;
}"""


@pytest.fixture
def two_at_an_event(demo: MoimProcess, windows: Windows) -> list[tuple[EventPage, HeldSocket]]:
    """Two people who have the same event of the demo's calendar open."""
    found = []
    for _ in range(2):
        person = windows.person(**VIEW)
        socket = HeldSocket.of(person)
        page = EventPage(windows.open(f"{demo.url}/{TEAM}", person)).ready()
        event = page.page.evaluate(EVENT)
        page.page.goto(f"{demo.url}/{TEAM}?event={event}")
        expect(page.editor).to_be_visible(timeout=15_000)
        found.append((page, socket))
    return found


def test_an_event_that_two_people_rename_bears_the_chip_in_its_editor_and_its_mark_outside(
    two_at_an_event: list[tuple[EventPage, HeldSocket]],
) -> None:
    (one, socket), (other, _) = two_at_an_event
    socket.hold()
    one.keep("Title", "Tea at four")
    other.keep("Title", "Coffee at four")
    socket.let_go()
    pages = [NoticesPage(one.window), NoticesPage(other.window)]
    loser, _ = loser_of(*pages)
    sheet = one if loser is pages[0] else other
    chip = sheet.editor.locator('[data-moim="conflict"]')
    expect(chip).to_have_text("Title · 2 values")
    chip.get_by_role("button").click()
    expect(chip).to_contain_text(re.compile("Now “(Tea|Coffee) at four”.+Yours was “(Tea|Coffee)"))
    chip.get_by_role("button", name="Keep mine").click()
    mine = "Tea at four" if sheet is one else "Coffee at four"
    for page in (one, other):
        expect(page.field("Title")).to_have_value(mine)
    loser.expect_counts()
    expect(sheet.page.locator('[data-moim="conflict"]')).to_have_count(0)
