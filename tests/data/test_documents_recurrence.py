"""Recurrence: the vectors shared with TypeScript, what only the server expands, and its bounds."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moim_data.documents.recurrence import (
    LIMITS,
    Occurrence,
    SeriesEvent,
    exceptions_by_event,
    expansion,
    occurrences,
)
from moim_data.documents.rule import is_simple
from moim_data.documents.split_id import split_id
from moim_data.documents.wall_time import instant_of, moment_at
from moim_data.documents.when import When

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "recurrence.json").read_text()
)
SEOUL = "Asia/Seoul"
START = datetime(2026, 11, 1)
END = datetime(2027, 11, 1)


def named(case: dict[str, Any]) -> str:
    return case.get("name") or f"{case['rule']} {case['when'][0]} {case['when'][2]} {case['zone']}"


def event_of(case: dict[str, Any]) -> SeriesEvent:
    fields = {"title": "Series", "when": case["when"]}
    if case["rule"] is not None:
        fields["rule"] = case["rule"]
    if "deleted" in case:
        fields["deleted"] = ["minji", 1]
    return SeriesEvent.of("e", fields)


def row(occurrence: Occurrence) -> list[Any]:
    own = {
        "title": None if occurrence.title == "Series" else occurrence.title,
        "location": occurrence.location,
        "status": occurrence.status,
    }
    shown = {name: value for name, value in own.items() if value is not None}
    start, end, _ = occurrence.when
    return [occurrence.recurrence_id, start, end, *([shown] if shown else [])]


@pytest.mark.parametrize("case", [*VECTORS["cases"], *VECTORS["by_hand"]], ids=named)
def test_what_takes_place_is_that_of_the_vectors(case: dict[str, Any]) -> None:
    start, end = (datetime.fromisoformat(case[name]) for name in ("from", "to"))
    found = occurrences(event_of(case), case.get("exceptions", {}), start, end, case["zone"])
    assert [row(each) for each in found] == case["occurrences"]


def test_the_rules_of_the_editor_are_told_from_others() -> None:
    assert [rule for rule in VECTORS["simple"] if not is_simple(rule)] == []
    assert [rule for rule in VECTORS["exotic"] if is_simple(rule)] == []


@pytest.mark.parametrize(("moment", "zone", "instant"), VECTORS["instants"])
def test_a_wall_time_is_the_instant_of_the_vectors(moment: str, zone: str, instant: str) -> None:
    at = datetime.fromtimestamp(instant_of(moment, zone) / 1000, UTC)
    assert at.strftime("%Y-%m-%dT%H:%M:%SZ") == instant


def test_an_instant_is_told_on_the_clock_of_a_zone() -> None:
    assert (
        moment_at(instant_of("2026-03-08T02:30", "America/New_York"), SEOUL) == "2026-03-08T16:30"
    )
    assert moment_at(30_000, "") == "1970-01-01T00:00:30"


@pytest.mark.parametrize(("event", "recurrence_id", "expected"), VECTORS["splits"])
def test_a_cut_series_has_the_id_of_the_vectors(
    event: str, recurrence_id: str, expected: str
) -> None:
    assert split_id(event, recurrence_id) == expected


def series(rule: str | None, extra: str | None = None, day: bool = False) -> SeriesEvent:
    when = (
        ("2026-11-02", "2026-11-03", "") if day else ("2026-11-02T09:00", "2026-11-02T10:00", SEOUL)
    )
    return SeriesEvent("e", "Series", When(*when), rule=rule, extra=extra)


def starts(event: SeriesEvent, end: datetime = END) -> list[str]:
    return [each.when.start for each in occurrences(event, {}, START, end, SEOUL)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["11-30", "12-31", "01-29", "02-26"]),
        ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", ["05-17"]),
        ("FREQ=YEARLY;BYDAY=20MO", ["05-17"]),
        ("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", ["11-13", "08-13"]),
        ("FREQ=YEARLY;BYYEARDAY=-1", ["12-31"]),
        ("FREQ=DAILY;INTERVAL=2;BYMONTH=1;BYMONTHDAY=1,3;COUNT=3", ["01-01", "01-03"]),
        ("RSCALE=GREGORIAN;FREQ=YEARLY;BYMONTH=12;SKIP=OMIT", ["12-02"]),
    ],
)
def test_rules_that_only_the_server_expands_follow_the_first(
    rule: str, expected: list[str]
) -> None:
    days = [start[5:10] for start in starts(series(rule))]
    assert days[: len(expected) + 1] == ["11-02", *expected]


def test_extra_lines_add_dates_periods_and_rules_and_take_others_out() -> None:
    extra = "\n".join(
        [
            "RDATE;VALUE=PERIOD:20261105T000000Z/PT5H30M,20261106T000000Z/20261106T010000Z",
            "RDATE;TZID=America/New_York:20261109T190000",
            "RDATE;VALUE=DATE:20261112",
            "RRULE:FREQ=WEEKLY;BYDAY=FR;UNTIL=20261127T000000Z",
            "EXRULE:FREQ=MONTHLY;BYMONTHDAY=20",
            "EXDATE:20261113T000000Z",
        ]
    )
    found = occurrences(series(None, extra), {}, START, datetime(2026, 12, 1), SEOUL)
    assert [(each.when.start[8:], each.when.end[8:]) for each in found] == [
        ("02T09:00", "02T10:00"),
        ("05T09:00", "05T14:30"),
        ("06T09:00", "06T10:00"),
        ("10T09:00", "10T10:00"),
        ("12T09:00", "12T10:00"),
        ("27T09:00", "27T10:00"),
    ]


def test_a_series_of_days_takes_dates_from_its_lines() -> None:
    event = series("FREQ=WEEKLY;COUNT=2", "RDATE;VALUE=DATE:20261105\nEXDATE:20261109", day=True)
    assert starts(event) == ["2026-11-02", "2026-11-05"]


def test_what_cannot_be_read_is_named_and_the_rest_takes_place() -> None:
    event = series("FREQ=SOMETIMES", "RDATE:soon\nRDATE:20261105T090000\nX-OTHER:1")
    found = expansion(event, {}, START, END, SEOUL)
    assert [each.when.start for each in found.occurrences] == [
        "2026-11-02T09:00",
        "2026-11-05T09:00",
    ]
    assert [line.split(":")[0] for line in found.unread] == ["RRULE", "RDATE", "X-OTHER"]
    assert not found.cut


def test_a_time_that_nobody_can_read_is_shown_nowhere_today() -> None:
    event = SeriesEvent.of("e", {"title": "x", "when": ["2026-02-31", "2026-03-01", ""]})
    assert starts(event) == []


SLACK_S = 1
"""Of work beyond a deadline: beside other work the same takes several times as long, and what no
deadline ends takes minutes."""
HOSTILE = [
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=WEEKLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3",
    "FREQ=SECONDLY",
    "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=SECONDLY;INTERVAL=86399;BYHOUR=3;BYMINUTE=3;BYSECOND=1;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=MINUTELY;BYHOUR=3;BYMINUTE=4;BYSECOND=5;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=HOURLY;INTERVAL=99999;BYMONTH=2;BYMONTHDAY=30",
    "FREQ=MINUTELY;COUNT=100000000",
    "FREQ=DAILY;INTERVAL=100000",
    "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
]


@pytest.mark.parametrize("rule", HOSTILE)
def test_no_rule_is_walked_for_longer_than_the_deadline(rule: str) -> None:
    began = time.thread_time()
    expansion(series(rule), {}, START, END, SEOUL)
    assert time.thread_time() - began < SLACK_S + LIMITS.deadline_s


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", HOSTILE[4], HOSTILE[6]])
def test_what_a_limit_cut_short_says_so_and_shows_the_first(rule: str) -> None:
    found = expansion(series(rule), {}, START, END, SEOUL)
    assert found.cut
    assert [each.when.start for each in found.occurrences][:1] == ["2026-11-02T09:00"]
    assert len(found.occurrences) <= LIMITS.most


def test_more_times_a_day_than_minutes_are_not_read() -> None:
    seconds = ",".join(map(str, range(60)))
    rule = f"FREQ=DAILY;BYHOUR=1,2;BYMINUTE={seconds};BYSECOND={seconds}"
    [problem] = expansion(series(rule), {}, START, END, SEOUL).unread
    assert problem.endswith("expected at most 1440 times a day, got 7200")


PARTS = st.sampled_from(
    [
        *(f"{name}={value}" for name in ("COUNT", "INTERVAL") for value in (1, 7, 99_999)),
        *("BYDAY=MO", "BYDAY=-1FR,53SU", "BYMONTHDAY=-31,31", "BYMONTH=2", "BYYEARDAY=366,-366"),
        *("BYWEEKNO=53,-53", "BYSETPOS=-1,366", "BYHOUR=23", "BYMINUTE=0,59", "BYSECOND=60"),
        *("BYHOUR=24", "BYDAY=,", "BYMONTH=13", "BYMONTHDAY=0", "BYSETPOS=0", "WKST=SU", "UNTIL=1"),
        *("UNTIL=20261203T000000Z", "BYDAY=99MO", "RSCALE=DANGI", "BYEASTER=1", "=", "", "X"),
    ]
)
FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY", "NEVER")


@settings(deadline=None, max_examples=150)
@given(freq=st.sampled_from(FREQUENCIES), parts=st.lists(PARTS, max_size=5), exclude=st.booleans())
def test_any_rule_comes_to_an_end_with_the_first_event(
    freq: str, parts: list[str], exclude: bool
) -> None:
    rule = ";".join([f"FREQ={freq}", *parts])
    event = series(rule, f"EXRULE:{rule};BYMONTHDAY=31" if exclude else None)
    limits = replace(LIMITS, deadline_s=0.02)
    began = time.thread_time()
    found = occurrences(event, {}, START, datetime(2026, 12, 1), SEOUL, limits)
    assert time.thread_time() - began < SLACK_S + limits.deadline_s
    assert found[0].when.start == "2026-11-02T09:00"


def test_the_clock_of_the_deadline_is_the_one_given() -> None:
    times = iter(range(1_000_000))
    limits = replace(LIMITS, deadline_s=10, clock=lambda: float(next(times)))
    found = expansion(series("FREQ=HOURLY"), {}, START, END, SEOUL, limits)
    assert found.cut
    assert 0 < len(found.occurrences) < 20


def test_exceptions_are_grouped_by_event_and_one_of_its_series() -> None:
    flat = {"e/2026-11-02/title": "a", "e/2026-11-02/excluded": True, "f/2026-11-03/title": "b"}
    assert exceptions_by_event(flat) == {
        "e": {"2026-11-02": {"title": "a", "excluded": True}},
        "f": {"2026-11-03": {"title": "b"}},
    }
