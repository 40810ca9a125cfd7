"""`moim serve` as a process: its start, its answers, its end."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from moim.bundle import require_bundle
from moim.cli import main
from moim.errors import BundleMissing
from moim_process import PYTHONPATH, MoimProcess, free_port

Serve = Callable[..., MoimProcess]
NO_WORKERS = ("--workers", "0")
WHAT_THE_HUB_IMPORTS = """
import os, signal, sys
from pathlib import Path
from moim.cli import load_sqlite_utils_alone
load_sqlite_utils_alone()
from moim.server import run_hub
from moim.settings import Settings
import asyncio, uvloop

def ready(url):
    heavy = [name for name in ("panel", "bokeh.models", "pandas") if name in sys.modules]
    print("loaded:", heavy, type(asyncio.get_running_loop()).__module__)
    os.kill(os.getpid(), signal.SIGTERM)

with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
    runner.run(run_hub(Settings(port=0, db=Path(sys.argv[1]), workers=0), ready))
print("ended")
"""


def test_health_answers_before_any_worker_is_warm_and_after_little_work(serve: Serve) -> None:
    server = serve("--demo")
    assert server.process is not None
    status, body = server.get("/healthz")
    worked_s = cpu_s(server.process.pid)
    assert (status, json.loads(body)["status"]) == (200, "ok")
    assert json.loads(body)["workers_ready"] == 0
    assert worked_s < 2.5  # of processor time, so that a busy machine makes no difference


def cpu_s(pid: int) -> float:
    """Processor time of a process so far, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_the_hub_loads_no_panel_and_runs_on_uvloop(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", WHAT_THE_HUB_IMPORTS, str(tmp_path / "moim.db")],
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines() == ["loaded: [] uvloop", "ended"]


def test_sigterm_ends_with_0_and_keeps_everything(serve: Serve) -> None:
    server = serve("--demo", *NO_WORKERS)
    before = server.document("project/launch")
    assert server.stop() == 0
    server.start()
    assert server.document("project/launch") == before


def test_the_demo_is_put_in_once(serve: Serve) -> None:
    server = serve("--demo", *NO_WORKERS)
    before = server.document("workspace")
    server.stop()
    server.start()
    assert server.document("workspace") == before
    assert before["data"]["projects"]["launch"]["name"] == "Launch 2.0"


@pytest.mark.parametrize("document", ["calendar/team", "page/home"])
def test_a_calendar_and_a_page_answer_like_every_document(serve: Serve, document: str) -> None:
    from moim.document_content import digest_of

    server = serve("--demo", *NO_WORKERS)
    answer = server.document(document)
    assert answer["digest"] == digest_of(answer["data"])
    assert (answer["seq"], len(answer["lineage"])) == (1, 32)
    assert answer["data"]["events" if document == "calendar/team" else "cells"]
    assert server.get("/api/" + document.replace("/", "/absent-"))[0] == 404


def test_without_the_demo_the_workspace_is_empty(serve: Serve) -> None:
    server = serve(*NO_WORKERS)
    assert server.document("workspace")["data"]["projects"] == {}
    assert server.get("/api/project/launch")[0] == 404


def test_a_second_server_on_a_file_ends_with_3_and_names_the_holder(serve: Serve) -> None:
    first = serve(*NO_WORKERS)
    second = serve(*NO_WORKERS, folder=first.folder, started=False)
    assert second.spawn().wait(20) == 3
    assert first.process is not None
    assert f"process {first.process.pid}" in second.text()


def test_a_taken_port_ends_with_4_and_names_the_flag(serve: Serve) -> None:
    server = serve(*NO_WORKERS, started=False)
    with socket.create_server(("127.0.0.1", server.port)):
        assert server.spawn().wait(20) == 4
    assert "--port" in server.text()
    assert "Traceback" not in server.text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serve", "--port", "x"], "--port"),
        (["serve", "--host", "0.0.0.0"], "--trust-network"),
        (["serve", "--origin", "moim.example"], "--origin"),
        (["serve", "--auth", "magic"], "--auth"),
        ([], "COMMAND"),
    ],
)
def test_a_wrong_command_line_ends_with_2_and_one_line(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code: object = main(arguments, {})
    except SystemExit as exit:
        code = exit.code
    assert code == 2
    assert words in capsys.readouterr().err


def test_an_address_this_machine_has_not_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["serve", "--host", "192.0.2.1", "--trust-network", "--port", str(free_port())]
    assert main([*arguments, "--db", str(tmp_path / "moim.db")], {}) == 2
    assert "192.0.2.1" in capsys.readouterr().err


def test_a_missing_bundle_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(BundleMissing, match="make frontend"):
        require_bundle(tmp_path)


def test_the_page_sets_a_guests_cookie_once_and_knows_it_after_a_restart(serve: Serve) -> None:
    server = serve("--demo", *NO_WORKERS)
    cookie = first_cookie(server)
    assert re.search(r"; HttpOnly", cookie)
    assert re.search(r"; SameSite=Lax", cookie)
    server.stop()
    server.start()
    value = cookie.split(";")[0]
    assert cookies_of(server, Cookie=value) == []


def first_cookie(server: MoimProcess) -> str:
    (cookie,) = cookies_of(server)
    assert cookie.startswith("moim_guest=")
    return cookie


def cookies_of(server: MoimProcess, **headers: str) -> list[str]:
    answer = ask(server, "/project/launch", **headers)
    return answer.headers.get_all("Set-Cookie") or []


def ask(server: MoimProcess, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_the_page_is_small_and_runs_no_inline_script(serve: Serve) -> None:
    server = serve(*NO_WORKERS)
    for path in ("/", "/project/launch", "/project/absent", "/calendar/team", "/page/home"):
        status, body = server.get(path)
        assert status == 200
        assert len(body) < 4000
        assert re.findall(rb"<script(?![^>]* src=)", body) == []
        policy = ask(server, path).headers["Content-Security-Policy"]
        assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {"Host": "evil.example"}, 403),
        ("/api/workspace", {"Origin": "https://evil.example"}, 403),
        ("/api/workspace", {"Origin": "null"}, 403),
        ("/panel/project/token?project=launch", {"Origin": "https://evil.example"}, 403),
        ("/api/project/absent", {}, 404),
        ("/api/project/..%2f..", {}, 404),
        ("/api/nonsense/x", {}, 404),
        ("/static/absent.js", {}, 404),
        ("/somewhere", {}, 404),
        ("/panel/project/token?project=..", {}, 400),
        ("/healthz", {"Host": "evil.example"}, 200),
        ("/metrics", {}, 200),
        ("/favicon.ico", {}, 200),
    ],
)
def test_an_address_answers_what_it_should(
    shared: MoimProcess, path: str, headers: dict[str, str], status: int
) -> None:
    assert ask(shared, path, **headers).status == status


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> object:
    with MoimProcess(tmp_path_factory.mktemp("shared"), free_port(), *NO_WORKERS) as server:
        yield server


def test_a_foreign_page_cannot_open_the_sync_socket(shared: MoimProcess) -> None:
    upgrade = {
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    for path in ("/sync", "/yjs/open/x"):
        for foreign in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
            assert ask(shared, path, **upgrade, **foreign).status == 403


def test_the_digest_is_that_of_the_data(serve: Serve) -> None:
    from moim.document_content import digest_of

    server = serve("--demo", *NO_WORKERS)
    answer = server.document("project/launch")
    assert answer["digest"] == digest_of(answer["data"])
    assert answer["seq"] == 1
    assert re.fullmatch("[0-9a-f]{32}", answer["lineage"])
    assert answer["data"]["cards"]["ln-118"]["title"] == "Offline outbox survives a closed tab"


def test_ctrl_c_ends_with_0(serve: Serve) -> None:
    server = serve(*NO_WORKERS)
    assert server.process is not None
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(15) == 0
