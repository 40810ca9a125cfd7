"""`moim user` and `moim token`, beside a running server and without one."""

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pycrdt
import pytest

from access_rig import Browser
from moim import connect as moim_connect
from moim.cli import main
from moim_data.lock import FileLock
from moim_process import COMMAND, PYTHONPATH, MoimProcess
from moim_sync.errors import ConnectionStopped, DocumentRefused
from moim_sync.messages import Perm, Push, Reject
from wire_client import WireClient

Serve = Callable[..., MoimProcess]
PASSWORD = "correct horse battery"
LAUNCH = "project/launch"


def moim(
    folder: Path, *words: str, stdin: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        input=stdin,
        env={**os.environ, "PYTHONPATH": PYTHONPATH, **(env or {})},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def run(folder: Path, *words: str, stdin: str = "") -> str:
    done = moim(folder, *words, stdin=stdin)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def token(folder: Path, name: str, *flags: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {run(folder, 'token', 'create', name, *flags)}"}


def test_accounts_are_made_and_listed_without_a_server(tmp_path: Path) -> None:
    assert run(tmp_path, "user", "add", "Minji", "--role", "owner", stdin=PASSWORD + "\n")
    assert run(tmp_path, "user", "add", "준호", stdin=PASSWORD) == "준호  editor"
    assert (tmp_path / "moim.db").exists()
    run(tmp_path, "user", "role", "준호", "viewer", "--document", LAUNCH)
    run(tmp_path, "user", "disable", "minji")
    listed = run(tmp_path, "user", "list")
    assert listed.splitlines() == ["Minji  owner, disabled", "준호  editor, project/launch: viewer"]
    assert run(tmp_path, "user", "role", "준호", "default", "--document", LAUNCH) == "준호  editor"
    assert run(tmp_path, "user", "enable", "Minji") == "Minji  owner"
    assert run(tmp_path, "user", "invite", "--url", "http://x/").startswith("http://x/invite/")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["user", "add", "Minji"], "password of 8"),
        (["user", "role", "Nobody", "viewer"], "moim user list"),
        (["user", "role", "Minji", "king"], "king"),
        (["user", "role", "Minji", "viewer", "--document", "x/y"], "x/y"),
        (["user", "role", "Minji", "default"], "--document"),
        (["user"], "WHAT"),
        (["token", "revoke", "beef"], "beef"),
        (["token", "create", "Minji", "--days", "-1"], "days"),
        (["user", "list", "--db", "absent.db"], "absent.db"),
    ],
)
def test_what_does_not_fit_ends_with_2_and_one_line(
    tmp_path: Path,
    words: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = tmp_path / "moim.db"
    database.touch()
    monkeypatch.setattr("moim.access.commands.read_password", lambda _: "short")
    if "--db" not in words and len(words) > 1:
        words = [*words, "--db", str(database)]
    try:
        code: object = main(words, {})
    except SystemExit as exit:
        code = exit.code
    said = capsys.readouterr().err
    assert code == 2, said
    assert told in said
    assert PASSWORD not in said


def test_a_file_that_somebody_holds_without_answering_ends_with_3(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("moim.access.ask_holder._ANSWER_S", 0.1)
    (tmp_path / "moim.db").touch()
    lock = FileLock(tmp_path / "moim.db")
    try:
        assert main(["user", "list", "--db", str(tmp_path / "moim.db")], {}) == 3
    finally:
        lock.close()
    assert str(os.getpid()) in capsys.readouterr().err


def test_flags_come_from_the_environment_as_well(tmp_path: Path) -> None:
    env = {"MOIM_DB": "other.db", "MOIM_ROLE": "viewer"}
    done = moim(tmp_path, "user", "add", "Minji", stdin=PASSWORD, env=env)
    assert done.stdout == "Minji  viewer\n"
    assert (tmp_path / "other.db").exists()


def test_a_password_is_no_word_of_the_command() -> None:
    from moim.cli import _parser

    def flags(parser: object) -> Sequence[str]:
        found: list[str] = []
        for action in parser._actions:  # type: ignore[attr-defined]
            found += [*action.option_strings, action.dest]
            for inner in getattr(action, "choices", None) or ():
                if hasattr(action.choices, "values"):
                    found += flags(action.choices[inner])
        return found

    named = [flag for flag in flags(_parser({})) if "pass" in flag]
    assert named == []


def test_neither_the_password_nor_its_hash_is_in_the_logs_or_process_lists(serve: Serve) -> None:
    server = serve("--auth", "password", "--workers", "0")
    command = subprocess.Popen(
        [*COMMAND, "user", "add", "Minji"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": PYTHONPATH},
        cwd=server.folder,
        text=True,
    )
    listed = Path(f"/proc/{command.pid}/cmdline").read_bytes()
    listed += Path(f"/proc/{command.pid}/environ").read_bytes()
    told, _ = command.communicate(PASSWORD, timeout=60)
    assert told == "Minji  editor\n"
    for secret in (PASSWORD, "argon2"):
        assert secret.encode() not in listed
        assert secret not in server.text()
        assert secret not in told


def test_a_command_changes_a_role_on_an_open_socket_within_a_second(serve: Serve) -> None:
    server = serve("--demo", "--auth", "password", "--workers", "0")
    assert "moim user add" in server.text()
    run(server.folder, "user", "add", "Vic", "--role", "viewer", stdin=PASSWORD)
    headers = token(server.folder, "Vic", "--write")
    doc: pycrdt.Doc[pycrdt.Map[str]] = pycrdt.Doc()
    with WireClient(server.url, b"v" * 16, headers=headers) as vic:
        vic.hello()
        granted = vic.subscribe(LAUNCH, doc)
        assert granted.role == "viewer"
        run(server.folder, "user", "role", "Vic", "editor")
        perm = vic.expect(Perm, timeout_s=1)  # after the command said that it is done
        assert (perm.channel, perm.code, perm.message) == (granted.channel, "role", "editor")
        before = doc.get_state()
        doc.get("info", type=pycrdt.Map)["description"] = "by an editor"
        vic.send(Push(granted.channel, 1, granted.seq, (), doc.get_update(before)))
        vic.acked(granted.channel, 1)
        run(server.folder, "user", "role", "Vic", "none", "--document", LAUNCH)
        assert vic.expect(Perm, timeout_s=1).message == "none"
        run(server.folder, "user", "disable", "Vic")
        assert vic.close_code(timeout_s=1) == 4401


def test_a_viewer_cannot_push_and_a_stranger_cannot_come_in(serve: Serve) -> None:
    server = serve("--demo", "--auth", "password", "--workers", "0")
    run(server.folder, "user", "add", "Vic", "--role", "viewer", stdin=PASSWORD)
    before = server_document(server, token(server.folder, "Vic"))
    doc: pycrdt.Doc[pycrdt.Map[str]] = pycrdt.Doc()
    with WireClient(server.url, b"s" * 16) as stranger:
        assert stranger.close_code() == 4401
    headers = token(server.folder, "Vic", "--write")
    with WireClient(server.url, b"v" * 16, headers=headers) as vic:
        vic.hello()
        granted = vic.subscribe(LAUNCH, doc)
        state = doc.get_state()
        doc.get("info", type=pycrdt.Map)["description"] = "forged"
        vic.push(granted.channel, 1, doc.get_update(state))
        reject = vic.expect(Reject)
        assert (reject.hard, reject.code) == (True, "role")
    assert server_document(server, headers) == before


def test_an_export_beside_a_server_with_passwords_needs_none(serve: Serve) -> None:
    server = serve("--demo", "--auth", "password", "--workers", "0")
    assert '"cards"' in run(server.folder, "export", LAUNCH)


def server_document(server: MoimProcess, headers: dict[str, str]) -> bytes:
    status, body = server.get(f"/api/{LAUNCH}", headers)
    assert status == 200
    return body


@pytest.mark.anyio
async def test_who_was_given_another_password_is_signed_out(serve: Serve) -> None:
    server = serve("--auth", "password", "--workers", "0")
    run(server.folder, "user", "add", "Minji", stdin=PASSWORD)
    browser = Browser(server.url)
    assert (await browser.sign_in("Minji", PASSWORD)).code == 303
    assert (await browser.ask("/api/workspace")).code == 200
    run(server.folder, "user", "password", "Minji", stdin="another password")
    assert (await browser.ask("/api/workspace")).code == 401
    assert (await Browser(server.url).sign_in("Minji", "another password")).code == 303


def test_a_notebook_works_with_a_token_on_what_it_is_for(serve: Serve, tmp_path: Path) -> None:
    server = serve("--demo", "--auth", "password", "--workers", "0")
    run(server.folder, "user", "add", "Minji", stdin=PASSWORD)
    secret = run(server.folder, "token", "create", "Minji", "--write", "--document", LAUNCH)
    with moim_connect(server.url, token=secret, outbox=tmp_path / "outbox.db") as ws:
        launch = ws.project("launch")
        launch.info.description = "from a notebook"
        launch.wait_saved()
        assert launch.document.role == "editor"
        assert ws.you is not None
        assert ws.you.name == "Minji"
        with pytest.raises(DocumentRefused, match="role"):
            ws.project("website")
    body = server_document(server, {"Authorization": f"Bearer {secret}"})
    assert b"from a notebook" in body
    with pytest.raises(ConnectionStopped, match="4401"):
        moim_connect(server.url, token="moim_wrong", outbox=None)
