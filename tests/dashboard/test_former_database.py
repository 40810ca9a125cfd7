"""A database that an earlier version wrote opens, is served and takes what is new."""

import base64
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from pycrdt import Doc, Map

import moim
from moim_data.errors import UnknownEntity
from moim_data.sqlite_store import SqliteStore
from moim_data.store import Append, DocumentId, Update
from moim_process import MoimProcess

FORMER = json.loads((Path(__file__).parents[1] / "corpus" / "former_demo.json").read_text())
UPDATES = {name: base64.b64decode(text) for name, text in FORMER["documents"].items()}
WAIT_S = 10.0


@pytest.fixture
def former(serve: Callable[..., MoimProcess], tmp_path: Path) -> MoimProcess:
    """A server on a database with boards of the version before there were calendars."""
    store = SqliteStore(tmp_path / "moim.db")
    for name, update in UPDATES.items():
        document = DocumentId(name)
        store.open(document, create=True).result()
        store.append(Append(document, (Update(1, 0, "demo", b"", 0, update),))).result()
    store.close()
    return serve("--demo", "--workers", "0", folder=tmp_path)


def test_a_former_workspace_is_served_as_it_is_and_gets_no_second_demo(
    former: MoimProcess,
) -> None:
    for name, update in UPDATES.items():
        doc: Doc[object] = Doc()
        doc.apply_update(update)
        served = former.document(name)["data"]
        for root in doc.keys():  # noqa: SIM118
            assert served[root] == doc.get(root, type=Map).to_py(), (name, root)
    workspace = former.document("workspace")["data"]
    assert len(workspace["projects"]) == 4
    assert (workspace["calendars"], workspace["pages"]) == ({}, {})
    assert former.get("/api/calendar/team")[0] == 404


def test_a_former_board_takes_checklists_and_comments_and_a_calendar_is_added(
    former: MoimProcess,
) -> None:
    with moim.connect(former.url, outbox=None) as workspace:
        with pytest.raises(UnknownEntity, match="there are none"):
            workspace.calendar("team")
        card = workspace.project("launch").cards["ln-118"]
        card.checklist.add("written by the new version", id="new")
        card.comments.add("@Tom Becker, look", ["tom"])
        calendar = workspace.add_calendar("팀 일정")
        calendar.events.add("Move", date(2027, 1, 8))
        workspace.add_page("Home")
        workspace.wait_saved(WAIT_S)
    project = former.document("project/launch")["data"]
    assert project["items"]["new"]["title"] == "written by the new version"
    assert len(project["comments"]) == 1
    listed = former.document("workspace")["data"]
    assert [entry["name"] for entry in listed["calendars"].values()] == ["팀 일정"]
    (event,) = former.document(f"calendar/{calendar.id}")["data"]["events"].values()
    assert event["when"] == ["2027-01-08", "2027-01-09", ""]
