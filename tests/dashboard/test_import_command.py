"""`moim import` and `moim export` as a person runs them, beside a server and alone."""

import json
import os
import socket
import stat
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moim.cli import main
from moim_process import COMMAND, PYTHONPATH, MoimProcess
from moim_sync.client import SyncClient

FIXTURES = Path(__file__).parents[1] / "data" / "fixtures"
TEAM, BOARD = FIXTURES / "team.ics", FIXTURES / "board.json"
Serve = Callable[..., MoimProcess]


def moim(
    *words: str | Path, database: Path, cwd: Path | None = None
) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, words), "--db", str(database)],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
    )


def report(file: Path, database: Path, *words: str) -> dict[str, Any]:
    """Imports a file and gives the report."""
    done = moim("import", file, "--json", *words, database=database)
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def exported(document: str, database: Path) -> Any:
    done = moim("export", document, "--format", "json", database=database)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["data"]


@pytest.fixture
def server(serve: Serve) -> MoimProcess:
    return serve("--workers", "0")


def test_a_file_comes_in_without_a_server_once(tmp_path: Path) -> None:
    database = tmp_path / "moim.db"
    first, second = report(TEAM, database), report(TEAM, database)
    assert (first["found"], first["made"], first["left_out"]) == (6, 6, [])
    assert (second["made"], second["updated"], second["unchanged"]) == (0, 0, 6)
    assert first["document"] == second["document"]
    entries = exported("workspace", database)["calendars"]
    assert [entry["name"] for entry in entries.values()] == ["팀 일정 · Team"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["moim.db", "moim.db.lock"]


def test_a_file_comes_in_through_the_server_that_holds_the_database(server: MoimProcess) -> None:
    made = report(TEAM, server.database)
    data = server.document(made["document"])["data"]
    assert len(data["events"]) == 5
    assert list(server.document("workspace")["data"]["calendars"]) == [made["document"][9:]]


def test_who_has_the_document_open_sees_the_import_live(server: MoimProcess) -> None:
    document = report(TEAM, server.database)["document"]
    with SyncClient(server.url, outbox=None) as client:
        shared = client.document(document)
        shared.wait_synced(10)
        news = threading.Event()
        shared.watch(news.set)
        changed = server.folder / TEAM.name
        changed.write_bytes(TEAM.read_bytes().replace(b"Stand-up with guests", b"Without guests"))
        assert report(changed, server.database)["updated"] == 1
        assert news.wait(10)
        with shared.lock:
            assert "Without guests" in str(shared.doc.get_update())


def test_the_socket_is_for_its_owner_and_goes_with_the_server(server: MoimProcess) -> None:
    door = server.folder / "moim.db.sock"
    assert stat.S_IMODE(door.stat().st_mode) == 0o600
    server.stop()
    assert not door.exists()


def test_a_killed_server_leaves_nothing_that_hurts(server: MoimProcess) -> None:
    document = report(TEAM, server.database)["document"]
    server.kill()
    assert (server.folder / "moim.db.sock").exists()
    assert report(TEAM, server.database)["unchanged"] == 6
    server.start()
    assert report(BOARD, server.database)["made"] == 4
    assert len(server.document(document)["data"]["events"]) == 5


def test_a_database_with_a_long_path_is_reached(serve: Serve, tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    server = serve("--workers", "0", folder=folder)
    assert report(TEAM, server.database)["made"] == 6
    server.stop()
    assert report(TEAM, server.database)["unchanged"] == 6


def test_a_file_goes_into_the_calendar_that_is_named(serve: Serve) -> None:
    server = serve("--demo", "--workers", "0")
    before = server.document("calendar/team")["data"]["events"]
    assert report(TEAM, server.database, "--into", "calendar/team")["document"] == "calendar/team"
    assert len(server.document("calendar/team")["data"]["events"]) == len(before) + 5


@pytest.mark.parametrize("into", ["project/launch", "calendar/none", "none", "calendar/../x"])
def test_into_something_else_is_refused_and_changes_nothing(into: str, tmp_path: Path) -> None:
    database = tmp_path / "moim.db"
    done = moim("import", TEAM, "--into", into, database=database)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("moim: --into")
    assert exported("workspace", database)["calendars"] == {}


def test_a_file_that_cannot_be_read_is_refused_before_the_database_is_touched(
    tmp_path: Path,
) -> None:
    broken = tmp_path / "broken.ics"
    broken.write_bytes(b"\x00" * 100)
    for file in (broken, tmp_path / "none.ics", tmp_path):
        done = moim("import", file, database=tmp_path / "moim.db")
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith("moim: ")
        assert done.stderr.count("\n") == 1
    assert not (tmp_path / "moim.db").exists()


def test_the_report_is_readable_lines(tmp_path: Path) -> None:
    done = moim("import", FIXTURES / "odd.ics", database=tmp_path / "moim.db")
    lines = done.stdout.splitlines()
    assert lines[1] == "  events found 12: made 5, updated 0, unchanged 0, left out 7"
    assert any(line.startswith("  left out: line 14 'Month thirteen':") for line in lines)


def test_a_board_comes_in_with_its_people(server: MoimProcess) -> None:
    document = report(BOARD, server.database)["document"]
    data = server.document(document)["data"]
    assert [len(data[root]) for root in ("cards", "items", "comments")] == [4, 2, 2]
    members = server.document("workspace")["data"]["members"].values()
    assert sorted(member["name"] for member in members) == ["Tom, who left", "박서연"]


def test_a_large_calendar_comes_in_in_parts_and_is_whole(server: MoimProcess) -> None:
    rows = "".join(
        f"BEGIN:VEVENT\r\nUID:e{n}\r\nSUMMARY:Event {n}\r\nDTSTART:20250101T100000Z\r\n"
        f"DESCRIPTION:{'x' * 200}\r\nEND:VEVENT\r\n"
        for n in range(5_000)
    )
    file = server.folder / "large.ics"
    file.write_text(f"BEGIN:VCALENDAR\r\n{rows}END:VCALENDAR\r\n")
    made = report(file, server.database)
    assert made["made"] == 5_000
    assert any("parts" in note for note in made["notes"])
    assert report(file, server.database)["unchanged"] == 5_000
    assert len(server.document(made["document"])["data"]["events"]) == 5_000


def test_what_is_exported_and_imported_elsewhere_is_the_same(tmp_path: Path) -> None:
    here, there = tmp_path / "here.db", tmp_path / "there.db"
    document = report(TEAM, here)["document"]
    out = tmp_path / "out.ics"
    assert moim("export", document, "--out", out, database=here).returncode == 0
    assert report(out, there)["document"] == document
    assert exported(document, there) == exported(document, here)
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out.ics"]


def test_an_export_of_what_is_not_there_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    assert moim("export", "workspace", database=missing).returncode == 2
    assert not missing.exists()
    database = tmp_path / "moim.db"
    report(BOARD, database)
    for words in (("calendar/none",), ("nonsense",), ("workspace", "--format", "ics")):
        done = moim("export", *words, database=database)
        assert (done.returncode, done.stdout) == (2, ""), words
    assert moim("export", "workspace", "--out", "/nowhere/x", database=database).returncode == 1


def test_a_holder_that_does_not_answer_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("moim.database_client.ANSWER_S", 1.0)
    database = tmp_path / "moim.db"
    report(TEAM, database)
    holder = subprocess.Popen(
        [*COMMAND[:1], "-c", _HOLD, str(database)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        code = main(["import", str(TEAM), "--db", str(database)])
    finally:
        holder.kill()
        holder.wait()
    assert code == 3
    assert str(holder.pid) in capsys.readouterr().err


_HOLD = """
import sys, time
from pathlib import Path
from moim_data.lock import FileLock
lock = FileLock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_two_imports_at_once_both_come_in(tmp_path: Path) -> None:
    database = tmp_path / "moim.db"
    running = [
        subprocess.Popen(
            [*COMMAND, "import", str(file), "--db", str(database)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": PYTHONPATH},
        )
        for file in (TEAM, BOARD, FIXTURES / "changed_series.ics")
    ]
    for one in running:
        _, errors = one.communicate(timeout=50)
        assert one.returncode == 0, errors
    workspace = exported("workspace", database)
    assert (len(workspace["calendars"]), len(workspace["projects"])) == (2, 1)


def test_a_dead_socket_of_another_program_is_no_door(tmp_path: Path) -> None:
    database = tmp_path / "moim.db"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "moim.db.sock"))
    assert report(TEAM, database)["made"] == 6
