"""The demo's documents follow their schemas and keep their ids."""

import datetime
import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from pycrdt import Doc, Map

from moim_data.documents.access import LocalAccess
from moim_data.documents.calendar import CalendarDocument
from moim_data.documents.demo import demo_documents
from moim_data.documents.demo.people import PEOPLE
from moim_data.documents.kinds import kind_of, parse_document_id
from moim_data.documents.page import PageDocument
from moim_data.documents.project import ProjectDocument
from moim_data.documents.rule import is_simple
from moim_data.documents.shape import shape_of
from moim_data.documents.validation import problems, problems_at
from moim_data.documents.workspace import WorkspaceDocument

TODAY = datetime.date(2026, 11, 23)
NOW_MS = 1_000 * datetime.datetime.combine(TODAY, datetime.time(), datetime.UTC).timestamp()
CALENDARS = ("team", "releases", "interviews")


def load(update: bytes) -> Doc[Any]:
    doc: Doc[Any] = Doc()
    doc.apply_update(update)
    return doc


def board(name: str) -> ProjectDocument:
    return ProjectDocument(LocalAccess(load(demo_documents(TODAY)[f"project/{name}"])))  # type: ignore[index]


def agenda(name: str, today: datetime.date = TODAY) -> CalendarDocument:
    return CalendarDocument(LocalAccess(load(demo_documents(today)[f"calendar/{name}"])))  # type: ignore[index]


def day_of(moment: datetime.date) -> datetime.date:
    return moment.date() if isinstance(moment, datetime.datetime) else moment


def test_every_demo_document_follows_its_schema() -> None:
    for document, update in demo_documents(TODAY).items():
        assert parse_document_id(document) == document
        kind = kind_of(document).name
        shape = shape_of(kind)
        assert shape is not None
        doc = load(update)
        data = {name: doc.get(name, type=Map).to_py() for name in shape.roots}
        assert problems(kind, data) == []
        paths = [f"{root}/{key}" for root in data for key in data[root]]
        assert problems_at(kind, doc, paths) == []


def test_the_workspace_lists_eight_people_and_every_document() -> None:
    documents = demo_documents(TODAY)
    workspace = WorkspaceDocument(LocalAccess(load(documents["workspace"])))  # type: ignore[index]
    assert workspace.info.name == "하늘연구소"
    assert len(workspace.members) == 8
    assert list(workspace.projects) == ["launch", "website"]
    assert list(workspace.calendars) == ["team", "releases", "interviews"]
    assert list(workspace.pages) == ["home"]
    listed = {
        *(f"project/{key}" for key in workspace.projects),
        *(f"calendar/{key}" for key in workspace.calendars),
        *(f"page/{key}" for key in workspace.pages),
    }
    assert listed == set(documents) - {"workspace"}


def test_the_launch_board_has_five_columns_and_cards_due_around_today() -> None:
    launch = board("launch")
    assert list(launch.columns) == ["backlog", "ready", "doing", "review", "done"]
    assert len(launch.labels) == 8
    assert Counter(card.column for card in launch.cards.values()) == {
        "backlog": 6,
        "ready": 5,
        "doing": 5,
        "review": 2,
        "done": 6,
    }
    first = launch.cards.in_column("backlog")[0]
    assert (first.id, first.title) == ("ln-142", "Rate-limit share links and invite mails")
    due = [card.due for card in launch.cards.values() if card.due is not None]
    assert min(due) < TODAY < max(due)
    assert TODAY in due


@pytest.mark.parametrize("name", ["launch", "website"])
def test_what_a_board_refers_to_is_there(name: str) -> None:
    project, people = board(name), {person.id for person in PEOPLE}
    for card in project.cards.values():
        assert set(card.labels) <= {*project.labels}
        assert set(card.members) <= people
        if card.start and card.due:
            assert card.start <= card.due, card.title
        for item in card.checklist:
            assert item.done is None or item.done[0] in people
    for comment in project.comments.values():
        assert comment.card in project.cards
        assert {comment.created[0], *comment.mentions} <= people
        assert comment.created[1] < NOW_MS
    assert any(len(comment.mentions) for comment in project.comments.values())
    assert any(0 < card.checklist.done < len(card.checklist) for card in project.cards.values())


