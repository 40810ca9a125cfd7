"""`moim feed`, beside a running server and without one; the examples of docs/feeds.md and
docs/watch.md.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from icalendar import Calendar

import moim
from dashboard.test_access_commands import PASSWORD, run
from dashboard.test_access_commands import moim as moim_command
from moim.cli import main
from moim_process import ROOT, MoimProcess
from watch_process import Program

Serve = Callable[..., MoimProcess]


def examples(page: str, language: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_the_example_of_the_feeds_page_runs(serve: Serve, with_moim: dict[str, str]) -> None:
    server = serve("--demo", "--workers", "0")
    ((shell,), (program,)) = (examples("feeds.md", language) for language in ("sh", "python"))
    shell = shell.replace("http://127.0.0.1:5006", server.url)
    subprocess.run(["sh", "-c", shell], cwd=server.folder, env=with_moim, check=True, timeout=60)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=server.folder,
        env={**with_moim, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
        timeout=60,
    )
    assert re.fullmatch(r"팀 일정 [1-9]\d* events", done.stdout.strip()), done.stdout


def test_the_example_of_the_watch_page_runs(serve: Serve, with_moim: dict[str, str]) -> None:
    server = serve("--demo", "--workers", "0")
    (program,) = examples("watch.md", "python")
    env = {**with_moim, "MOIM_URL": server.url}
    with Program([sys.executable, "-c", program], folder=server.folder, env=env) as running:
        running.said("watching project/launch")
        with moim.connect(server.url, outbox=None) as ws:
            card = next(iter(ws.project("launch").cards.values()))
            former, card.due = card.due, "2031-12-02"
            assert running.told() == f"{card.title} is due 2031-12-02, not {former}"
        assert running.ended() == 0


def test_feeds_are_made_listed_and_revoked_beside_a_server_and_without(serve: Serve) -> None:
    server = serve("--demo", "--auth", "password", "--workers", "0")
    folder = server.folder
    run(folder, "user", "add", "민지", "--role", "viewer", stdin=PASSWORD)
    address = run(
        folder, "feed", "add", "mine", "--for", "민지", "--label", "폰", "--url", "http://x/"
    )
    team = run(folder, "feed", "add", "calendar/team", "--for", "민지")
    path = address.removeprefix("http://x")
    assert re.fullmatch(r"/feeds/[\w-]{43}\.ics", path)
    assert server.get(path)[0] == 200
    status, body = server.get(team)
    assert (status, Calendar.from_ical(body)["X-WR-CALNAME"]) == (200, "팀 일정")
    nobodys = moim_command(folder, "feed", "add", "calendar/team")
    assert "--for" in nobodys.stderr
    assert server.get(nobodys.stdout.strip())[0] == 404
    told = json.loads(run(folder, "feed", "list", "--json"))
    assert [one["name"] for one in told] == ["민지", "민지", ""]
    assert told[0]["label"] == "폰"
    assert path[7:50] not in json.dumps(told)
    run(folder, "feed", "revoke", told[0]["id"])
    assert server.get(path)[0] == 404
    assert server.get(team)[0] == 200
    server.stop()
    lines = run(folder, "feed", "list").splitlines()
    assert re.fullmatch(r"[0-9a-f]{8}  calendar/team for 민지 since \d{4}-\d\d-\d\d", lines[0])
    assert run(folder, "feed", "revoke", told[1]["id"]).startswith("revoked ")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["feed", "add", "page/home"], "calendar/<id>"),
        (["feed", "add", "mine"], "--for"),
        (["feed", "add", "calendar/team", "--for", "Nobody"], "moim user list"),
        (["feed", "revoke", "beef"], "moim feed list"),
    ],
)
def test_what_does_not_fit_ends_with_2_and_one_line(
    tmp_path: Path, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    database = tmp_path / "moim.db"
    database.touch()
    assert main([*words, "--db", str(database)], {}) == 2
    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
