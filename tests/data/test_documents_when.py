"""When an event takes place: the rule that TypeScript shares, and Python's dates and times."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moim_data.documents.shape import compile_shape, read_schema, shape_of
from moim_data.documents.when import When, is_zone, when_problem
from moim_data.errors import InvalidValue

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "when.json").read_text())
SEOUL, BERLIN = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("case", VECTORS["good"], ids=lambda case: case["why"])
def test_what_the_vectors_call_good_is_taken_and_means_what_it_says(case: dict[str, Any]) -> None:
    assert when_problem(case["when"]) is None
    when = When(*case["when"])
    assert When.of(when.starts, when.ends, when.zone or None) == tuple(case["when"])


@pytest.mark.parametrize("case", VECTORS["bad"], ids=lambda case: case["why"])
def test_what_the_vectors_call_bad_is_refused_by_the_rule_and_by_the_schema(
    case: dict[str, Any],
) -> None:
    assert when_problem(case["when"])
    shape = shape_of("calendar")
    assert shape is not None
    for root, key in (("events", "when"), ("exceptions", "e1/2026-11-25T09:30/when")):
        check = shape.roots[root].entity.check_of(key)
        assert check is not None
        assert check(case["when"])


def test_days_are_made_of_dates_with_the_day_after_as_their_end() -> None:
    assert When.of(date(2026, 12, 24)) == ("2026-12-24", "2026-12-25", "")
    assert When.of(date(2026, 12, 24), date(2026, 12, 27)).length == timedelta(days=3)
    holiday = When.of(date(2026, 12, 24), timedelta(days=3))
    assert holiday.all_day
    assert (holiday.starts, holiday.ends) == (date(2026, 12, 24), date(2026, 12, 27))


def test_a_time_keeps_the_zone_it_knows() -> None:
    when = When.of(datetime(2026, 11, 25, 9, 30, tzinfo=SEOUL), timedelta(minutes=15))
    assert when == ("2026-11-25T09:30", "2026-11-25T09:45", "Asia/Seoul")
    assert when.starts == datetime(2026, 11, 25, 0, 30, tzinfo=UTC)
    assert isinstance(when.starts, datetime)
    assert when.starts.tzinfo is SEOUL
    assert not when.all_day


def test_a_time_without_a_zone_is_the_same_on_every_clock_unless_one_is_named() -> None:
    nine = datetime(2026, 11, 25, 9)
    assert When.of(nine) == ("2026-11-25T09:00", "2026-11-25T10:00", "")
    assert When.of(nine).starts == nine
    assert When.of(nine, zone="Europe/Berlin").starts == nine.replace(tzinfo=BERLIN)


def test_an_end_in_another_zone_is_told_in_that_of_the_start() -> None:
    departs = datetime(2026, 11, 25, 13, 0, tzinfo=SEOUL)
    lands = datetime(2026, 11, 25, 17, 45, tzinfo=BERLIN)
    flight = When.of(departs, lands)
    assert flight == ("2026-11-25T13:00", "2026-11-26T01:45", "Asia/Seoul")
    assert flight.ends == lands


def test_a_series_start_that_a_clock_skips_is_read_by_the_offset_before_it() -> None:
    skipped = When("2026-03-29T02:30", "2026-03-29T03:30", "Europe/Berlin")
    twice = When("2026-10-25T02:30", "2026-10-25T03:30", "Europe/Berlin")
    assert isinstance(skipped.starts, datetime)
    assert isinstance(twice.starts, datetime)
    assert skipped.starts.astimezone(UTC).hour == 1
    assert twice.starts.astimezone(UTC).hour == 0


def test_what_is_moved_lasts_as_long_on_the_clock() -> None:
    day = When.of(date(2026, 12, 31))
    assert day.moved(timedelta(days=1)) == ("2027-01-01", "2027-01-02", "")
    call = When.of(datetime(2026, 3, 28, 22), timedelta(hours=1), "Europe/Berlin")
    assert call.moved(timedelta(hours=5)) == ("2026-03-29T03:00", "2026-03-29T04:00", call.zone)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((date(2026, 1, 2), date(2026, 1, 2)), "an end after the start"),
        ((datetime(2026, 1, 2, 9), datetime(2026, 1, 2, 8)), "not before the start"),
        ((date(2026, 1, 2), datetime(2026, 1, 2, 8)), "two dates or two times"),
        ((date(2026, 1, 2), None, "Asia/Seoul"), "no zone for whole days"),
        ((datetime(2026, 1, 2, 9), None, "Asia/Soul"), "the IANA name of a time zone"),
        ((datetime(2026, 1, 2, 9), datetime(2026, 1, 2, 9, tzinfo=SEOUL)), "only the end's"),
        ((datetime(2026, 1, 2, 9, tzinfo=timezone(timedelta(hours=9))),), "with an IANA zone"),
    ],
)
def test_what_makes_no_event_is_refused_and_says_why(
    arguments: tuple[Any, ...], words: str
) -> None:
    with pytest.raises(InvalidValue, match=words):
        When.of(*arguments)


@given(
    start=st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)),
    length=st.timedeltas(timedelta(0), timedelta(days=40)),
    zone=st.sampled_from(["", "UTC", "Asia/Seoul", "Europe/Berlin", "Australia/Lord_Howe"]),
)
def test_any_time_comes_back_as_it_was_to_the_second(
    start: datetime, length: timedelta, zone: str
) -> None:
    start, length = start.replace(microsecond=0), timedelta(seconds=int(length.total_seconds()))
    when = When.of(start, length, zone or None)
    assert when_problem(when) is None
    wall = when.starts.replace(tzinfo=None) if isinstance(when.starts, datetime) else None
    assert (wall, when.length) == (start, length)


def test_zones_are_looked_up_by_name_and_nothing_else() -> None:
    assert is_zone("Asia/Seoul")
    assert not any(
        map(is_zone, ["", "Asia", "../UTC", "/etc/passwd", "Factory", "right/UTC", "x" * 64])
    )


def test_a_schema_that_names_a_rule_nobody_has_is_refused_when_it_is_loaded() -> None:
    schema = read_schema("calendar.schema.json")
    schema["$defs"]["when"]["x-moim"]["rule"] = "whenever"
    with pytest.raises(ValueError, match="whenever"):
        compile_shape(schema)
