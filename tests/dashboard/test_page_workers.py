"""The page processes behind a real hub."""

import base64
import json
import os
import re
import signal
import socket
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from moim_process import MoimProcess, free_port

pytestmark = pytest.mark.timeout(120)
READY_S = 60.0


def until(done: Callable[[], bool], what: str, deadline_s: float = READY_S) -> None:
    ends_at = time.monotonic() + deadline_s
    while not done():
        assert time.monotonic() < ends_at, f"not within {deadline_s} s: {what}"
        time.sleep(0.05)


def pids(server: MoimProcess) -> dict[int, int]:
    """The newest process of each worker that said it was ready."""
    found = re.findall(r"page worker (\d+) \(pid (\d+)\) is ready", server.text(100_000))
    return {int(number): int(pid) for number, pid in found}


def ready(server: MoimProcess) -> int:
    count: int = json.loads(server.get("/healthz")[1])["workers_ready"]
    return count


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


class Sockets:
    """Where the workers of a server listen: in a folder whose path is short enough for that."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def of(self, number: int) -> str:
        (found,) = self.folder.glob(f"moim-*/{number}.sock")
        return str(found)


@pytest.fixture(scope="module")
def sockets() -> Iterator[Sockets]:
    with tempfile.TemporaryDirectory(prefix="m") as folder:
        yield Sockets(Path(folder))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, sockets: Sockets) -> Iterator[MoimProcess]:
    """A server with two workers, both ready."""
    folder = tmp_path_factory.mktemp("two")
    server = MoimProcess(folder, free_port(), "--demo", "--workers", "2")
    server._env["TMPDIR"] = str(sockets.folder)
    with server:
        until(lambda: ready(server) == 2, "two workers are ready")
        yield server


def token(server: MoimProcess) -> str:
    status, body = server.get("/panel/project/token?project=launch", timeout_s=30)
    assert status == 200
    found: str = json.loads(body)["token"]
    return found


def worker_in(token: str) -> int:
    payload = token.split(".")[0]
    decoded = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return int(re.match(r"w(\d+)-", decoded["session_id"])[1])  # type: ignore[index]


def token_of(server: MoimProcess, number: int) -> str:
    """Tokens go to the workers in turn."""
    return next(one for one in (token(server) for _ in range(4)) if worker_in(one) == number)


def open_session(server: MoimProcess, token: str, **headers: str) -> ClientConnection:
    """A Bokeh session as the page opens one, up to the server's ACK."""
    made = connect(
        f"ws://127.0.0.1:{server.port}/panel/project/ws",
        subprotocols=[Subprotocol("bokeh"), Subprotocol(token)],
        additional_headers=headers,
        open_timeout=20,
        max_size=None,
        legacy=True,
    )
    assert json.loads(made.recv(20))["msgtype"] == "ACK"
    made.recv(20)
    made.recv(20)
    return made


def asked(session: ClientConnection, message: str) -> dict[str, Any]:
    """The content of the answer to a message of Bokeh's protocol."""
    for part in (json.dumps({"msgid": "1", "msgtype": f"{message}-REQ"}), "{}", "{}"):
        session.send(part)
    while json.loads(session.recv(10)).get("msgtype") != f"{message}-REPLY":
        pass
    session.recv(10)
    content: dict[str, Any] = json.loads(session.recv(10))
    return content


def ids_in(value: Any) -> set[str]:
    """The ids of all models in a document as JSON."""
    if isinstance(value, list):
        return set().union(*map(ids_in, value))
    if not isinstance(value, dict):
        return set()
    own = {value["id"]} if isinstance(value.get("id"), str) else set()
    return own.union(*map(ids_in, value.values()))


def is_open(session: ClientConnection) -> bool:
    """Asks the worker something, and sees whether it answers."""
    try:
        asked(session, "SERVER-INFO")
    except ConnectionClosed:
        return False
    return True


