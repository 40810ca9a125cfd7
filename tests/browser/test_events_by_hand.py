"""Two people at one calendar: events made, changed and deleted by hand."""

from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from browser_windows import Windows
from event_page import EventPage
from moim_process import MoimProcess

pytestmark = [pytest.mark.browser, pytest.mark.trust, pytest.mark.timeout(120)]

TEAM = "calendar/team"
NAME = "Board dinner"
# People in the calendar's own zone: what they read is what they typed.
SPACE: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 1000},
    "locale": "en-US",
    "timezone_id": "Asia/Seoul",
}


@pytest.fixture
def here(demo: MoimProcess, windows: Windows) -> EventPage:
    return EventPage(windows.open(f"{demo.url}/{TEAM}", **SPACE)).ready()


@pytest.fixture
def there(demo: MoimProcess, windows: Windows, here: EventPage) -> EventPage:
    """Another person at the same calendar."""
    return EventPage(windows.open(f"{demo.url}/{TEAM}", **SPACE)).ready()


def named(demo: MoimProcess, title: str) -> dict[str, dict[str, Any]]:
    """The events of that title in the document, by id."""
    events = demo.document(TEAM)["data"]["events"]
    return {name: event for name, event in events.items() if event["title"] == title}


def the_one(demo: MoimProcess, title: str) -> dict[str, Any]:
    (event,) = named(demo, title).values()
    return event


def make(page: EventPage, title: str = NAME) -> None:
    page.begin(title)
    page.finish()
    page.saved()


def make_series(page: EventPage, count: int = 5) -> None:
    """A daily series from tomorrow on, at ten."""
    page.begin(NAME)
    page.keep("Start date", str(date.today() + timedelta(days=1)))
    page.keep("Start time", "10:00")
    page.repeat_daily(count)
    page.finish()
    page.saved()


def test_an_event_made_here_is_there(demo: MoimProcess, here: EventPage, there: EventPage) -> None:
    here.begin(NAME)
    here.keep("Place", "옥상")
    here.editor.get_by_role("button", name="Maybe").click()
    assert not named(demo, NAME), "an event was written before its maker was done"
    here.finish()
    expect(there.events(NAME)).to_have_count(1)
    here.saved()
    event = the_one(demo, NAME)
    assert (event["location"], event["status"]) == ("옥상", "tentative")


def test_a_new_event_that_is_left_empty_or_with_escape_writes_nothing(
    demo: MoimProcess, here: EventPage
) -> None:
    before = demo.document(TEAM)["digest"]
    here.begin("")
    here.page.mouse.click(700, 24)
    expect(here.editor).to_have_count(0)
    here.begin("Never mind")
    here.page.keyboard.press("Escape")
    expect(here.editor).to_have_count(0)
    here.saved()
    assert demo.document(TEAM)["digest"] == before


def test_making_an_event_can_be_taken_back(
    demo: MoimProcess, here: EventPage, there: EventPage
) -> None:
    make(here)
    expect(there.events(NAME)).to_have_count(1)
    here.undo()
    expect(there.events(NAME)).to_have_count(0)
    here.saved()
    assert the_one(demo, NAME)["deleted"]


def test_a_title_is_seen_in_the_editor_of_the_other_with_the_name_of_who_edits_it(
    demo: MoimProcess, here: EventPage, there: EventPage
) -> None:
    make(here)
    here.open(NAME)
    there.open(NAME)
    there.field("Place").focus()
    here.field("Title").fill("Garden dinner")
    flag = there.editor.locator('[data-field="title"] .flag')
    expect(flag).to_be_visible()
    here.field("Title").press("Enter")
    expect(there.field("Title")).to_have_value("Garden dinner")
    here.page.keyboard.press("Escape")
    expect(flag).to_have_count(0)
    here.saved()
    assert named(demo, "Garden dinner")


def test_editing_a_title_never_moves_a_time(
    demo: MoimProcess, here: EventPage, there: EventPage
) -> None:
    make(here)
    when = the_one(demo, NAME)["when"]
    here.open(NAME)
    here.keep("Title", "Garden dinner")
    expect(there.events("Garden dinner")).to_have_count(1)
    here.saved()
    assert the_one(demo, "Garden dinner")["when"] == when


def test_all_day_is_switched_on_and_off(
    demo: MoimProcess, here: EventPage, there: EventPage
) -> None:
    make(here)
    day = the_one(demo, NAME)["when"][0][:10]
    here.open(NAME)
    here.field("All day").check()
    expect(there.events(NAME)).to_contain_text("All day")
    here.saved()
    after = str(date.fromisoformat(day) + timedelta(days=1))
    assert the_one(demo, NAME)["when"] == [day, after, ""]
    here.field("All day").uncheck()
    expect(there.events(NAME)).not_to_contain_text("All day")
    here.saved()
    assert the_one(demo, NAME)["when"][:2] == [f"{day}T09:00", f"{day}T10:00"]


def test_an_end_before_the_start_is_told_beside_it_and_not_written(
    demo: MoimProcess, here: EventPage
) -> None:
    make(here)
    before = the_one(demo, NAME)["when"]
    here.open(NAME)
    here.keep("End date", "2020-01-01")
    row = here.editor.locator(".ends", has=here.page.get_by_label("End date", exact=True))
    expect(row.get_by_role("alert")).to_have_text("The end is before the start.")
    expect(here.field("End date")).to_have_attribute("aria-invalid", "true")
    here.page.keyboard.press("Escape")
    here.saved()
    assert the_one(demo, NAME)["when"] == before


