"""A project and a calendar as large as a team fills them in years, for the pages' benchmark."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from pycrdt import Map

from moim.demo import WORKSPACE
from moim_data.documents.access import LocalAccess
from moim_data.documents.entities import Author
from moim_data.documents.project import ProjectDocument
from moim_data.documents.workspace import WorkspaceDocument
from moim_data.sqlite_store import SqliteStore
from moim_data.store import Append, DocumentId, Update

COLUMNS = (
    ("backlog", "Backlog", "backlog"),
    ("ready", "Ready", "ready"),
    ("doing", "In progress", "doing"),
    ("done", "Done", "done"),
)
WORDS = ("sync", "board", "달력", "보고서", "launch", "인터뷰", "import", "결제", "tour")
HOUR = dt.timedelta(hours=1)


def write_big_documents(database: Path, cards: int, events: int, today: dt.date) -> None:
    """Put `project/big` and `calendar/big` into a new database file."""
    random = Random(7)
    documents = {
        WORKSPACE: _workspace(random),
        DocumentId("project/big"): _project(cards, today, random),
        DocumentId("calendar/big"): _calendar(events, today, random),
    }
    store = SqliteStore(database)
    try:
        for document, update in documents.items():
            store.open(document, create=True).result()
            store.append(Append(document, (Update(1, 0, "bench", b"", 0, update),))).result()
    finally:
        store.close()


def _workspace(random: Random) -> bytes:
    access = LocalAccess()
    with access.transaction():
        workspace = WorkspaceDocument(access, Author(random=random.random))
        workspace.projects.add(id="big", name="Big board", colour="blue", created=0)
        entry = {"name": "Big calendar", "colour": "teal", "place": "V", "created": 0}
        access.doc.get("calendars", type=Map)["big"] = Map(entry)
    return access.doc.get_update()


def _project(cards: int, today: dt.date, random: Random) -> bytes:
    access = LocalAccess()
    with access.transaction():
        project = ProjectDocument(access, Author(random=random.random))
        for key, name, status in COLUMNS:
            project.columns.add(id=key, name=name, status=status)
        for number, (key, _, _) in enumerate(COLUMNS):
            share = range(number, cards, len(COLUMNS))
            project.cards.add_all((_card(at, today, random) for at in share), key)
    return access.doc.get_update()


def _card(number: int, today: dt.date, random: Random) -> dict[str, Any]:
    card: dict[str, Any] = {"id": f"c{number}", "title": _title(number, random), "estimate": 3}
    if number % 3 == 0:
        card["due"] = today + dt.timedelta(days=random.randint(-60, 60))
    return card


def _calendar(events: int, today: dt.date, random: Random) -> bytes:
    """Two years of single events, and every 25th a series."""
    access = LocalAccess()
    with access.transaction():
        root: Map[Any] = access.doc.get("events", type=Map)
        for number, fields in enumerate(_events(events, today, random)):
            root[f"e{number}"] = Map(fields)
    return access.doc.get_update()


def _events(count: int, today: dt.date, random: Random) -> Iterator[dict[str, Any]]:
    for number in range(count):
        day = today + dt.timedelta(days=random.randint(-365, 365))
        start = dt.datetime.combine(day, dt.time(random.randint(7, 19), random.choice((0, 30))))
        ends = (start + random.randint(1, 3) * HOUR).isoformat(timespec="minutes")
        when = [start.isoformat(timespec="minutes"), ends, "Asia/Seoul"]
        repeats = {"rule": "FREQ=WEEKLY;COUNT=10"} if number % 25 == 0 else {}
        yield {"title": _title(number, random), "when": when, "created": ["bench", 0], **repeats}


def _title(number: int, random: Random) -> str:
    return f"{' '.join(random.choices(WORDS, k=4))} {number}"
