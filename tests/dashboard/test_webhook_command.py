"""`moim webhook` beside a running server and without one, and the example of docs/webhooks.md."""

import asyncio
import io
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from tornado.web import RequestHandler

import moim
from dashboard.test_feed_commands import examples
from moim.cli import main
from moim_process import MoimProcess, free_port
from watch_process import Program
from webhook_rig import DEADLINE_S, LAUNCH, Receiver, verified

Serve = Callable[..., MoimProcess]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as made:
        yield made


def served(serve: Serve, port: int) -> MoimProcess:
    return serve("--demo", "--workers", "0", "--webhook-allow", f"127.0.0.1:{port}")


def run(folder: Path, *words: str) -> tuple[int, str, str]:
    """The command, in this process; gives exit code, stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(["webhook", *words, "--db", str(folder / "moim.db")], {})
    return code, out.getvalue().strip(), err.getvalue()


def done(folder: Path, *words: str) -> str:
    code, out, err = run(folder, *words)
    assert code == 0, err
    return out


def rename(server: MoimProcess, *names: str) -> None:
    """Renames a card, each time once the name before is on disk."""
    with moim.connect(server.url, outbox=None) as ws:
        card = next(iter(ws.project("launch").cards.values()))
        for name in names:
            card.title = name
            ws.wait_saved(DEADLINE_S)


async def hold(_: RequestHandler) -> None:
    """Answers nothing, as long as the sender waits."""
    await asyncio.sleep(600)


def titles(receiver: Receiver) -> list[str]:
    return [
        change["changes"]["title"]
        for body in receiver.bodies
        for change in body["data"].get("changes", ())
    ]


def test_changes_arrive_signed_in_order_and_after_a_kill_without_loss(
    serve: Serve, receiver: Receiver
) -> None:
    server = served(serve, receiver.port)
    secret = done(server.folder, "add", LAUNCH, receiver.url, "--events", "card")
    assert re.fullmatch(r"whsec_[\w+/]{43}=", secret)
    rename(server, "One")
    receiver.wait(lambda: titles(receiver) == ["One"])
    assert verified(secret, *receiver.requests[0])

    receiver.respond = hold
    rename(server, "Two")
    receiver.wait(lambda: titles(receiver)[-1] == "Two")
    rename(server, "Three", "Four")
    server.kill()
    receiver.respond = lambda handler: handler.set_status(204)
    server.start()
    receiver.wait(lambda: titles(receiver)[-1] == "Four")
    ids = [headers["webhook-id"] for headers, _ in receiver.requests]
    assert ids[1] == ids[2]
    assert list(dict(zip(ids, titles(receiver), strict=True)).values()) == ["One", "Two", "Four"]
    assert all(verified(secret, *request) for request in receiver.requests)
    versions = [body["data"]["version"] for body in receiver.bodies]
    assert versions == sorted(versions)


def test_webhooks_are_made_tried_and_removed_beside_a_server_and_without(
    serve: Serve, receiver: Receiver
) -> None:
    server = served(serve, receiver.port)
    folder = server.folder
    secret = done(folder, "add", LAUNCH, receiver.url, "--label", "<빌드>")
    (told,) = json.loads(done(folder, "list", "--json"))
    assert secret not in json.dumps(told)
    assert (told["document"], told["label"], told["off"]) == (LAUNCH, "<빌드>", "")
    id = told["id"]
    taken = done(folder, "test", id)
    message = receiver.requests[0][0]["webhook-id"]
    assert re.fullmatch(rf"{message}  \S+ \S+Z  attempt 1  \d+ ms  taken with 204", taken)
    newer = done(folder, "rotate", id, "--hours", "1")
    done(folder, "redeliver", id, message)
    assert receiver.requests[1][0]["webhook-id"] == message
    assert all(verified(one, *receiver.requests[1]) for one in (secret, newer))
    assert done(folder, "log", id).count(message) == 2
    numbers = server.get("/metrics")[1].decode()
    assert 'moim_webhook_attempts_total{outcome="delivered"} 2.0' in numbers
    assert "\nmoim_webhooks 1.0" in numbers

    done(folder, "add", LAUNCH, "http://127.0.0.1:1/")
    (_, refused) = json.loads(done(folder, "list", "--json"))
    code, _, error = run(folder, "test", refused["id"])
    assert code == 1
    assert "not public" in error

    server.stop()
    lines = done(folder, "list").splitlines()
    assert lines[0] == f"{id}  {LAUNCH} all -> {receiver.url} (<빌드>)  on"
    assert "when a server runs" in done(folder, "test", id)
    assert done(folder, "remove", refused["id"]).startswith("removed ")
    server.start()
    receiver.wait(lambda: len(receiver.requests) == 3)
    assert receiver.bodies[2]["type"] == "ping"


def test_the_example_of_the_webhooks_page_runs(serve: Serve, with_moim: dict[str, str]) -> None:
    port = free_port()
    server = served(serve, port)
    ((shell,), (program,)) = (
        [one.replace("9100", str(port)) for one in examples("webhooks.md", language)]
        for language in ("sh", "python")
    )
    subprocess.run(["sh", "-c", shell], cwd=server.folder, env=with_moim, check=True, timeout=60)
    command = [sys.executable, "-c", program]
    with Program(command, folder=server.folder, env=with_moim) as running:
        rename(server, "Signed")
        assert running.told().endswith("{'title': 'Signed'}")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["add", LAUNCH, "ftp://x"], "https://"),
        (["add", "page/home", "https://x.test/"], "project/<id>"),
        (["add", LAUNCH, "https://x.test/"], "there is no project/launch"),
        (["add", LAUNCH, "https://x.test/", "--events", "cards"], "expected some of"),
        (["add", LAUNCH, "https://x.test/", "--for", "Nobody"], "moim user list"),
        (["remove", "beef"], "moim webhook list"),
        (["log", "beef"], "moim webhook list"),
    ],
)
def test_what_does_not_fit_ends_with_2_and_one_line(
    tmp_path: Path, words: list[str], told: str
) -> None:
    (tmp_path / "moim.db").touch()
    code, _, error = run(tmp_path, *words)
    assert code == 2
    assert told in error
    assert error.count("\n") == 1
