"""`moim backup`, `restore` and `check` as a person runs them, beside a server and without one."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from client_documents import set_value, values, wait_until
from moim_process import COMMAND, PYTHONPATH, MoimProcess
from moim_sync.client import SyncClient

Serve = Callable[..., MoimProcess]
WAIT_S = 15.0
DOCUMENT = "open/notes"


def moim(*words: str | Path, database: Path) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end."""
    return subprocess.run(
        [*COMMAND, *map(str, words), "--db", str(database)],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
    )


def checked(database: Path) -> tuple[int, dict[str, Any]]:
    """Exit code and report of `moim check --json`."""
    done = moim("check", "--json", database=database)
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def server(serve: Serve) -> MoimProcess:
    return serve("--workers", "0")


def write(client: SyncClient, **pairs: object) -> None:
    shared = client.document(DOCUMENT, create=True)
    shared.wait_synced(WAIT_S)
    for key, value in pairs.items():
        set_value(shared, key, value)
    client.wait_saved(WAIT_S)


def test_a_backup_is_made_checked_and_restored_beside_a_running_server(
    server: MoimProcess,
) -> None:
    copy = server.folder / "copy.db"
    with SyncClient(server.url, outbox=None) as client:
        write(client, first="하나", second="둘")
        done = moim("backup", copy, database=server.database)
        assert done.returncode == 0, done.stderr
        assert "is sound" in done.stdout
        write(client, later="셋")
    assert checked(server.database)[0] == 0
    code, report = checked(copy)
    assert (code, report["sound"]) == (0, True)
    assert {one["document"] for one in report["documents"]} == {DOCUMENT, "workspace"}
    in_use = moim("restore", copy, database=server.database)
    assert in_use.returncode == 3
    assert server.process is not None
    assert str(server.process.pid) in in_use.stderr
    server.stop()
    assert moim("restore", copy, database=server.database).returncode == 0
    server.start()
    assert server.document(DOCUMENT)["data"]["data"] == {"first": "하나", "second": "둘"}
    assert len(list(server.folder.glob("moim.2*.db"))) == 1


def test_a_file_that_is_there_is_kept_without_force(server: MoimProcess) -> None:
    copy = server.folder / "copy.db"
    copy.write_text("precious")
    refused = moim("backup", copy, database=server.database)
    assert (refused.returncode, copy.read_text()) == (2, "precious")
    assert "--force" in refused.stderr
    assert moim("backup", "--force", copy, database=server.database).returncode == 0
    assert checked(copy)[0] == 0


def test_damage_ends_each_command_with_5_and_names_the_document(server: MoimProcess) -> None:
    with SyncClient(server.url, outbox=None) as client:
        write(client, first=1)
    server.stop()
    data = server.database.read_bytes()
    server.database.write_bytes(data.replace(b"first", b"fir5t"))
    copy = server.folder / "copy.db"
    for words in (("check",), ("backup", copy), ("restore", server.database)):
        database = server.folder / "other.db" if words[0] == "restore" else server.database
        done = moim(*words, database=database)
        assert done.returncode == 5, words
        assert DOCUMENT in done.stdout + done.stderr
    assert not copy.exists()
    assert not (server.folder / "other.db").exists()


@pytest.mark.parametrize("words", [("check",), ("backup", "copy.db"), ("restore", "none.db")])
def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = moim(*words, database=tmp_path / "moim.db")
    assert done.returncode == 2
    assert "does not exist" in done.stderr
    assert list(tmp_path.iterdir()) == []


def restore_earlier(server: MoimProcess, client: SyncClient) -> None:
    """Write, back up, write more, and put the backup back while the server is away."""
    write(client, before="kept")
    copy = server.folder / "copy.db"
    assert moim("backup", copy, database=server.database).returncode == 0
    write(client, after="undone by the restore", before="kept too long")
    server.stop()
    assert moim("restore", copy, database=server.database).returncode == 0


@pytest.mark.rule("S4")
def test_F9_F10_a_client_that_saw_later_numbers_gets_the_restored_state_and_its_edits_stay_aside(
    server: MoimProcess,
) -> None:
    with SyncClient(server.url, outbox=server.folder / "outbox.db") as client:
        shared = client.document(DOCUMENT, create=True)
        restore_earlier(server, client)
        set_value(shared, "unsent", "written while the server was away")
        set_value(shared, "before", "changed while the server was away")
        server.start()
        client.retry_now()
        wait_until(shared, lambda: values(shared) == {"before": "kept"} and shared.is_synced)
        assert shared.set_aside == 2, "the unsent edits can be taken out again"
        write(client, new="goes on")
        expected = {"before": "kept", "new": "goes on"}
        assert values(shared) == expected
    assert server.document(DOCUMENT)["data"]["data"] == expected
    with SyncClient(server.url, outbox=server.folder / "outbox.db") as again:
        assert again.document(DOCUMENT).set_aside == 2, "also after a restart of the program"


@pytest.mark.rule("S4")
def test_F9_a_client_that_saw_nothing_later_goes_on_and_nothing_is_doubled(
    server: MoimProcess,
) -> None:
    copy = server.folder / "copy.db"
    with SyncClient(server.url, outbox=None) as client:
        write(client, before="kept")
        assert moim("backup", copy, database=server.database).returncode == 0
        server.stop()
        assert moim("restore", copy, database=server.database).returncode == 0
        shared = client.document(DOCUMENT)
        set_value(shared, "unsent", "written while the server was away")
        server.start()
        client.retry_now()
        shared.wait_saved(WAIT_S)
        assert shared.set_aside == 0
    found = server.document(DOCUMENT)["data"]["data"]
    assert found == {"before": "kept", "unsent": "written while the server was away"}
