"""`moim.connect`: a workspace as programs use it, against a real hub."""

import datetime
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

import moim
from client_rig import HubThread
from moim.workspace import Workspace, outbox_folder
from moim_data.documents.demo import demo_documents
from moim_data.errors import InvalidValue, UnknownEntity
from moim_process import PYTHONPATH, ROOT
from moim_sync.errors import DocumentRefused, NotInTime

WAIT_S = 10.0


@pytest.fixture(autouse=True)
def own_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def hub() -> Iterator[HubThread]:
    made = HubThread(documents=demo_documents(datetime.date(2026, 11, 23)))
    yield made
    made.close()


@pytest.fixture
def workspace(hub: HubThread) -> Iterator[Workspace]:
    with moim.connect(hub.url) as connected:
        yield connected


def title_at_the_server(hub: HubThread, card: str) -> str:
    with moim.connect(hub.url, outbox=None) as fresh:
        title: str = fresh.project("launch").cards[card].title
        return title


def test_three_lines_set_a_title_on_the_servers_disk(hub: HubThread) -> None:
    ws = moim.connect(hub.url)
    ws.project("launch").cards["ln-142"].title = "새 제목 👋"
    ws.wait_saved(timeout_s=WAIT_S)
    assert title_at_the_server(hub, "ln-142") == "새 제목 👋"
    ws.close()


def test_a_script_that_ends_right_after_an_edit_delivers_it(hub: HubThread) -> None:
    program = f"""
import moim
ws = moim.connect({hub.url!r})
ws.project("launch").cards["ln-142"].title = "delivered"
"""
    env = {"PYTHONPATH": PYTHONPATH, "XDG_DATA_HOME": os.environ["XDG_DATA_HOME"]}
    ended = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert title_at_the_server(hub, "ln-142") == "delivered"


def test_importing_moim_loads_neither_panel_nor_bokeh_nor_a_client() -> None:
    program = """
import sys, moim
loaded = {name.partition(".")[0] for name in sys.modules}
print(sorted(loaded & {"panel", "bokeh", "pandas", "tornado", "pycrdt", "moim_sync"}))
moim.connect
print(sorted({name.partition(".")[0] for name in sys.modules} & {"panel", "bokeh", "tornado"}))
"""
    env = {"PYTHONPATH": PYTHONPATH}
    found = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
    )
    assert found.stdout.splitlines() == ["[]", "[]"]


def test_a_workspace_names_its_projects_and_people(workspace: Workspace) -> None:
    assert workspace.info.name == "하늘연구소"
    assert list(workspace.projects) == ["launch", "website"]
    assert list(workspace.calendars) == ["team", "releases", "interviews"]
    assert list(workspace.pages) == ["home"]
    assert workspace.members["minji"].name == "김민지"
    assert "웹사이트 개편" in repr(workspace.projects)
    assert "하늘연구소" in repr(workspace)


def test_a_project_is_found_by_id_and_by_name_and_is_one_object(workspace: Workspace) -> None:
    assert workspace.project("launch") is workspace.project("Launch 2.0")
    assert len(workspace.project("launch").cards) == 24
    with pytest.raises(UnknownEntity, match=r"there are Launch 2\.0, 웹사이트 개편"):
        workspace.project("Lunch")


def test_a_calendar_and_a_page_are_found_by_id_and_by_name(workspace: Workspace) -> None:
    team = workspace.calendar("팀 일정")
    assert team is workspace.calendar("team")
    assert team.id == "team"
    assert team.events["standup"].when.zone == "Asia/Seoul"
    assert workspace.page("home").cells["board"].project == "launch"
    assert workspace.page("주간 리뷰") is workspace.page("home")
    assert repr(team).startswith("<Calendar team: 34 events")
    assert repr(workspace.page("home")) == "<Page home: 5 cells>"
    for absent in (workspace.calendar, workspace.page):
        with pytest.raises(UnknownEntity, match="nowhere does not exist"):
            absent("nowhere")


