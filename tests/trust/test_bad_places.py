"""Start-ups that cannot work: each says what to do, ends with its code, and loses nothing."""

import shutil
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pycrdt
import pytest

from moim_process import PYTHONPATH, ROOT, MoimProcess
from moim_sync.messages import Perm
from wire_client import WireClient

Serve = Callable[..., MoimProcess]
FILE_IN_USE, PORT_TAKEN = 3, 4


def ended(server: MoimProcess, deadline_s: float = 20) -> tuple[int, str]:
    """Starts a server that is expected to end by itself; gives its exit code and last words."""
    code = server.spawn().wait(deadline_s)
    return code, server.text()


def test_a_second_server_on_the_same_file_names_the_process_that_holds_it(serve: Serve) -> None:
    first = serve("--workers", "0")
    assert first.process is not None
    second = serve("--workers", "0", folder=first.folder, started=False)
    second.log = first.folder / "second.log"
    code, said = ended(second)
    assert code == FILE_IN_USE
    assert str(first.process.pid) in said
    assert first.get("/healthz")[0] == 200


def test_a_taken_port_is_named_with_a_way_out(serve: Serve) -> None:
    with socket.socket() as holder:
        server = serve("--workers", "0", started=False)
        holder.bind(("127.0.0.1", server.port))
        holder.listen()
        code, said = ended(server)
    assert code == PORT_TAKEN
    assert str(server.port) in said
    assert "--port" in said
    assert "Traceback" not in said


def test_a_file_that_is_no_database_is_named_and_left_as_it_was(serve: Serve) -> None:
    server = serve("--workers", "0", started=False)
    content = b"This is a shopping list, not a database.\n" * 200
    server.database.write_bytes(content)
    code, said = ended(server)
    assert code not in {0, FILE_IN_USE, PORT_TAKEN}
    assert str(server.database) in said
    assert "Traceback" not in said
    assert server.database.read_bytes() == content


def test_somebody_elses_database_is_not_written_into(serve: Serve) -> None:
    server = serve("--workers", "0", started=False)
    with sqlite3.connect(server.database) as db:
        db.execute("CREATE TABLE doc(recipe TEXT)")
        db.execute("INSERT INTO doc VALUES ('김치찌개')")
    db.close()
    code, said = ended(server)
    assert code not in {0, FILE_IN_USE, PORT_TAKEN}
    assert str(server.database) in said
    assert "Traceback" not in said
    with sqlite3.connect(server.database) as db:
        assert db.execute("SELECT recipe FROM doc").fetchall() == [("김치찌개",)]
    db.close()


def test_a_folder_that_is_not_there_is_named(serve: Serve) -> None:
    server = serve("--workers", "0", started=False)
    server._arguments += ["--db", str(server.folder / "nowhere" / "moim.db")]
    code, said = ended(server)
    assert code not in {0, FILE_IN_USE, PORT_TAKEN}
    assert "nowhere" in said
    assert "Traceback" not in said


def test_a_missing_bundle_is_named_with_the_command_that_builds_it(
    serve: Serve, tmp_path: Path
) -> None:
    without = tmp_path / "package"
    shutil.copytree(
        ROOT / "dashboard" / "moim", without / "moim", ignore=shutil.ignore_patterns("static")
    )
    server = serve("--workers", "0", started=False)
    server._env = server._env | {"PYTHONPATH": f"{without}:{PYTHONPATH}"}
    code, said = ended(server)
    assert code not in {0, FILE_IN_USE, PORT_TAKEN}
    assert "make frontend" in said
    assert "Traceback" not in said


def test_a_wrong_flag_is_a_usage_error(serve: Serve) -> None:
    code, said = ended(serve("--no-such-flag", started=False))
    assert code == 2
    assert "--no-such-flag" in said


def test_a_corrupt_document_is_called_corrupt_and_the_others_go_on(serve: Serve) -> None:
    server = serve("--workers", "0")
    with WireClient(server.url, b"r" * 16) as client:
        client.hello()
        for name in ("open/damaged", "open/whole"):
            doc: pycrdt.Doc[Any] = pycrdt.Doc()
            channel = client.subscribe(name, doc, create=True).channel
            doc.get("notes", type=pycrdt.Map)["한글"] = "🙂"
            client.push(channel, 1, doc.get_update())
            client.acked(channel, 1)
    server.kill()
    flip_a_bit(server.database, "open/damaged")
    server.start()
    with WireClient(server.url, b"s" * 16) as client:
        client.hello()
        assert client.refused("open/damaged").code == "corrupt"
    assert server.get("/api/open/damaged")[0] == 500
    assert server.document("open/whole")["data"]["notes"] == {"한글": "🙂"}


