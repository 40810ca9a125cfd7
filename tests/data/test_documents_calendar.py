"""A calendar in Python: events, and what is different in single events of a series."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pycrdt import Doc, Map

from moim_data.documents.access import LocalAccess
from moim_data.documents.calendar import CalendarDocument
from moim_data.documents.entities import Author
from moim_data.documents.touched import TouchedPaths
from moim_data.documents.validation import problems
from moim_data.documents.when import When
from moim_data.errors import InvalidValue, UnknownEntity

SEOUL = ZoneInfo("Asia/Seoul")
NINE = datetime(2026, 11, 25, 9, 30, tzinfo=SEOUL)


def team(access: LocalAccess | None = None) -> CalendarDocument:
    author = Author(lambda: "minji", lambda: 1_790_000_000.5, random.Random(1).random)
    calendar = CalendarDocument(access or LocalAccess(), author)
    calendar.info.zone = "Asia/Seoul"
    return calendar


def series(calendar: CalendarDocument) -> CalendarDocument:
    calendar.events.add("Stand-up", (NINE, timedelta(minutes=15)), id="su", rule="FREQ=DAILY")
    return calendar


def content(calendar: CalendarDocument) -> dict[str, Any]:
    doc = calendar.access.doc
    return {name: doc.get(name, type=Map).to_py() for name in ("info", "events", "exceptions")}


def test_an_event_is_made_whole_with_stamp_sets_and_notes() -> None:
    calendar = team()
    event = calendar.events.add(
        "주간 계획", (NINE, NINE + timedelta(hours=1)), rule="FREQ=WEEKLY", members=["tom"]
    )
    assert event.to_dict() == {
        "id": event.id,
        "title": "주간 계획",
        "when": ("2026-11-25T09:30", "2026-11-25T10:30", "Asia/Seoul"),
        "rule": "FREQ=WEEKLY",
        "notes": "",
        "created": ("minji", 1_790_000_000_500),
        "members": ["tom"],
    }
    event.notes.append("agenda 🗒")
    assert problems("calendar", content(calendar)) == []


def test_when_is_given_back_as_one_and_takes_what_people_write() -> None:
    event = team().events.add("Holiday", date(2026, 12, 24))
    assert event.when == ("2026-12-24", "2026-12-25", "")
    assert isinstance(event.when, When)
    event.when = NINE
    assert event.when.ends == NINE + timedelta(hours=1)
    event.when = ("2026-11-25T09:00", "2026-11-25T10:00", "Europe/Berlin")
    assert event.when.zone == "Europe/Berlin"
    event.when = When.of(date(2026, 12, 24), timedelta(days=3))
    assert event.when.ends == date(2026, 12, 27)


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (("2026-11-25T10:00", "2026-11-25T09:00", ""), "an end that is not before the start"),
        ((date(2026, 11, 25), date(2026, 11, 25)), "an end after the start"),
        (("2026-11-25", "2026-11-26"), r"expected \[moment, moment, zone\]"),
        ("tomorrow", r"expected \[moment, moment, zone\]"),
        (None, "expected a value"),
    ],
)
def test_a_bad_when_is_refused_with_its_path_and_nothing_is_written(when: Any, words: str) -> None:
    calendar = series(team())
    before = content(calendar)
    with pytest.raises(InvalidValue, match=words) as error:
        calendar.events["su"].when = when
    assert error.value.path == "events/su/when"
    with pytest.raises(InvalidValue, match=words):
        calendar.events.add("x", when)
    assert content(calendar) == before


def test_events_stand_in_the_order_they_start() -> None:
    calendar = series(team())
    calendar.events.add("later", datetime(2026, 12, 1, 8), id="b")
    calendar.events.add("day", date(2026, 11, 25), id="c")
    calendar.events.add("first", datetime(2026, 11, 1, 8), id="a")
    assert list(calendar.events) == ["a", "c", "su", "b"]
    assert [row["id"] for row in calendar.events.records()] == ["a", "c", "su", "b"]
    calendar.events.delete("a")
    assert list(calendar.events) == ["c", "su", "b"]


def test_an_event_is_found_by_its_title_and_listed_with_its_start() -> None:
    calendar = series(team())
    calendar.events.add("Holiday", date(2026, 12, 24), id="x")
    assert calendar.events.named("Holiday").id == "x"
    assert repr(calendar.events) == (
        "events: 2\n  su  2026-11-25T09:30  Stand-up ↻\n  x  2026-12-24  Holiday"
    )
    with pytest.raises(UnknownEntity, match="events/Holidays does not exist; there are Stand-up"):
        calendar.events.named("Holidays")


def test_one_event_of_a_series_is_changed_by_flat_keys_and_goes_back() -> None:
    calendar = series(team())
    touched = TouchedPaths("calendar", calendar.access.doc)
    one = calendar.exceptions.exception("su", "2026-11-26T09:30")
    assert (one.title, one.when, one.excluded) == (None, None, None)
    one.update(title="Stand-up in the café", when=(NINE + timedelta(days=1, hours=1)))
    assert sorted(touched.take()) == [
        "exceptions/su/2026-11-26T09:30/title",
        "exceptions/su/2026-11-26T09:30/when",
    ]
    assert one.when == ("2026-11-26T10:30", "2026-11-26T11:30", "Asia/Seoul")
    assert (one.event, one.recurrence_id) == ("su", "2026-11-26T09:30")
    assert problems("calendar", content(calendar)) == []
    one.title = None
    assert one.to_dict() == {"id": "2026-11-26T09:30", "when": one.when}
    one.clear()
    assert content(calendar)["exceptions"] == {}


def test_a_recurrence_id_may_be_a_time_of_any_zone_or_a_date() -> None:
    calendar = series(team())
    at = datetime(2026, 11, 26, 0, 30, tzinfo=UTC)
    assert calendar.exceptions.exception("su", at).recurrence_id == "2026-11-26T09:30"
    wall = datetime(2026, 11, 26, 9, 30)
    assert calendar.exceptions.exception("su", wall).recurrence_id == "2026-11-26T09:30"
    assert calendar.exceptions.exception("su", date(2026, 11, 26)).recurrence_id == "2026-11-26"
    for bad in ("tomorrow", "2026-02-30", "2026-11-26T09:30:00", ""):
        with pytest.raises(InvalidValue, match="expected a date or a time"):
            calendar.exceptions.exception("su", bad)


def test_one_event_is_taken_out_of_a_series_and_put_back() -> None:
    calendar = series(team())
    one = calendar.exceptions.exception("su", "2026-11-27T09:30")
    one.excluded = True
    assert content(calendar)["exceptions"] == {"su/2026-11-27T09:30/excluded": True}
    one.excluded = False
    assert content(calendar)["exceptions"] == {}
    with pytest.raises(InvalidValue, match="expected True, got 'yes'"):
        one.excluded = "yes"  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("when", ("2026-11-26T10:00", "2026-11-26T09:00", "")),
        ("title", "x" * 501),
        ("status", "maybe"),
    ],
)
def test_a_bad_value_of_one_event_is_refused_with_its_path(field: str, value: Any) -> None:
    calendar = series(team())
    one = calendar.exceptions.exception("su", "2026-11-26T09:30")
    with pytest.raises(InvalidValue) as error:
        setattr(one, field, value)
    assert error.value.path == f"exceptions/su/2026-11-26T09:30/{field}"
    assert content(calendar)["exceptions"] == {}
    with pytest.raises(AttributeError, match="no field 'rule', only excluded"):
        one.rule = "FREQ=DAILY"


def test_the_exceptions_of_a_series_are_listed_in_order_and_no_others() -> None:
    calendar = series(team())
    calendar.exceptions.exception("su", "2026-11-27T09:30").excluded = True
    calendar.exceptions.exception("su", "2026-11-26T09:30").title = "other"
    calendar.exceptions.exception("su2", "2026-11-26T09:30").title = "of another series"
    assert list(calendar.exceptions.of("su")) == ["2026-11-26T09:30", "2026-11-27T09:30"]
    assert calendar.exceptions.of("su")["2026-11-26T09:30"].title == "other"
    assert calendar.exceptions.by_event()["su"] == {
        "2026-11-26T09:30": {"title": "other"},
        "2026-11-27T09:30": {"excluded": True},
    }
    assert len(calendar.exceptions) == 3
    calendar.exceptions.clear("su")
    assert [row["event"] for row in calendar.exceptions.records()] == ["su2"]


def test_two_people_who_change_one_event_of_a_series_both_succeed() -> None:
    mine = series(team())
    other = team(LocalAccess(Doc()))
    other.access.doc.apply_update(mine.access.doc.get_update())
    mine.exceptions.exception("su", "2026-11-26T09:30").title = "mine"
    other.exceptions.exception("su", "2026-11-26T09:30").location = "theirs"
    mine.access.doc.apply_update(other.access.doc.get_update())
    assert mine.exceptions.records() == [
        {
            "event": "su",
            "recurrence_id": "2026-11-26T09:30",
            "location": "theirs",
            "title": "mine",
        }
    ]


def test_an_event_that_somebody_took_out_raises() -> None:
    calendar = series(team())
    event = calendar.events["su"]
    del calendar.access.doc.get("events", type=Map)["su"]
    with pytest.raises(UnknownEntity):
        event.title = "y"


def test_what_takes_place_is_given_in_order_with_what_differs() -> None:
    calendar = series(team())
    calendar.events.add("Call", datetime(2026, 11, 26, 1, tzinfo=ZoneInfo("Europe/Berlin")), id="c")
    calendar.events.add("Holiday", date(2026, 11, 27), id="h")
    calendar.events.add("gone", date(2026, 11, 26), id="gone")
    calendar.events.delete("gone")
    calendar.exceptions.exception("su", "2026-11-27T09:30").excluded = True
    late = datetime(2026, 11, 26, 17, tzinfo=SEOUL)
    calendar.exceptions.exception("su", "2026-11-26T09:30").update(when=late, title="Late")
    found = calendar.occurrences(date(2026, 11, 25), date(2026, 11, 29))
    assert [(one.title, one.when.start, one.recurrence_id) for one in found] == [
        ("Stand-up", "2026-11-25T09:30", "2026-11-25T09:30"),
        ("Call", "2026-11-26T01:00", None),
        ("Late", "2026-11-26T17:00", "2026-11-26T09:30"),
        ("Holiday", "2026-11-27", None),
        ("Stand-up", "2026-11-28T09:30", "2026-11-28T09:30"),
    ]
    assert found[2].when.starts == late
    assert [one.is_exception for one in found] == [False, False, True, False, False]


def test_what_is_looked_at_is_read_on_the_clock_that_is_named_or_known() -> None:
    calendar = series(team())

    def starts(*arguments: Any) -> list[str]:
        return [one.when.start[:10] for one in calendar.occurrences(*arguments)]

    day, after = date(2026, 11, 26), date(2026, 11, 27)
    assert starts(day, after) == ["2026-11-26"], "a day of the calendar's zone"
    # 9:30 in Seoul is 19:30 of the day before in New York
    assert starts(day, after, "America/New_York") == ["2026-11-27"]
    ten = datetime(2026, 11, 26, 10, tzinfo=SEOUL)
    assert starts(ten.astimezone(UTC), ten.astimezone(UTC) + timedelta(days=1)) == ["2026-11-27"]
    assert starts(ten.replace(tzinfo=None), ten.replace(hour=23, tzinfo=None)) == []


def test_a_rule_without_an_end_gives_no_more_than_is_asked_for() -> None:
    calendar = series(team())
    calendar.events.add("tick", NINE, rule="FREQ=SECONDLY", id="tick")
    found = calendar.occurrences(date(2026, 11, 26), date(2026, 11, 27))
    assert sum(one.event == "su" for one in found) == 1
    assert len(found) <= 5_001
