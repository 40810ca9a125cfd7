"""Feeds as files: days of cards, one UID each, and nothing that an import here would mistake."""

from datetime import date
from typing import Any

import pytest
from icalendar import Calendar, Event

from moim_data.formats.files import read_bytes
from moim_data.formats.ical_feed import Shown, write_feed
from moim_data.store import DocumentId

CARD = {"title": "카드", "place": "todo|V", "member/minji": True}


def events(shows: str, *shown: tuple[str, dict[str, Any]]) -> list[Event]:
    documents = [Shown(DocumentId(name), {}, content) for name, content in shown]
    calendar = Calendar.from_ical(write_feed(shows, "민지", documents, "https://x"))
    found: list[Event] = calendar.walk("VEVENT")
    return found


@pytest.mark.parametrize(
    ("card", "days"),
    [
        ({"due": "2026-12-01"}, (date(2026, 12, 1), date(2026, 12, 2))),
        ({"start": "2026-12-31"}, (date(2026, 12, 31), date(2027, 1, 1))),
        (
            {"start": "2026-12-05", "due": "2026-12-01"},
            (date(2026, 12, 1), date(2026, 12, 6)),
        ),
        ({}, None),
        ({"due": "9999-12-31"}, None),
    ],
)
def test_a_card_takes_its_days_as_the_calendar_view_shows_it(
    card: dict[str, str], days: tuple[date, date] | None
) -> None:
    found = events("project/a", ("project/a", {"cards": {"c": {**CARD, **card}}}))
    assert [(one["DTSTART"].dt, one["DTEND"].dt) for one in found] == ([days] if days else [])


def test_the_same_file_in_two_calendars_gives_each_event_a_uid_of_its_own() -> None:
    event = {"title": "회의", "when": ["2026-12-01", "2026-12-02", ""], "uid": "x@y"}
    mine = {**event, "member/minji": True}
    content = {"events": {"mine": mine, "other": {**event, "uid": "z@y"}}}
    found = events("person/minji", ("calendar/a", content), ("calendar/b", content))
    assert sorted(one["UID"] for one in found) == ["b.x@y", "x@y"]


def test_importing_the_feed_of_a_project_or_a_person_names_no_calendar_of_ours() -> None:
    content = {"cards": {"c": {**CARD, "due": "2026-12-01"}}}
    for shows in ("project/a", "person/minji"):
        documents = [Shown(DocumentId("project/a"), {"name": "A"}, content)]
        imported = read_bytes(write_feed(shows, "", documents, "https://x"), "feed.ics")
        assert imported.id not in ("a", "minji")
        assert imported.report.found == 1


def test_names_with_signs_and_line_ends_stay_in_their_line() -> None:
    card = {**CARD, "title": "하나\r\nEND:VEVENT\nBEGIN:VEVENT", "due": "2026-12-01"}
    shown = Shown(DocumentId("project/a"), {"name": "A,\nB;C"}, {"cards": {"c": card}})
    calendar = Calendar.from_ical(write_feed("project/a", "", [shown], "https://x"))
    (event,) = calendar.walk("VEVENT")
    assert event["SUMMARY"] == "하나\nEND:VEVENT\nBEGIN:VEVENT"
    assert event["CATEGORIES"].cats == ["A, B;C"]