def test_each_session_lives_in_the_worker_that_its_token_names(two: MoimProcess) -> None:
    zero = open_session(two, token_of(two, 0))
    one = open_session(two, token_of(two, 1))
    assert is_open(zero)
    assert is_open(one)
    killed = pids(two)[1]
    os.kill(killed, signal.SIGKILL)
    until(lambda: not is_open(one), "the session of the killed worker ends", 10)
    assert is_open(zero)
    until(lambda: pids(two)[1] != killed and ready(two) == 2, "another worker takes its place")
    assert is_open(zero)
    zero.close()


def test_sessions_of_two_workers_have_no_model_id_in_common(two: MoimProcess) -> None:
    """A page finds views by them; it may still hold those of a dead worker."""
    sessions = [open_session(two, token_of(two, number)) for number in (0, 1)]
    zero, one = (ids_in(asked(session, "PULL-DOC")) for session in sessions)
    assert min(len(zero), len(one)) > 10
    assert not zero & one
    for session in sessions:
        session.close()


def test_a_killed_worker_costs_no_sync_socket(two: MoimProcess) -> None:
    with connect(f"ws://127.0.0.1:{two.port}/yjs/open/beside", open_timeout=10) as beside:
        beside.recv(10)
        killed = pids(two)[0]
        os.kill(killed, signal.SIGKILL)
        until(lambda: is_gone(killed), "the worker is gone", 5)
        beside.send(bytes([0, 0, 1, 0]))  # SyncStep1 with an empty state vector
        assert beside.recv(5)
        until(lambda: pids(two)[0] != killed and ready(two) == 2, "another worker takes its place")


def test_a_worker_answers_nobody_but_the_hub(two: MoimProcess, sockets: Sockets) -> None:
    path = sockets.of(0)
    assert Path(path).parent.stat().st_mode & 0o777 == 0o700
    for head in ("", "X-Moim-Worker: guess\r\n"):
        with socket.socket(socket.AF_UNIX) as direct:
            direct.settimeout(10)
            direct.connect(path)
            direct.sendall(f"GET /panel/project HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
            assert direct.recv(64).startswith(b"HTTP/1.1 403")


def test_no_secret_of_ours_is_in_what_the_browser_gets(two: MoimProcess) -> None:
    status, page = two.get("/panel/project?project=launch", timeout_s=30)
    assert status == 200
    found = re.search(rb'"token":"([^"]+)"', page)
    assert found is not None
    payload = found[1].split(b".")[0]
    decoded = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    said = zlib.decompress(base64.urlsafe_b64decode(decoded["__bk__zlib_"] + "==="))
    assert b"Host" in said
    assert b"worker" not in said.lower()


def test_a_token_that_the_hub_did_not_make_opens_nothing(two: MoimProcess) -> None:
    good = token_of(two, 0)
    forged = good[:-4] + ("AAAA" if not good.endswith("AAAA") else "BBBB")
    with pytest.raises(ConnectionClosed):
        open_session(two, forged)


def test_a_foreign_page_opens_no_session(two: MoimProcess) -> None:
    from websockets.exceptions import InvalidStatus

    with pytest.raises(InvalidStatus) as refused:
        open_session(two, token(two), Origin="https://evil.example")
    assert refused.value.response.status_code == 403


def test_workers_end_with_their_hub_however_it_ends(tmp_path: Path) -> None:
    server = MoimProcess(tmp_path, free_port(), "--workers", "1")
    for end in (server.kill, server.stop):
        server.start()
        until(lambda: ready(server) == 1, "a worker is ready")
        pid = pids(server)[0]
        assert not is_gone(pid)
        end()
        until(lambda pid=pid: is_gone(pid), "the worker has ended", 10)  # type: ignore[misc]


def test_a_page_that_opens_before_its_worker_is_warm_waits_for_it(tmp_path: Path) -> None:
    with MoimProcess(tmp_path, free_port(), "--demo", "--workers", "1") as server:
        assert ready(server) == 0
        session = open_session(server, token(server))
        assert is_open(session)
        session.close()
