"""What the server expands for calendars, asked as a browser asks."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from tornado.web import Application

from access_rig import open_access
from moim.calendar_occurrences import Question, occurrences_json
from moim.documents_reader import DocumentsReader
from moim.occurrences_api import OCCURRENCES, OccurrencesHandler
from moim_data.documents.access import LocalAccess
from moim_data.documents.calendar import CalendarDocument
from moim_data.documents.when import When
from moim_data.memory_store import MemoryStore
from moim_data.store import Append, DocumentId, Update
from moim_sync.hub import Hub

TEAM = DocumentId("calendar/team")
NOVEMBER = "from=2026-11-01&to=2026-12-01&zone=Asia/Seoul"
Ask = Callable[[str], Awaitable[tuple[int, Any]]]


def team_update() -> bytes:
    access = LocalAccess()
    with access.transaction():
        calendar = CalendarDocument(access)
        morning = When("2026-11-02T09:00", "2026-11-02T10:00", "Asia/Seoul")
        add = calendar.events.add
        add("매주", morning, id="simple", rule="FREQ=WEEKLY")
        add("마지막 평일", morning, id="last", rule="FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1")
        add("Twice", morning, id="twice", extra="RDATE:20261110T000000Z,20261111T090000")
        add("Endless", morning, id="seconds", rule="FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")
        add("Broken", morning, id="broken", rule="FREQ=SOMETIMES")
        add("Gone", morning, id="gone", rule="FREQ=HOURLY")
        calendar.events["gone"].update(deleted=("minji", 1))
        calendar.exceptions.exception("twice", "2026-11-10T09:00").update(title="Moved")
        calendar.exceptions.exception("twice", "2026-11-11T09:00").update(excluded=True)
    return access.doc.get_update()


@pytest.fixture
async def ask(listen: Any, fetch: Any) -> AsyncIterator[Ask]:
    store = MemoryStore()
    store.open(TEAM, create=True).result()
    store.append(Append(TEAM, (Update(1, 0, "test", b"", 0, team_update()),))).result()
    hub = Hub(store)

    async with hub:
        options = {"read": DocumentsReader(hub).occurrences, "access": open_access()}
        address = await listen(Application([(OCCURRENCES, OccurrencesHandler, options)]))

        async def get(path: str) -> tuple[int, Any]:
            answer = await fetch(f"{address}/api/calendar/{path}")
            return answer.code, json.loads(answer.body)

        yield get


@pytest.mark.anyio
async def test_a_browser_is_given_the_series_that_it_does_not_expand(ask: Ask) -> None:
    status, answer = await ask(f"team/occurrences?{NOVEMBER}")
    assert (status, answer["seq"]) == (200, 1)
    assert [(o["event"], o["recurrenceId"], o["title"]) for o in answer["occurrences"]] == [
        ("broken", "2026-11-02T09:00", "Broken"),
        ("last", "2026-11-02T09:00", "마지막 평일"),
        ("last", "2026-11-30T09:00", "마지막 평일"),
        ("seconds", "2026-11-02T09:00", "Endless"),
        ("twice", "2026-11-02T09:00", "Twice"),
        ("twice", "2026-11-10T09:00", "Moved"),
    ]
    assert answer["cut"] == ["seconds"]
    assert list(answer["unread"]) == ["broken"]


@pytest.mark.anyio
async def test_all_is_all_but_what_is_deleted(ask: Ask) -> None:
    _, answer = await ask(f"team/occurrences?{NOVEMBER}&all=1")
    events = [o["event"] for o in answer["occurrences"]]
    assert events.count("simple") == 5
    assert "gone" not in events


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("to=2026-12-01&zone=Asia/Seoul", "from: expected a date YYYY-MM-DD, got ''"),
        ("from=2026-11-01&to=20261201&zone=Asia/Seoul", "to: expected a date YYYY-MM-DD"),
        ("from=2026-11-01&to=2026-11-01&zone=Asia/Seoul", "expected 1 to 400 days"),
        ("from=2026-11-01&to=2027-12-07&zone=Asia/Seoul", "expected 1 to 400 days"),
        ("from=2026-11-01&to=2026-12-01&zone=Mars/Base", "zone: expected the IANA name"),
        ("from=2026-11-01&to=2026-12-01", "zone: expected the IANA name"),
        (f"{NOVEMBER}&all=yes", "all: expected 0 or 1, got 'yes'"),
    ],
)
@pytest.mark.anyio
async def test_a_question_without_an_answer_is_told_what_was_expected(
    ask: Ask, query: str, expected: str
) -> None:
    status, answer = await ask(f"team/occurrences?{query}")
    assert status == 400
    assert expected in answer["error"]


@pytest.mark.anyio
async def test_an_absent_calendar_is_not_made(ask: Ask) -> None:
    assert await ask(f"other/occurrences?{NOVEMBER}") == (
        404,
        {"error": "no document calendar/other"},
    )


def test_hostile_series_end_at_the_deadline_of_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("moim.calendar_occurrences.DEADLINE_S", 0.2)
    access = LocalAccess()
    with access.transaction():
        events = CalendarDocument(access).events
        for number in range(40):
            when = When("2026-11-02T09:00", "2026-11-02T10:00", "Asia/Seoul")
            events.add("x", when, id=f"e{number}", rule="FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")
    question = Question("2026-11-01", "2026-12-01", "Asia/Seoul", everything=False)
    answer = json.loads(occurrences_json(TEAM, access.doc.get_update(), question))
    assert len(answer["cut"]) == 40
    assert len(answer["occurrences"]) < 40  # those that were not looked at show nothing