@pytest.mark.parametrize("link", ["javascript:alert(1)", "not a link"])
def test_a_bad_link_is_told_beside_it_and_not_written(
    demo: MoimProcess, here: EventPage, link: str
) -> None:
    make(here)
    here.open(NAME)
    here.keep("Link", link)
    alert = here.editor.locator('[data-field="url"]').get_by_role("alert")
    expect(alert).to_have_text("A link begins with https://")
    here.keep("Link", "example.org/menu")
    expect(alert).to_have_count(0)
    here.saved()
    assert the_one(demo, NAME)["url"] == "https://example.org/menu"


def test_a_repetition_that_ends_before_it_starts_is_told_and_not_written(
    demo: MoimProcess, here: EventPage
) -> None:
    here.begin(NAME)
    here.field("Repeat").select_option("weekly")
    here.field("End of the repetition").select_option("until")
    rule_before = here.editor.locator(".repeat-preview").inner_text()
    here.keep("Last day", "2020-01-01")
    alert = here.editor.locator('[data-field="rule"]').get_by_role("alert")
    expect(alert).to_have_text("The repetition ends before the event starts.")
    here.finish()
    here.saved()
    assert rule_before
    assert "2020" not in the_one(demo, NAME)["rule"]


@pytest.mark.parametrize(
    ("scope", "at_one"), [("This event", 1), ("This and 2 later", 3), ("All 5", 5)]
)
def test_a_time_of_a_series_changes_as_far_as_was_said(
    demo: MoimProcess, here: EventPage, there: EventPage, scope: str, at_one: int
) -> None:
    make_series(here)
    expect(there.events(NAME)).to_have_count(5)
    here.open(NAME, 2)
    here.keep("Start time", "13:00")
    expect(here.question.locator("tbody tr").first).to_contain_text("1:00 – 2:00 PM")
    here.choose(scope)
    expect(there.events(NAME).filter(has_text="13:00")).to_have_count(at_one)
    expect(there.events(NAME)).to_have_count(5)
    expect(here.field("Start time")).to_have_value("13:00")
    here.undo()
    expect(there.events(NAME).filter(has_text="13:00")).to_have_count(0)
    expect(there.events(NAME)).to_have_count(5)


def test_the_question_about_a_series_is_answered_by_keys_and_left_with_escape(
    demo: MoimProcess, here: EventPage, there: EventPage
) -> None:
    make_series(here)
    here.open(NAME, 2)
    here.keep("Place", "Roof")
    first = here.question.get_by_role("button").first
    expect(first).to_be_focused()
    here.page.keyboard.press("Escape")
    expect(here.question).to_have_count(0)
    expect(here.field("Place")).to_have_value("")
    here.keep("Place", "Roof")
    expect(first).to_be_focused()
    here.page.keyboard.press("ArrowDown")
    here.page.keyboard.press("Enter")
    expect(there.events(NAME).filter(has_text="Roof")).to_have_count(3)


def test_what_was_typed_before_the_editor_is_left_is_asked_about_too(
    demo: MoimProcess, here: EventPage, there: EventPage
) -> None:
    make_series(here)
    here.open(NAME, 2)
    here.field("Place").fill("Roof")
    here.page.mouse.click(700, 24)
    here.choose("This event")
    expect(there.events(NAME).filter(has_text="Roof")).to_have_count(1)


@pytest.mark.parametrize(
    ("scope", "left"), [("This event", 4), ("This and 2 later", 2), ("All 5", 0)]
)
def test_a_series_is_deleted_as_far_as_was_said_and_comes_back(
    demo: MoimProcess, here: EventPage, there: EventPage, scope: str, left: int
) -> None:
    make_series(here)
    expect(there.events(NAME)).to_have_count(5)
    here.open(NAME, 2)
    here.editor.get_by_role("button", name="Delete").click()
    here.choose(scope)
    expect(there.events(NAME)).to_have_count(left)
    expect(here.editor).to_have_count(0)
    here.undo()
    expect(there.events(NAME)).to_have_count(5)


def test_an_event_moves_to_another_calendar_and_back(
    demo: MoimProcess, here: EventPage, there: EventPage
) -> None:
    make(here)
    here.open(NAME)
    here.field("Calendar").select_option(label="고객 인터뷰")
    expect(here.toast).to_contain_text("to another calendar")
    expect(here.field("Title")).to_have_value(NAME)
    expect(there.events(NAME)).to_have_count(1)
    here.saved()
    assert the_one(demo, NAME)["deleted"]
    here.undo()
    here.saved()
    assert "deleted" not in the_one(demo, NAME)
    expect(there.events(NAME)).to_have_count(1)


def test_the_editor_speaks_korean(here: EventPage) -> None:
    here.begin("")
    here.page.keyboard.press("Escape")
    here.page.get_by_role("button", name="한국어로 바꾸기").first.click()
    here.page.get_by_role("button", name="일정", exact=True).click()
    expect(here.editor.get_by_label("제목")).to_be_focused()
    here.editor.get_by_label("반복", exact=True).select_option("weekly")
    expect(here.editor.get_by_text("주마다")).to_be_visible()
    here.editor.get_by_label("종료 날짜").fill("2020-01-01")
    here.editor.get_by_label("종료 날짜").press("Enter")
    expect(here.editor.get_by_role("alert")).to_have_text("종료가 시작보다 빨라요.")