def test_events_and_exceptions_from_python_are_at_the_server(
    hub: HubThread, workspace: Workspace
) -> None:
    team = workspace.calendar("team")
    nine = datetime.datetime(2026, 11, 25, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    with team.transaction():
        added = team.events.add("Retro", (nine, datetime.timedelta(minutes=30)), members=["tom"])
        team.exceptions.exception("standup", "2026-12-01T09:30").title = "스탠드업 🎂"
    with pytest.raises(InvalidValue, match="not before the start"):
        added.when = (nine, nine - datetime.timedelta(hours=1))
    team.wait_saved(WAIT_S)
    with moim.connect(hub.url, outbox=None) as other:
        seen = other.calendar("team")
        assert seen.events[added.id].when.starts == nine
        assert seen.exceptions.of("standup")["2026-12-01T09:30"].title == "스탠드업 🎂"
        (row,) = (row for row in seen.events.records() if row["id"] == added.id)
        assert (row["title"], row["members"]) == ("Retro", ["tom"])


def test_a_new_calendar_and_a_new_page_are_seen_by_others(
    hub: HubThread, workspace: Workspace
) -> None:
    calendar = workspace.add_calendar("공휴일", "red", zone="Asia/Seoul")
    calendar.events.add("한글날", datetime.date(2026, 10, 9))
    page = workspace.add_page("Berlin")
    page.cells.add("calendar", calendars=[calendar.id])
    with pytest.raises(InvalidValue, match="IANA name"):
        workspace.add_calendar("nowhere", zone="Asia/Soul")
    workspace.wait_saved(WAIT_S)
    with moim.connect(hub.url, outbox=None) as other:
        assert other.calendars.named("공휴일").colour == "red"
        seen = other.calendar("공휴일")
        assert seen.info.zone == "Asia/Seoul"
        assert [event.when.all_day for event in seen.events.values()] == [True]
        assert [cell.kind for cell in other.page("Berlin").cells.values()] == ["note", "calendar"]
        assert len(other.calendars) == 4


def test_a_checklist_and_a_comment_from_python_are_at_the_server(
    hub: HubThread, workspace: Workspace
) -> None:
    card = workspace.project("launch").cards["ln-122"]
    line = card.checklist.add("Ask for three exports")
    card.checklist.tick(line.id)
    card.comments.add("@Tom Becker, have a look", ["tom"])
    workspace.wait_saved(WAIT_S)
    with moim.connect(hub.url, outbox=None) as other:
        seen = other.project("launch").cards["ln-122"]
        assert repr(seen.checklist) == "[x] Ask for three exports"
        (said,) = seen.comments
        assert (str(said.body), list(said.mentions)) == ("@Tom Becker, have a look", ["tom"])
        assert said.created[0] == workspace.you.id  # type: ignore[union-attr]


def test_a_project_of_the_list_without_a_document_is_refused(workspace: Workspace) -> None:
    workspace.projects.add(id="ghost", name="Ghost", colour="red")
    with pytest.raises(DocumentRefused, match="project/ghost: unknown"):
        workspace.project("ghost")


def test_a_new_project_has_three_columns_and_is_seen_by_others(
    hub: HubThread, workspace: Workspace
) -> None:
    made = workspace.add_project("새 프로젝트", "teal")
    made.cards.add("첫 카드")
    workspace.wait_saved(WAIT_S)
    with moim.connect(hub.url, outbox=None) as other:
        seen = other.project("새 프로젝트")
        assert [column.status for column in seen.columns.values()] == ["ready", "doing", "done"]
        assert [card.title for card in seen.cards.values()] == ["첫 카드"]
        assert seen.cards.values()[0].created[0] == workspace.you.id  # type: ignore[union-attr]


def test_an_edit_the_schema_does_not_allow_never_leaves(workspace: Workspace) -> None:
    with pytest.raises(InvalidValue, match="cards/ln-142/priority: expected one of low"):
        workspace.project("launch").cards["ln-142"].priority = "very"
    assert workspace.pending == 0


def test_others_edits_are_heard(hub: HubThread, workspace: Workspace) -> None:
    project = workspace.project("launch")
    heard = threading.Event()

    def look() -> None:
        if project.cards["ln-142"].title == "from elsewhere":
            heard.set()

    stop = project.watch(look)
    with moim.connect(hub.url, outbox=None) as other:
        other.project("launch").cards["ln-142"].title = "from elsewhere"
        assert heard.wait(WAIT_S)
    stop()


def test_without_a_server_a_workspace_goes_on_with_what_is_kept(hub: HubThread) -> None:
    with moim.connect(hub.url) as first:
        first.project("launch")
    hub.shut()
    with moim.connect(hub.url, timeout_s=0.1) as offline:
        assert offline.status == "offline"
        card = offline.project("Launch 2.0").cards["ln-142"]
        card.title = "written offline"
        with pytest.raises(NotInTime):
            offline.wait_saved(0.05)
    hub.unshut()
    with moim.connect(hub.url) as again:
        again.project("launch").wait_saved(WAIT_S)
    assert title_at_the_server(hub, "ln-142") == "written offline"


def test_two_programs_of_one_person_use_two_outbox_files(
    hub: HubThread, own_data_folder: Path
) -> None:
    with moim.connect(hub.url) as one, moim.connect(hub.url) as other:
        one.project("launch").cards["ln-142"].title = "one"
        one.wait_saved(WAIT_S)
        assert other.project("launch").document.wait_synced(WAIT_S) is None
    files = sorted(path.name for path in outbox_folder().glob("*.db"))
    assert [name.rpartition("db")[0].rsplit(".", 2)[1] for name in files] == ["1", "2"]
    assert outbox_folder().parent == own_data_folder


def made_in_the_first_notebook(ws: Workspace) -> None:
    cards = ws.project("launch").cards
    assert str(cards["ln-142"].title).endswith("알림 🔔")
    (new,) = (card for card in cards.values() if card.title == "Written in a notebook")
    assert new.id in [card.id for card in cards.in_column("In progress")]


def made_in_the_second_notebook(ws: Workspace) -> None:
    monday = datetime.date.today() - datetime.timedelta(days=datetime.date.today().weekday())
    tuesday = datetime.datetime.combine(monday, datetime.time(14), ZoneInfo("Europe/Berlin"))
    tuesday += datetime.timedelta(days=1)
    team, card = ws.calendar("team"), ws.project("launch").cards["ln-131"]
    events = [event for event in team.events.values() if event.title == "Planned in a notebook"]
    assert [event.when.starts for event in events] == [tuesday]
    assert [item.done is not None for item in card.checklist] == [True, False, False, False]
    assert [list(comment.mentions) for comment in card.comments] == [["tom"]]


EDITS = {"01_connect": made_in_the_first_notebook, "02_calendars": made_in_the_second_notebook}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("file", sorted((ROOT / "notebooks").glob("*.py")), ids=lambda at: at.stem)
def test_a_notebook_runs_and_its_edits_arrive(
    file: Path, hub: HubThread, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MOIM_URL", hub.url)
    monkeypatch.setenv("PYTHONPATH", PYTHONPATH)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = jupytext.read(file)
    NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    nbformat.validate(notebook)
    with moim.connect(hub.url, outbox=None) as fresh:
        EDITS[file.stem](fresh)
    shown = [
        output["data"]["text/plain"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output["output_type"] == "execute_result"
    ]
    assert shown[-1] == "('live', 0)"


def test_cards_are_found_by_the_filter_of_a_board(workspace: Workspace) -> None:
    day = datetime.date(2026, 11, 25)
    board = workspace.project("launch")
    late = workspace.cards("launch", "due:overdue", today=day)
    assert late
    assert all(card.due is not None and card.due < day for card in late)
    assert {board.columns[card.column].status for card in late} & {"done"} == set()
    assert workspace.cards("launch", "-due:overdue", today=day) == [
        card for card in workspace.cards("launch") if card.id not in {one.id for one in late}
    ]


def test_a_filter_of_a_program_that_says_nothing_is_refused(workspace: Workspace) -> None:
    with pytest.raises(InvalidValue, match=r"expected terms with known values, got \['due:soon'\]"):
        workspace.cards("launch", "due:soon")
    with pytest.raises(InvalidValue, match="priority:hi"):
        moim.Board("launch", filter="priority:hi")
    assert moim.Board("launch", filter="due<7d").filter == "due<7d"