def test_two_boards_have_sixty_cards_with_titles_in_both_languages_and_none_twice() -> None:
    titles = [card.title for name in ("launch", "website") for card in board(name).cards.values()]
    assert len(titles) == len(set(titles)) == 60
    korean = [title for title in titles if re.search("[가-힣]", title)]
    assert 20 < len(korean) < 45


def test_three_calendars_have_eighty_events_in_two_zones_around_today() -> None:
    events = [event for name in CALENDARS for event in agenda(name).events.values()]
    assert len(events) == 80
    assert {event.when.zone for event in events} == {"", "Asia/Seoul", "Europe/Berlin"}
    assert {event.status for event in events} >= {None, "tentative"}
    single = [event.when for event in events if event.rule is None]
    near = [when for when in single if abs(day_of(when.starts) - TODAY) < timedelta(days=45)]
    assert len(near) == len(single)
    assert any(when.all_day and when.length > timedelta(days=1) for when in single)
    assert any(day_of(when.starts) == TODAY for when in single)


def test_the_series_repeat_by_day_week_month_and_year_and_three_events_differ() -> None:
    team = agenda("team")
    rules = [event.rule or "" for event in team.events.values()]
    for words in ("BYDAY=MO,TU,WE,TH,FR", "BYDAY=MO", "INTERVAL=2", "BYDAY=2WE", "BYDAY=-1FR"):
        assert any(words in rule for rule in rules), words
    assert any(rule == "FREQ=YEARLY" for rule in rules)
    different = [set(row) - {"event", "recurrence_id"} for row in team.exceptions.records()]
    assert {"excluded"} in different
    assert {"when"} in different
    assert {"title"} in different or {"title", "location"} in different


def test_every_series_can_be_shown_without_the_server() -> None:
    rules = [event.rule for name in CALENDARS for event in agenda(name).events.values()]
    assert [rule for rule in rules if rule is not None and not is_simple(rule)] == []


def test_every_week_around_today_has_something_on_each_day_of_work() -> None:
    monday = TODAY - timedelta(days=TODAY.weekday())
    calendars = [agenda(name) for name in CALENDARS]
    for day in (7 * week + day for week in range(-3, 5) for day in range(5)):
        on = monday + timedelta(days=day)
        found = [calendar.occurrences(on, on + timedelta(days=1)) for calendar in calendars]
        assert sum(map(len, found)) >= 2, on


@pytest.mark.parametrize("today", [TODAY + timedelta(days=97 * number) for number in range(12)])
def test_every_series_begins_where_its_rule_does_on_any_day(today: datetime.date) -> None:
    for name in CALENDARS:
        calendar = agenda(name, today)
        for event in calendar.events.values():
            if event.rule is None:
                continue
            start = datetime.datetime.combine(day_of(event.when.starts), datetime.time())
            assert rrulestr(event.rule, dtstart=start)[0] == start, (event.title, event.rule)
            for recurrence in calendar.exceptions.of(event.id):
                on = datetime.datetime.fromisoformat(recurrence[:10])
                assert on in rrulestr(event.rule, dtstart=start), (event.title, recurrence)
        assert set(calendar.exceptions.by_event()) <= {*calendar.events}


def test_the_first_page_shows_what_the_workspace_has() -> None:
    documents = demo_documents(TODAY)
    page = PageDocument(LocalAccess(load(documents["page/home"])))  # type: ignore[index]
    assert [cell.kind for cell in page.cells.values()] == [
        "note",
        "chart",
        "board",
        "calendar",
        "note",
    ]
    shown = page.cells["days"]
    assert shown.calendars == set(CALENDARS)
    assert shown.projects == {"launch"}
    text = str(page.cells["week"].text)
    assert re.search("[가-힣]", text)
    assert re.search("[a-z]{4}", text)
    for card in re.findall(r"/project/launch\?card=([\w-]+)", text):
        assert card in board("launch").cards


def test_two_calls_give_the_same_content() -> None:
    def content(update: bytes) -> dict[str, Any]:
        doc = load(update)
        return {name: doc.get(name, type=Map).to_py() for name in doc.keys()}  # noqa: SIM118

    one, other = demo_documents(TODAY), demo_documents(TODAY)
    assert {name: content(one[name]) for name in one} == {
        name: content(other[name]) for name in other
    }
