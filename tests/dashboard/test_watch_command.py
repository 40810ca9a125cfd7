"""`moim watch`: the real command against a real server."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import moim
from dashboard.test_access_commands import PASSWORD, run
from moim.cli import main
from moim.watch.errors import WatchEnded
from moim.watch.watcher import Watcher
from moim.workspace import Workspace
from moim_data.store import DocumentId
from moim_process import MoimProcess
from moim_sync.client import SyncClient
from moim_sync.errors import ConnectionStopped
from watch_process import WatchProcess

Serve = Callable[..., MoimProcess]
LAUNCH = "project/launch"


@pytest.fixture
def server(serve: Serve) -> MoimProcess:
    return serve("--demo", "--workers", "0")


@pytest.fixture
def ws(server: MoimProcess) -> Iterator[Workspace]:
    with moim.connect(server.url, outbox=None) as workspace:
        yield workspace


def watch(server: MoimProcess, document: str = LAUNCH, *flags: str, **env: str) -> WatchProcess:
    return WatchProcess(server.url, document, *flags, folder=server.folder, env=env)


def test_each_change_is_a_line_with_the_thing_the_field_and_both_values(
    server: MoimProcess, ws: Workspace
) -> None:
    board = ws.project("launch")
    with watch(server) as watching:
        watching.said("watching project/launch")
        card = board.cards.add("출시 준비 🚀 \x1b[31m\nnext", "Ready")
        line = watching.told()
        assert re.fullmatch(r'\d\d:\d\d:\d\d  card "출시 준비 🚀  \[31m next"  made', line), line
        card.due = "2026-12-02"
        assert watching.told().endswith('"  due: none -> 2026-12-02')
        board.move(card, "In progress")
        assert watching.told().endswith('  place: "Ready" -> "In progress"')
        card.members.add("tom")
        assert watching.told().endswith("  member +Tom Becker")
        card.notes.append("하나")
        assert watching.told().endswith('  notes: "" -> "하나"')
        card.checklist.add("Send the link", id="link")
        assert watching.told().endswith('  item "Send the link"  made')
        board.cards.delete(card.id)
        assert watching.told().endswith("  deleted")


def test_an_edit_of_somebody_present_bears_their_name(server: MoimProcess, ws: Workspace) -> None:
    board = ws.project("launch")
    card = next(iter(board.cards.values()))
    assert ws.you is not None
    with watch(server, LAUNCH, "--json") as watching:
        watching.said("watching project/launch")
        card.estimate = 7
        assert watching.told_json()["who"] is None
        board.presence.set({"editing": None})
        with moim.connect(server.url, outbox=None) as other:
            seen = other.project("launch").presence
            wait_for(other, lambda: len(seen.people) == 1)
            card.estimate = 8
            told = watching.told_json()
    assert told["who"] == {"id": ws.you.id, "name": ws.you.name}
    assert (told["thing"], told["id"], told["field"]) == ("card", card.id, "estimate")
    assert (told["old"], told["new"]) == (7, 8)
    assert told["path"] == f"cards/{card.id}/estimate"
    assert datetime.fromisoformat(told["time"]).utcoffset() == timedelta(0)


def wait_for(ws: Workspace, happened: Callable[[], bool]) -> None:
    changed = threading.Event()
    unwatch = ws.project("launch").document.watch(changed.set)
    while not happened():
        assert changed.wait(10)
        changed.clear()
    unwatch()


def test_calendars_pages_and_the_workspace_are_watched_as_well(
    server: MoimProcess, ws: Workspace
) -> None:
    nine = datetime(2026, 11, 26, 9, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    team, home = ws.calendar("team"), ws.page("home")
    with watch(server, "calendar/team") as watching:
        watching.said("watching calendar/team")
        call = team.events.add("통화", (nine, timedelta(minutes=30)), rule="FREQ=DAILY")
        assert watching.told().endswith('event "통화"  made')
        call.when = call.when.moved(timedelta(days=1))
        assert watching.told().endswith(
            "when: 2026-11-26T09:00/2026-11-26T09:30 Europe/Berlin -> "
            "2026-11-27T09:00/2026-11-27T09:30 Europe/Berlin"
        )
        team.exceptions.exception(call.id, nine + timedelta(days=3)).title = "later"
        assert watching.told().endswith('event "통화 on 2026-11-29T09:00"  title: none -> later')
    with watch(server, "page/home") as watching:
        watching.said("watching page/home")
        next(iter(home.cells.values())).title = "Notes of today"
        assert watching.told().endswith('-> "Notes of today"')
    with watch(server, "workspace") as watching:
        watching.said("watching workspace")
        ws.info.name = "모임"
        assert watching.told().endswith('-> "모임"')


def test_korean_and_emoji_survive_a_pipe_of_any_locale(server: MoimProcess, ws: Workspace) -> None:
    card = next(iter(ws.project("launch").cards.values()))
    title = "회의 👩‍👩‍👧 Käse"
    with (
        watch(server, LAUNCH, "--json", LC_ALL="C") as one,
        watch(server, LAUNCH, PYTHONIOENCODING="ascii") as other,
    ):
        one.said("watching")
        other.said("watching")
        card.title = title
        assert one.told_json()["new"] == title
        assert title in other.told()


def test_it_comes_back_by_itself_and_tells_what_happened_meanwhile(serve: Serve) -> None:
    server = serve("--demo", "--workers", "0", started=False)
    with watch(server, LAUNCH, "--json") as watching:
        watching.said("is away; trying again")
        server.start()
        watching.said("connected again")
        with moim.connect(server.url, outbox=None) as ws:
            card = next(iter(ws.project("launch").cards.values()))
            card.title = "before"
            assert watching.told_json()["new"] == "before"
            server.kill()
            watching.said("is away; trying again")
            card.title = "while the server was away"
            server.start()
            told = watching.told_json()
        watching.said("connected again")
    assert (told["old"], told["new"]) == ("before", "while the server was away")


def test_a_document_that_was_put_back_is_compared_as_a_whole(serve: Serve) -> None:
    server = serve("--demo", "--workers", "0")
    with moim.connect(server.url, outbox=None) as ws:
        card = next(iter(ws.project("launch").cards.values()))
        former = card.title
        card.title = "of the former file"
        ws.wait_saved()
    with watch(server, LAUNCH, "--json") as watching:
        watching.said("watching")
        server.stop()
        again = MoimProcess(server.folder, server.port, "--demo", "--reset", "--workers", "0")
        with again:
            titles = (told for told in iter(watching.told_json, None) if told["id"] == card.id)
            told = next(one for one in titles if one["field"] == "title")
    assert (told["old"], told["new"]) == ("of the former file", former)


def test_ctrl_c_ends_with_0_and_an_unknown_name_with_2(server: MoimProcess) -> None:
    with watch(server, "project/absent") as watching:
        watching.said("project/absent does not exist")
        assert watching.ended() == 2
    with watch(server) as watching:
        watching.said("watching")
        assert watching.interrupt() == 0


def test_it_ends_with_0_when_nobody_reads_on(server: MoimProcess, ws: Workspace) -> None:
    card = next(iter(ws.project("launch").cards.values()))
    reads, writes = os.pipe()
    with WatchProcess(server.url, LAUNCH, folder=server.folder, stdout=writes) as watching:
        os.close(writes)
        watching.said("watching")
        os.close(reads)
        card.title = "nobody reads this"
        assert watching.ended() == 0
        assert watching.rest() == ""


@pytest.mark.parametrize(
    ("document", "flags", "told"),
    [
        ("nothing", [], "nothing"),
        ("open/notes", [], "no schema"),
        (LAUNCH, ["--url", "localhost:5006"], "--url"),
    ],
)
def test_what_does_not_fit_ends_with_2_and_one_line(
    document: str, flags: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["watch", document, *flags], {"MOIM_URL": "http://127.0.0.1:9"}) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1


@pytest.mark.timeout(20)
def test_a_client_that_was_stopped_before_anybody_listened_ends_the_watch(serve: Serve) -> None:
    server = serve("--auth", "password", "--workers", "0")
    with SyncClient(server.url, outbox=None) as client:
        with pytest.raises(ConnectionStopped):
            client.document("calendar/team").wait_synced(10)
        watcher = Watcher(client, DocumentId(LAUNCH), lambda _: None, lambda _: None)
        with pytest.raises(WatchEnded, match="MOIM_TOKEN"):
            watcher.run()


def test_who_may_not_read_is_told_so_and_it_ends_with_1(serve: Serve) -> None:
    server = serve("--demo", "--auth", "password", "--workers", "0")
    run(server.folder, "user", "add", "Vic", "--role", "viewer", stdin=PASSWORD)
    secret = run(server.folder, "token", "create", "Vic")
    with watch(server) as watching:
        assert watching.ended() == 1
        watching.said("MOIM_TOKEN")
    with watch(server, MOIM_TOKEN=secret) as watching:
        watching.said("watching project/launch")
        run(server.folder, "user", "role", "Vic", "none", "--document", LAUNCH)
        watching.said("you may not read project/launch")
        assert watching.ended() == 1