def flip_a_bit(database: Path, document: str) -> None:
    """Changes one bit of the first update of a document, as a failing disk would."""
    db = sqlite3.connect(database)
    with db:
        (row, seq, data) = db.execute(
            "SELECT upd.doc, seq, data FROM upd JOIN doc ON doc.id = upd.doc WHERE doc.name = ?",
            [document],
        ).fetchone()
        flipped = bytes([data[0] ^ 1]) + data[1:]
        db.execute("UPDATE upd SET data = ? WHERE doc = ? AND seq = ?", [flipped, row, seq])
    db.close()


def in_namespace(server: MoimProcess, mount: str) -> None:
    """Lets the server run behind mounts of its own, made by a shell script (`$0` is its folder)."""
    can = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "true"], check=False)
    assert can.returncode == 0, "this test mounts a small disk: it needs user namespaces"
    server._arguments = [
        *("unshare", "--user", "--map-root-user", "--mount"),
        *("sh", "-ec", f'{mount}; exec "$@"', str(server.folder), *server._arguments),
    ]


def test_a_folder_that_cannot_be_written_is_named(serve: Serve) -> None:
    server = serve("--workers", "0", started=False)
    in_namespace(server, 'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"')
    code, said = ended(server)
    assert code not in {0, FILE_IN_USE, PORT_TAKEN}
    assert str(server.folder) in said
    assert "Traceback" not in said


def test_a_database_that_cannot_be_written_is_named_and_left_as_it_was(serve: Serve) -> None:
    server = serve("--demo", "--workers", "0")
    assert server.stop() == 0
    before = server.database.read_bytes()
    in_namespace(server, 'mount --bind "$0" "$0"; mount -o remount,bind,ro "$0"')
    server.log.unlink()
    code, said = ended(server)
    assert code not in {0, FILE_IN_USE, PORT_TAKEN}
    assert str(server.database) in said
    assert "Traceback" not in said
    assert server.database.read_bytes() == before


class RoomyDisk:
    """A server on a small disk of its own (tmpfs in a mount namespace), filled and freed by us."""

    def __init__(self, server: MoimProcess, size_kb: int) -> None:
        self.server = server
        self.folder = server.folder / "disk"
        self.folder.mkdir()
        server.database = self.folder / "moim.db"
        server._arguments += ["--db", str(server.database)]
        in_namespace(server, f'mount -t tmpfs -o size={size_kb}k tmpfs "$0/disk"')

    @property
    def inside(self) -> Path:
        """The disk as the server sees it."""
        assert self.server.process is not None
        return Path(f"/proc/{self.server.process.pid}/root{self.folder}")

    def fill(self) -> None:
        with (self.inside / "filler").open("ab", buffering=0) as filler:
            for size in (65536, 4096, 1):
                try:
                    while True:
                        filler.write(b"\0" * size)
                except OSError:
                    continue

    def free(self) -> None:
        (self.inside / "filler").unlink()


@pytest.fixture
def disk(serve: Serve) -> RoomyDisk:
    made = RoomyDisk(serve("--workers", "0", started=False), size_kb=4096)
    made.server.start()
    return made


def test_on_a_full_disk_nothing_is_acknowledged_and_nothing_is_lost(disk: RoomyDisk) -> None:
    server = disk.server
    doc: pycrdt.Doc[Any] = pycrdt.Doc()
    notes = doc.get("notes", type=pycrdt.Map)
    with WireClient(server.url, b"r" * 16) as client:
        client.hello()
        channel = client.subscribe("open/full", doc, create=True).channel
        notes["before"] = "kept"
        client.push(channel, 1, doc.get_update())
        client.acked(channel, 1)
        disk.fill()
        before = doc.get_state()
        notes["during"] = "x" * 100_000
        client.push(channel, 2, doc.get_update(before))
        perm = wait_for_perm(client, "storage")
        assert perm.message
        assert b"during" not in server.get("/api/open/full")[1]
        disk.free()
        wait_for_perm(client, "ok", timeout_s=30)
        client.push(channel, 2, doc.get_update(before))
        client.acked(channel, 2, timeout_s=30)
    assert server.document("open/full")["data"]["notes"]["during"] == "x" * 100_000


def wait_for_perm(client: WireClient, code: str, timeout_s: float = 15) -> Perm:
    ends_at = time.monotonic() + timeout_s
    while True:
        perm = client.expect(Perm, ends_at - time.monotonic())
        if perm.code == code:
            return perm
